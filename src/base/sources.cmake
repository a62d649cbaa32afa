set(XW_SOURCES buf.c digits.c file.c job.c json.c radix.c status.c strings.c when.c)
