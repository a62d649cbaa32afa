set(XW_SOURCES digest.c input.c layers.c pages.c read.c read_grids.c read_land.c rows.c rtree.c schema.c sheets.c sql.c tables.c write.c)
