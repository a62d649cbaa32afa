xw_test(tiles mercator)
xw_test(tiles clip)
xw_test(tiles mvt)
target_sources(test_tiles_mvt PRIVATE tests/tiles/mvt_decode.c)
xw_test(tiles archive LIBS PkgConfig::SQLITE3 PkgConfig::LIBDEFLATE)

if(XW_FUZZ) # clang
  add_executable(fuzz_mvt tests/fuzz/fuzz_mvt.c tests/tiles/mvt_decode.c)
  target_include_directories(fuzz_mvt PRIVATE tests)
  target_link_libraries(fuzz_mvt PRIVATE xw_tiles)
  target_link_options(fuzz_mvt PRIVATE -fsanitize=fuzzer)
endif()
