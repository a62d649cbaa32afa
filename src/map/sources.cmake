set(XW_SOURCES cells.c map.c map_check.c noder.c pixel.c)
