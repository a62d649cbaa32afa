# End to end: the real program, started and read from outside. scripts/test sets XIWANG to the release
# build with the page; alone, this tree's own program is used where that is enough.
add_executable(locate_oracle tests/e2e/locate_oracle.c)
target_link_libraries(locate_oracle PRIVATE xw_build PkgConfig::GDAL ${GEOS_C})

add_executable(cover_oracle tests/e2e/cover_oracle.c tests/e2e/cover_read.c)
target_link_libraries(cover_oracle PRIVATE xw_build PkgConfig::GDAL ${GEOS_C})

add_executable(change_town tests/e2e/change_town.c)
target_link_libraries(change_town PRIVATE xw_build xw_base PkgConfig::GDAL m)
add_executable(rebuild_oracle tests/e2e/rebuild_oracle.c)
target_link_libraries(rebuild_oracle PRIVATE xw_build PkgConfig::SQLITE3)

function(xw_e2e name)
  add_test(NAME e2e/${name} COMMAND ${ARGN})
  set_tests_properties(e2e/${name} PROPERTIES TIMEOUT 1800 SKIP_RETURN_CODE 77)
endfunction()

set(e2e ${PROJECT_SOURCE_DIR}/tests/e2e)
xw_e2e(serve ${e2e}/serve.sh $<TARGET_FILE:xiwang>)
add_executable(publish_as tests/e2e/publish_as.c)
target_link_libraries(publish_as PRIVATE xw_store xw_snapshot)
xw_e2e(time ${e2e}/time.sh $<TARGET_FILE:xiwang> $<TARGET_FILE:publish_as>)
add_executable(events_client tests/e2e/events_client.c)
target_link_libraries(events_client PRIVATE xw_build)
xw_e2e(events ${e2e}/events.sh $<TARGET_FILE:xiwang> $<TARGET_FILE:events_client>)
xw_e2e(page ${e2e}/page.sh)
xw_e2e(bad_input ${e2e}/bad_input.sh $<TARGET_FILE:xiwang>)
xw_e2e(report ${e2e}/report.sh $<TARGET_FILE:xiwang>)
xw_e2e(same_bytes ${e2e}/same_bytes.sh $<TARGET_FILE:xiwang>)

xw_e2e(cover_oracle ${e2e}/cover_oracle.sh $<TARGET_FILE:xiwang> $<TARGET_FILE:cover_oracle>)

function(xw_territory name)
  xw_e2e(territory/${name} ${e2e}/territory.sh $<TARGET_FILE:xiwang> $<TARGET_FILE:locate_oracle>
    $<TARGET_FILE:cover_oracle> ${ARGN})
endfunction()
xw_e2e(territory/sanitized ${CMAKE_COMMAND} -E env --unset=XIWANG ${e2e}/territory.sh
  $<TARGET_FILE:xiwang> $<TARGET_FILE:locate_oracle> $<TARGET_FILE:cover_oracle> sample:300)
xw_territory(sample-1000 sample:1000)
xw_territory(sample-20000 sample:20000)
xw_territory(liechtenstein liechtenstein --osm DATA/liechtenstein/liechtenstein-2024.osm.pbf
  --division-level 8)
xw_territory(guixi guixi --osm DATA/china/jiangxi-guixi.osm.pbf)
xw_territory(xuanwu xuanwu --osm DATA/china/nanjing-xuanwu.osm.pbf)
xw_territory(cambridge cambridge --buildings DATA/cambridge/parcels_dwellings.geojson
  --households dwellings --roads DATA/cambridge/TRANS_Centerlines.geojson
  --divisions DATA/cambridge/BOUNDARY_CDDNeighborhoods.geojson)
xw_territory(new-york large:new-york --buildings DATA/nyc/buildings.geojsonl.gz
  --roads DATA/nyc/roads.geojsonl.gz --config one-division.ini)
xw_e2e(rebuild ${e2e}/rebuild.sh $<TARGET_FILE:xiwang> $<TARGET_FILE:change_town>
  $<TARGET_FILE:rebuild_oracle>)
