# The unit tests, one program a module; each folder lists its own in tests.cmake.
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
add_library(xw_test_support STATIC tests/support/fail_alloc.c tests/support/toy_model.c
  tests/support/same_model.c)
target_include_directories(xw_test_support PUBLIC tests)
target_link_libraries(xw_test_support PUBLIC xw_build PkgConfig::CMOCKA)
target_link_options(xw_test_support INTERFACE -Wl,-u,fail_alloc_at
  -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)

# xw_test(<layer> <name> [LIBS <targets>]): tests/<layer>/test_<name>.c against the layer.
function(xw_test layer name)
  cmake_parse_arguments(T "" "" "LIBS" ${ARGN})
  add_executable(test_${layer}_${name} tests/${layer}/test_${name}.c)
  target_link_libraries(test_${layer}_${name} PRIVATE xw_test_support xw_${layer} ${T_LIBS})
  add_test(NAME ${layer}/${name} COMMAND test_${layer}_${name})
  set_tests_properties(${layer}/${name} PROPERTIES TIMEOUT 900)
endfunction()

file(GLOB lists CONFIGURE_DEPENDS tests/*/tests.cmake)
foreach(list IN LISTS lists)
  include(${list})
endforeach()

# Each public header compiles alone.
file(GLOB headers RELATIVE ${PROJECT_SOURCE_DIR}/include CONFIGURE_DEPENDS include/xiwang/*.h)
foreach(header IN LISTS headers)
  string(MAKE_C_IDENTIFIER ${header} id)
  file(CONFIGURE OUTPUT headers/${id}.c CONTENT "#include \"${header}\"\nextern int ${id};\nint ${id};\n")
  list(APPEND header_sources ${CMAKE_CURRENT_BINARY_DIR}/headers/${id}.c)
endforeach()
add_library(xw_headers_alone OBJECT ${header_sources})
target_link_libraries(xw_headers_alone PRIVATE xw_build)
