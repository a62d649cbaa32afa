foreach(name IN ITEMS store damage)
  xw_test(store ${name} LIBS PkgConfig::SQLITE3)
  target_sources(test_store_${name} PRIVATE tests/store/place.c)
endforeach()
xw_test(store rtree LIBS PkgConfig::SQLITE3)
target_include_directories(test_store_rtree PRIVATE src/store)

if(XW_FUZZ) # clang
  add_executable(fuzz_store tests/fuzz/fuzz_store.c tests/support/toy_model.c)
  target_include_directories(fuzz_store PRIVATE tests)
  target_link_libraries(fuzz_store PRIVATE xw_store PkgConfig::SQLITE3)
  target_link_options(fuzz_store PRIVATE -fsanitize=fuzzer)
endif()
