set(XW_SOURCES buf.c job.c json.c status.c strings.c)
