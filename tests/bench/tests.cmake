# The measuring programs; scripts/bench builds and runs them. A small run of each is a test of its
# own: the answers of the peers must be the same.
add_library(xw_bench STATIC tests/bench/measure.c)
target_include_directories(xw_bench PUBLIC tests/bench)
target_link_libraries(xw_bench PUBLIC xw_base)

add_executable(bench-locate tests/bench/bench_locate.c tests/bench/cover.c tests/bench/oracle.c
  tests/bench/peer.c tests/bench/postgis.c)
target_link_libraries(bench-locate PRIVATE xw_bench xw_snapshot ${GEOS_C})
pkg_check_modules(LIBPQ IMPORTED_TARGET libpq)
if(TARGET PkgConfig::LIBPQ)
  target_compile_definitions(bench-locate PRIVATE BENCH_LIBPQ)
  target_link_libraries(bench-locate PRIVATE PkgConfig::LIBPQ)
endif()
add_test(NAME bench/locate COMMAND bench-locate --runs 1 --points 20000 --polygons 900
  --polygons 2500 --exact 50000)

add_executable(bench-noding tests/bench/bench_noding.c)
target_link_libraries(bench-noding PRIVATE xw_bench xw_import xw_map ${GEOS_C})
add_test(NAME bench/noding COMMAND bench-noding --runs 1 --households 300)

add_executable(bench-build tests/bench/bench_build.c)
target_link_libraries(bench-build PRIVATE xw_bench xw_store PkgConfig::JANSSON)

add_executable(bench-tiles tests/bench/bench_tiles.c)
target_link_libraries(bench-tiles PRIVATE xw_bench xw_snapshot xw_store)

add_executable(bench-plots tests/bench/bench_plots.c tests/bench/bisector.c
  tests/bench/tessellation.c tests/bench/voronoi_peer.c)
target_link_libraries(bench-plots PRIVATE xw_bench xw_import xw_plots xw_store PkgConfig::GDAL ${GEOS_C})
add_test(NAME bench/plots COMMAND bench-plots --runs 1 --worst 3 --peer 100 -- sample --sample 300)

add_executable(bench-edit tests/bench/bench_edit.c)
target_link_libraries(bench-edit PRIVATE xw_bench xw_import xw_plots)
add_test(NAME bench/edit COMMAND bench-edit --name sample --households 300 --edits 40 --applies 3)

add_executable(bench-address tests/bench/bench_address.c)
target_link_libraries(bench-address PRIVATE xw_bench xw_address)

add_executable(bench-http tests/bench/bench_http.c)
target_link_libraries(bench-http PRIVATE xw_bench xw_http)

add_executable(bench-answer tests/bench/bench_answer.c)
target_link_libraries(bench-answer PRIVATE xw_bench xw_timeline)

add_custom_target(bench-programs DEPENDS bench-address bench-answer bench-build bench-edit bench-http
  bench-locate bench-noding bench-plots bench-tiles)
