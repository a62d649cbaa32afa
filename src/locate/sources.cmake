set(XW_SOURCES build.c find.c near.c)
