# The page's files are packed into the program by a tool of the build. Without XW_WEB that is one plain
# page which says what is served. src/web/web.cmake sets XW_WEB_DIST, a folder whose index.html is made
# last.
add_executable(xw_embed src/http/embed.c)
target_link_libraries(xw_embed PRIVATE xw_build PkgConfig::LIBDEFLATE)

set(XW_PAGE ${PROJECT_SOURCE_DIR}/src/http/plain)
set(XW_PAGE_DEPENDS ${XW_PAGE}/index.html)
if(XW_WEB)
  include(${PROJECT_SOURCE_DIR}/src/web/web.cmake)
  set(XW_PAGE ${XW_WEB_DIST})
  set(XW_PAGE_DEPENDS ${XW_WEB_DIST}/index.html)
endif()
set(XW_STYLE ${PROJECT_SOURCE_DIR}/tiles/style.json)
set(XW_STYLE_ARGS "")
if(EXISTS ${XW_STYLE})
  set(XW_STYLE_ARGS -f /style.json ${XW_STYLE})
  list(APPEND XW_PAGE_DEPENDS ${XW_STYLE})
endif()

set(XW_ASSETS ${PROJECT_BINARY_DIR}/assets_data.c)
add_custom_command(OUTPUT ${XW_ASSETS}
  COMMAND xw_embed ${XW_ASSETS} ${XW_PAGE} ${XW_STYLE_ARGS}
  DEPENDS xw_embed ${XW_PAGE_DEPENDS}
  COMMENT "Packing the page" VERBATIM)
target_sources(xw_http PRIVATE ${XW_ASSETS})
