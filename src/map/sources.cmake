set(XW_SOURCES map.c map_check.c noder.c pixel.c)
