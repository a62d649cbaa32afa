xw_test(locate locate)
target_sources(test_locate_locate PRIVATE tests/locate/scene.c)

if(XW_FUZZ) # clang
  add_executable(fuzz_locator tests/fuzz/fuzz_locator.c)
  target_link_libraries(fuzz_locator PRIVATE xw_locate)
  target_link_options(fuzz_locator PRIVATE -fsanitize=fuzzer)
endif()
