set(XW_SOURCES chapter.c open.c scan.c timeline.c watch.c)
