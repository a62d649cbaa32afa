# What the scripts see: the style of the sources, the direction of the layers, and that a wrong
# direction is really seen.
add_test(NAME style/style COMMAND ${PROJECT_SOURCE_DIR}/scripts/check-style)
add_test(NAME style/layers COMMAND ${PROJECT_SOURCE_DIR}/scripts/check-layers)
add_test(NAME style/wrong COMMAND ${PROJECT_SOURCE_DIR}/tests/style/wrong.sh)
# Two files with a function of one name link without a word when both are in static libraries.
add_test(NAME style/symbols COMMAND ${PROJECT_SOURCE_DIR}/tests/style/symbols.sh ${CMAKE_BINARY_DIR})
