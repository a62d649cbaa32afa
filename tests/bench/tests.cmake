# The measuring programs; scripts/bench builds and runs them. A small run of each is a test of its
# own: the answers of the peers must be the same.
add_library(xw_bench STATIC tests/bench/measure.c)
target_include_directories(xw_bench PUBLIC tests/bench)
target_link_libraries(xw_bench PUBLIC xw_base)

add_executable(bench-locate tests/bench/bench_locate.c tests/bench/cover.c tests/bench/peer.c)
target_link_libraries(bench-locate PRIVATE xw_bench xw_snapshot ${GEOS_C})
add_test(NAME bench/locate COMMAND bench-locate --runs 1 --points 20000 --polygons 900)
