#!/usr/bin/env bash
# check-layers and check-style must fail on what they are there for: each fault is planted alone into a
# copy of the tree and has to be named.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
count=0

copy() { # a fresh copy of what the scripts look at
  rm -rf "$work/tree"
  mkdir "$work/tree"
  (cd "$here" && tar -cf - --exclude=src/web CMakeLists.txt .clang-format scripts src include tests) |
    tar -xf - -C "$work/tree"
}
# refused SCRIPT WORD…: it fails and names each word.
refused() {
  local script=$1 word
  shift
  count=$((count + 1))
  if "$work/tree/scripts/$script" >"$work/said" 2>&1; then
    echo "FAIL: $script does not see: $*" >&2
    failed=1
  fi
  for word in "$@"; do
    grep -qF -- "$word" "$work/said" || { echo "FAIL: $script does not name \"$word\":"; head -5 "$work/said"; failed=1; } >&2
  done
}
plant() { # FILE TEXT: a line before the first
  sed -i "1i $2" "$work/tree/$1"
}

copy
"$work/tree/scripts/check-layers" || { echo "FAIL: the tree itself" >&2; exit 1; }

plant src/geo/ring.c '#include "xiwang/map.h"' # upwards
refused check-layers src/geo/ring.c 'geo may not use map.h'
copy
plant src/base/buf.c '#include "xiwang/cli.h"' # from the bottom to the top
refused check-layers src/base/buf.c 'base may not use cli.h'
copy
plant src/locate/find.c '#include "xiwang/tile.h"' # sideways
refused check-layers src/locate/find.c 'locate may not use'
copy
plant include/xiwang/ring.h '#include "xiwang/model.h"' # in a public header
refused check-layers include/xiwang/ring.h 'geo may not use model.h'
copy
sed -i 's/^xw_layer(base)/xw_layer(base USES cli)/' "$work/tree/CMakeLists.txt"
refused check-layers circle
copy
printf '/** Nobody is the owner. */\n' >"$work/tree/include/xiwang/orphan.h"
refused check-layers include/xiwang/orphan.h

# For the style two layers are enough.
style_copy() {
  copy
  (cd "$work/tree" && rm -rf tests src/[!gm]* src/grids && mkdir tests)
}
style_copy
sed -i '$a void worse(char *to, const char *from);\nvoid worse(char *to, const char *from) { strcpy(to, from); }' \
  "$work/tree/src/geo/ring.c"
refused check-style 'banned functions' src/geo/ring.c
style_copy
sed -i '$a void end(void);\nvoid end(void) { abort(); }' "$work/tree/src/geo/ring.c"
refused check-style 'exit or abort' src/geo/ring.c
style_copy
sed -i '$a double now(void);\ndouble now(void) { return (double)time(NULL); }' "$work/tree/src/map/map.c"
refused check-style 'no clock' src/map/map.c
style_copy
for _ in $(seq 500); do echo '/* one more line */'; done >>"$work/tree/src/geo/ring.c"
refused check-style src/geo/ring.c 'more than 500'
style_copy
sed -i '$a /* TO''DO: the other half */' "$work/tree/src/geo/ring.c"
refused check-style 'left open' src/geo/ring.c
if command -v clang-format >/dev/null; then
  style_copy
  sed -i '$a int   wide( void );' "$work/tree/src/geo/ring.c"
  refused check-style 'clang-format' src/geo/ring.c
fi
[ "$failed" = 0 ] && echo "$count faults seen"
exit "$failed"
