#!/usr/bin/env bash
# The oracle of the coverage bites: a good store passes, and the same store with one vertex moved by
# one lattice unit, a plot dropped, a plot moved or a building moved does not.
#   cover_oracle.sh PROGRAM COVER_ORACLE
set -euo pipefail
xiwang=$(readlink -f "${XIWANG:-$1}") cover=$(readlink -f "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"$xiwang" sample --households 300 --seed "${XW_SEED:-1}" -o in.gpkg
args=()
for role in roads water rail buildings divisions addresses; do args+=("--$role" "in.gpkg:$role"); done
"$xiwang" build "${args[@]}" -o t.gpkg >/dev/null
given=(--footprints in.gpkg:buildings --id building_id --divisions in.gpkg:divisions --level village)
"$cover" t.gpkg "${given[@]}"
bites() { # HOW "what it must say"
  local status=0
  cp t.gpkg spoiled.gpkg
  "$cover" --spoil "$1" spoiled.gpkg
  "$cover" spoiled.gpkg "${given[@]}" >said.txt 2>&1 || status=$?
  [ "$status" = 1 ] || { cat said.txt; echo "$1: exit $status, not 1"; exit 1; }
  grep -q "$2" said.txt || { cat said.txt; echo "$1: does not say \"$2\""; exit 1; }
}
bites vertex "division differs from its plots\|plots add up to"
bites drop "division differs from its plots"
bites drop "has no plot"
bites plot "overlaps plot"
bites building "is not inside its plot"
