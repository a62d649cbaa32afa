foreach(name IN ITEMS snapshot answer)
  xw_test(snapshot ${name})
  target_include_directories(test_snapshot_${name} PRIVATE src/snapshot)
endforeach()

foreach(name IN ITEMS tile tile_borders)
  xw_test(snapshot ${name})
  target_sources(test_snapshot_${name} PRIVATE tests/snapshot/tile_scene.c
    tests/snapshot/tile_town.c tests/tiles/mvt_decode.c)
endforeach()

if(XW_FUZZ) # clang
  add_executable(fuzz_snapshot tests/fuzz/fuzz_snapshot.c)
  target_include_directories(fuzz_snapshot PRIVATE src)
  target_link_libraries(fuzz_snapshot PRIVATE xw_snapshot)
  target_link_options(fuzz_snapshot PRIVATE -fsanitize=fuzzer)
endif()
