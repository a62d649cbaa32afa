xw_test(geo simplify)
xw_test(geo crs)
target_compile_definitions(test_geo_crs PRIVATE XW_TEST_SHARED="${PROJECT_SOURCE_DIR}/../shared")
xw_test(geo wkb)
