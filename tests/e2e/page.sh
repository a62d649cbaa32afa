#!/usr/bin/env bash
# The map page in a real browser against the real server over a made-up town.
#   page.sh     XIWANG names a program built with the page; without it the test is skipped
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
[ -n "${XIWANG:-}" ] || { echo "SKIP: XIWANG is not set (scripts/test sets it)"; exit 77; }
work=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
cd "$work"
"$XIWANG" sample --households 1000 --seed 3 -o town.gpkg
args=()
for role in roads water rail buildings divisions addresses; do args+=("--$role" "town.gpkg:$role"); done
"$XIWANG" build "${args[@]}" -o store.gpkg
"$XIWANG" serve store.gpkg --listen 127.0.0.1:0 >url.txt &
server=$!
for _ in $(seq 200); do [ -s url.txt ] && break; sleep 0.05; done
url=$(cat url.txt)
# A place where people live: the first unit with households.
at=$(node --input-type=module -e '
  const r = await fetch(process.argv[1] + "collections/units/items?limit=1000");
  const unit = (await r.json()).features.find((f) => f.properties.households > 0);
  console.log(unit.geometry.coordinates.join(","));' "$url")
cd "$here/src/web"
[ -d node_modules/playwright-core ] || npm ci --no-audit --no-fund >"$work/npm.txt"
XW_URL=$url XW_AT=$at XW_SHOTS=${XW_SHOTS:-$work} timeout 1500 npm test
