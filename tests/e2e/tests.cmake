# End to end: the real program, started and read from outside.
add_test(NAME e2e/serve COMMAND ${PROJECT_SOURCE_DIR}/tests/e2e/serve.sh $<TARGET_FILE:xiwang>)
set_tests_properties(e2e/serve PROPERTIES TIMEOUT 600)
add_test(NAME e2e/bad_input COMMAND ${PROJECT_SOURCE_DIR}/tests/e2e/bad_input.sh $<TARGET_FILE:xiwang>)
set_tests_properties(e2e/bad_input PROPERTIES TIMEOUT 900)
