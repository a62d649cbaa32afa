xw_test(grids aggregate)
xw_test(grids grids)
xw_test(grids check)
target_sources(test_grids_check PRIVATE tests/support/block_town.c)
target_sources(test_grids_grids PRIVATE tests/support/block_town.c)

# Groups a graph file, for measuring.
add_executable(aggregate-graph tests/bench/aggregate_graph.c)
target_link_libraries(aggregate-graph PRIVATE xw_grids PkgConfig::JANSSON)
xw_test(grids table)
xw_test(grids rules)
target_sources(test_grids_rules PRIVATE tests/support/block_town.c)
