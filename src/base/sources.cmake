set(XW_SOURCES buf.c file.c job.c json.c radix.c status.c strings.c when.c)
