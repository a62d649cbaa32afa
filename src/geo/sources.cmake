set(XW_SOURCES lattice.c ring.c territory.c)
