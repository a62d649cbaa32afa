set(XW_SOURCES crs.c gcj.c lattice.c ring.c territory.c wkb.c)
