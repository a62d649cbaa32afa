xw_test(import osm LIBS PkgConfig::GDAL)
target_compile_definitions(test_import_osm PRIVATE XW_TEST_SHARED="${PROJECT_SOURCE_DIR}/../shared")
xw_test(import layers LIBS PkgConfig::GDAL)
xw_test(import buildings LIBS PkgConfig::GDAL ${GEOS_C})
