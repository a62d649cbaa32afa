set(XW_SOURCES build.c check.c common.c config.c export.c locate.c main.c sample.c serve.c tiles.c)
