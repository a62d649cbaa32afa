xw_test(plots delaunay)
target_include_directories(test_plots_delaunay PRIVATE src)
xw_test(plots plots LIBS ${GEOS_C})
target_sources(test_plots_plots PRIVATE tests/plots/scenes.c)
