set(XW_SOURCES digest.c layers.c read.c read_grids.c read_land.c rows.c rtree.c schema.c sql.c tables.c write.c)
