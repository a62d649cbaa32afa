xw_test(map map LIBS ${GEOS_C})
