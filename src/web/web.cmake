# The map page: src/web -> src/web/dist. Include it from the top; whoever embeds the page depends on the
# target xw_web_dist and reads the files below XW_WEB_DIST (their names carry hashes: list the folder
# when building, not when configuring).
set(XW_WEB_DIR ${CMAKE_CURRENT_LIST_DIR})
set(XW_WEB_DIST ${XW_WEB_DIR}/dist)

find_program(XW_NODE NAMES node nodejs)
find_program(XW_NPM npm)
if(NOT XW_NODE OR NOT XW_NPM)
  message(FATAL_ERROR "the map page needs node and npm (Debian: nodejs npm); -DXW_WEB=OFF builds without it")
endif()

# The libraries, again only when the lock changed: npm ci writes this file last.
set(XW_WEB_MODULES ${XW_WEB_DIR}/node_modules/.package-lock.json)
add_custom_command(
  OUTPUT ${XW_WEB_MODULES}
  COMMAND ${XW_NPM} ci --ignore-scripts --no-audit --no-fund --loglevel=error
  COMMAND ${CMAKE_COMMAND} -E touch ${XW_WEB_MODULES}
  DEPENDS ${XW_WEB_DIR}/package.json ${XW_WEB_DIR}/package-lock.json
  WORKING_DIRECTORY ${XW_WEB_DIR}
  COMMENT "Installing the page's libraries"
  VERBATIM)

set(XW_WEB_SOURCES
  index.html card.css narrow.css style.css tools.css tsconfig.json vite.config.ts
  src/api.ts src/app.ts src/card.ts src/dom.ts src/hash.ts src/i18n.ts src/icon.svg src/inside.ts
  src/main.ts src/palette.ts src/roads.ts src/search.ts src/style.ts src/toast.ts src/tools.ts)
list(TRANSFORM XW_WEB_SOURCES PREPEND ${XW_WEB_DIR}/)

add_custom_command(
  OUTPUT ${XW_WEB_DIST}/index.html
  COMMAND ${XW_NPM} run --silent build -- --logLevel warn
  COMMAND ${CMAKE_COMMAND} -E touch ${XW_WEB_DIST}/index.html
  DEPENDS ${XW_WEB_MODULES} ${XW_WEB_SOURCES}
  WORKING_DIRECTORY ${XW_WEB_DIR}
  COMMENT "Building the map page"
  VERBATIM)
add_custom_target(xw_web_dist DEPENDS ${XW_WEB_DIST}/index.html)
