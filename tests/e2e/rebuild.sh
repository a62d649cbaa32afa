#!/bin/bash
# The next revision of a made-up town: houses come, go and get other households, roads are drawn; then
# few households change their team, no code is used again, every change is in the lineage, the check
# finds nothing, and the revision before is still there.
#   rebuild.sh XIWANG CHANGE_TOWN ORACLE
set -euo pipefail
xiwang=$(readlink -f "${XIWANG:-$1}")
change=$(readlink -f "$2")
oracle=$(readlink -f "$3")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failed=0
fail() { echo "FAIL: $*" >&2; failed=1; }
layers() { for role in roads water rail buildings divisions addresses; do echo "--$role $1:$role"; done; }
number() { # FILE KEY: the first number with the key
  grep -oE "\"$2\": ?[0-9]+" "$1" | head -1 | grep -oE '[0-9]+$'
}

"$xiwang" sample --households "${XW_HOUSEHOLDS:-3000}" --seed "${XW_SEED:-1}" -o 0.gpkg >/dev/null
# shellcheck disable=SC2046
"$xiwang" build $(layers 0.gpkg) --effective 2026-01-01T00:00:00Z -o town.gpkg >/dev/null
cp town.gpkg first.gpkg

# the same input: nothing moves, and there is nothing to write down
# shellcheck disable=SC2046
"$xiwang" rebuild first.gpkg $(layers 0.gpkg) -o same.gpkg --report same.json >/dev/null
[ "$(number same.json households_moved)" = 0 ] || fail "households move although nothing changed"
grep -q '"rows": *\[\]' same.json || fail "lineage of nothing"
for what in team plot; do
  "$xiwang" export first.gpkg --what $what -o first-$what.json >/dev/null
  "$xiwang" export same.gpkg --what $what -o same-$what.json >/dev/null
  cmp first-$what.json same-$what.json >&2 || fail "$what: not the same"
done

step() { # REVISION NEW GONE OTHER ROADS MOST: changes per thousand; most households per thousand that move
  local before=$(($1 - 2)) after=$(($1 - 1)) all moved again unsaid
  "$change" $before.gpkg $after.gpkg "$1" "$2" "$3" "$4" "$5"
  cp town.gpkg before.gpkg
  # shellcheck disable=SC2046
  "$xiwang" rebuild town.gpkg $(layers $after.gpkg) --effective "2026-0$1-01T00:00:00Z" --report r.json >said.txt
  read -r all moved again unsaid < <("$oracle" before.gpkg town.gpkg) || true
  echo "revision $1: $moved of $all households move, $again codes again, $unsaid changes unsaid"
  [ "$again" = 0 ] && [ "$unsaid" = 0 ] || fail "codes or lineage"
  [ $((1000 * moved)) -le $(("$6" * all)) ] || fail "$moved of $all households move"
  "$xiwang" check town.gpkg >check.txt || { fail "check"; cat check.txt >&2; }
  [ "$(number r.json revision)" = "$1" ] || fail "the revision is not $1"
  grep -q "revision $1" said.txt || fail "what is said"
  cmp "town.gpkg.history/000$after.gpkg" before.gpkg >&2 || fail "the revision before is not kept"
}
step 2 10 0 0 0 40
step 3 5 5 10 2 60
step 4 0 20 0 0 40
"$xiwang" export town.gpkg --what lineage --format csv -o lineage.csv >/dev/null
[ "$(wc -l <lineage.csv)" -gt 10 ] || fail "the lineage is short"
ls town.gpkg.history

# only what has changed: the same as with all inputs
if command -v ogr2ogr >/dev/null; then
  "$change" 0.gpkg all.gpkg 9 15 0 0 0
  ogr2ogr -f GPKG new.gpkg all.gpkg buildings -nln buildings -where "building_id LIKE 'new-%'"
  # shellcheck disable=SC2046
  "$xiwang" build $(layers 0.gpkg) --effective 2026-01-01T00:00:00Z -o some.gpkg >/dev/null
  # shellcheck disable=SC2046
  "$xiwang" rebuild some.gpkg $(layers all.gpkg) -o whole.gpkg >/dev/null
  "$xiwang" rebuild some.gpkg --add new.gpkg >said.txt
  grep -qE 'changes +[0-9]+ buildings added, 0 replaced, 0 removed' said.txt || fail "what is said of --add"
  for what in team plot unit building edge lineage; do
    "$xiwang" export whole.gpkg --what $what -o whole-$what.json >/dev/null
    "$xiwang" export some.gpkg --what $what -o some-$what.json >/dev/null
    cmp whole-$what.json some-$what.json >&2 || fail "$what: with --add another than with all inputs"
  done
  # they go again: what has grown small may be merged, but all of before are there
  ids=$(ogr2ogr -f CSV /vsistdout/ new.gpkg -select building_id 2>/dev/null | tail -n +2 | tr -d '"\r' | paste -sd,)
  "$xiwang" rebuild some.gpkg --remove "$ids" >/dev/null
  "$xiwang" check some.gpkg >check.txt || { fail "check after --remove"; cat check.txt >&2; }
  "$xiwang" export some.gpkg --what building --format csv -o some.csv >/dev/null
  "$xiwang" export first.gpkg --what building --format csv -o first.csv >/dev/null
  [ "$(wc -l <some.csv)" = "$(wc -l <first.csv)" ] || fail "buildings after --remove"
  "$xiwang" rebuild some.gpkg --remove nobody 2>err.txt >/dev/null && fail "removes nobody"
  grep -q 'no building "nobody"' err.txt || fail "the reason: $(cat err.txt)"
  rm some.gpkg.input
  "$xiwang" rebuild some.gpkg --add new.gpkg 2>err.txt >/dev/null && fail "adds to nothing"
  grep -q 'without all inputs' err.txt || fail "the reason: $(cat err.txt)"
fi
[ "$(find . -name '*.new-*' | wc -l)" = 0 ] || fail "left behind: $(find . -name '*.new-*')"

# what cannot be
# shellcheck disable=SC2046
"$xiwang" rebuild town.gpkg $(layers 3.gpkg) --effective 2025-01-01T00:00:00Z 2>err.txt >/dev/null &&
  fail "a revision before its own"
grep -q 'would take effect before' err.txt || fail "the reason: $(cat err.txt)"
"$xiwang" rebuild none.gpkg --buildings 3.gpkg:buildings 2>/dev/null >/dev/null && fail "no store"
"$xiwang" rebuild --buildings 3.gpkg:buildings 2>/dev/null && fail "no store said"
[ "$failed" = 0 ] && echo "all well"
exit "$failed"
