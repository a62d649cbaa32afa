foreach(name IN ITEMS snapshot answer answer_around)
  xw_test(snapshot ${name})
  target_include_directories(test_snapshot_${name} PRIVATE src/snapshot)
endforeach()

foreach(name IN ITEMS tile tile_borders)
  xw_test(snapshot ${name} LIBS ${GEOS_C})
  target_sources(test_snapshot_${name} PRIVATE tests/snapshot/tile_scene.c
    tests/snapshot/tile_town.c tests/tiles/mvt_decode.c tests/tiles/valid.c)
endforeach()

xw_test(snapshot picture LIBS PkgConfig::GDAL) # its XML reader
