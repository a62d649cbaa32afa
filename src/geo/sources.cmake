set(XW_SOURCES cells.c crs.c finding.c gcj.c lattice.c ring.c simplify.c territory.c wkb.c)
