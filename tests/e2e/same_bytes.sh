#!/usr/bin/env bash
# The same input gives the same bytes: built with one thread and with two, and, when XIWANG_OTHER names
# the program of another compiler, by that one too.
#   same_bytes.sh PROGRAM     the environment's XIWANG goes before PROGRAM
# Compared are the made-up input, the snapshot, and what is exported from the store. The moment of
# publication, and the digest over it, are the only bytes of a snapshot that a clock decides: they are
# masked, nothing else.
set -euo pipefail
xiwang=$(readlink -f "${XIWANG:-$1}")
other=${XIWANG_OTHER:+$(readlink -f "$XIWANG_OTHER")}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failed=0
count=0

run() { # PROGRAM NAME THREADS
  local program=$1 name=$2 role level args=()
  mkdir "$name"
  "$program" sample --households "${XW_HOUSEHOLDS:-3000}" --seed "${XW_SEED:-1}" -o "$name/in.gpkg" >/dev/null
  for role in roads water rail buildings divisions addresses; do args+=("--$role" "$name/in.gpkg:$role"); done
  "$program" build "${args[@]}" --threads "$3" --effective 2026-01-01T00:00:00Z -o "$name/t.gpkg" >/dev/null
  for level in zone section team plot unit building edge division graph; do
    "$program" export "$name/t.gpkg" --what $level -o "$name/$level.json" >/dev/null
  done
  masked "$name/t.gpkg.snapshot" >"$name/snapshot"
}

# The digest is 8 bytes from byte 24 on; it covers the one text that looks like now.
masked() {
  { head -c 24 "$1"; printf '\0\0\0\0\0\0\0\0'; tail -c +33 "$1"; } |
    LC_ALL=C sed -E 's/\x0020[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]Z\x00/\x00published-at-a-time-\x00/g'
}

same() { # NAME NAME FILE…
  local a=$1 b=$2 file
  shift 2
  for file in "$@"; do
    count=$((count + 1))
    [ -s "$a/$file" ] || { echo "FAIL: $a/$file is empty" >&2; failed=1; }
    cmp "$a/$file" "$b/$file" >&2 || failed=1
  done
}

outputs=(snapshot {zone,section,team,plot,unit,building,edge,division,graph}.json)
run "$xiwang" one 1
run "$xiwang" two 2
grep -qF published-at-a-time- one/snapshot || { echo "FAIL: no time of publication to mask" >&2; exit 1; }
same one two "${outputs[@]}"
sha256sum one/snapshot one/team.json | cut -c1-16,65-

if [ -n "$other" ]; then
  run "$other" other 2
  "$xiwang" export one/t.gpkg --what finding --format csv -o one/findings.csv >/dev/null
  "$xiwang" export other/t.gpkg --what finding --format csv -o other/findings.csv >/dev/null
  same one other "${outputs[@]}"
  cmp one/findings.csv other/findings.csv >&2 || failed=1
  # the input, layer by layer: a GeoPackage has the time of its making
  for role in roads water rail buildings divisions addresses; do
    for name in one other; do
      ogr2ogr -f GeoJSONSeq "$name/$role.json" "$name/in.gpkg" "$role"
    done
    same one other "$role.json"
  done
fi
[ "$failed" = 0 ] && echo "$count files the same"
exit "$failed"
