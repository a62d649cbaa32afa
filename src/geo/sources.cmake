set(XW_SOURCES cells.c crs.c gcj.c lattice.c ring.c simplify.c territory.c wkb.c)
