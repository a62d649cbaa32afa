set(XW_SOURCES band.c build.c engine_avx2.c engine_scalar.c engine_sse2.c find.c leaf.c lists.c near.c nearest.c verify.c)
