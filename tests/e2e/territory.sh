#!/usr/bin/env bash
# A territory end to end: build, check, the coverage and 10 000 random lookups against GEOS.
#   territory.sh PROGRAM LOCATE_ORACLE COVER_ORACLE NAME [build options …]
# The environment's XIWANG goes before PROGRAM.
# NAME "sample:N" makes a sample of N households. Options that name files under the real-data folder
# (data in XW_SHARED, or in ../shared beside the checkout) are skipped, saying so, where it is absent.
# NAME "large:…" takes minutes and gigabytes: it is skipped unless XW_LARGE is set.
set -euo pipefail
xiwang=$(readlink -f "${XIWANG:-$1}") oracle=$(readlink -f "$2") cover=$(readlink -f "$3") name=$4
shift 4
here=$(cd "$(dirname "$0")/../.." && pwd)
data=${XW_SHARED:-$here/../shared}/data
if [[ $name == large:* && -z ${XW_LARGE:-} ]]; then echo "SKIP: set XW_LARGE for $name"; exit 77; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
args=()
for a in "$@"; do
  case $a in
    DATA/*) a=$data/${a#DATA/}
      [ -e "$a" ] || { echo "SKIP: no real data for $name"; exit 77; } ;;
  esac
  args+=("$a")
done
cd "$work"
tiles=()
# For what comes as one division: it has more zones than the usual three digits can number.
printf '[level zone]\ndigits = 4\n' >one-division.ini
if [[ $name == sample:* ]]; then
  "$xiwang" sample --households "${name#sample:}" --seed "${XW_SEED:-1}" -o in.gpkg
  for role in roads water rail buildings divisions addresses; do args+=("--$role" "in.gpkg:$role"); done
  id=building_id tiles=(--divisions in.gpkg:divisions --level village)
fi
"$xiwang" build "${args[@]}" -o t.gpkg
"$xiwang" check t.gpkg >check.txt || { cat check.txt; exit 1; }
tail -1 check.txt
# The footprints as they were given, where the oracle can read them: OSM, layers with an id or none.
given=()
for ((i = 0; i < ${#args[@]}; i += 2)); do
  value=${args[i + 1]}
  case ${args[i]} in
    --osm) given=(--footprints "$value:multipolygons" --id osm --where "building is not null") ;;
    --buildings)
      case $value in *.gz) value=/vsigzip/$value id=id ;; esac
      given=(--footprints "$value" --id "${id:-fid}") ;;
  esac
done
"$cover" t.gpkg ${given[@]+"${given[@]}"} ${tiles[@]+"${tiles[@]}"}
# Every building of the input is in the table of buildings or named by a finding.
"$xiwang" locate t.gpkg --at 0,0 >/dev/null && { echo "0,0 is not in $name"; exit 1; }
for level in team section zone; do
  "$xiwang" export t.gpkg --what $level -o $level.gpkg >/dev/null
done
"$oracle" points team.gpkg "${XW_POINTS:-10000}" "${XW_SEED:-1}" >points.csv
"$xiwang" locate t.gpkg --csv points.csv >answers.csv
for level in team section zone; do "$oracle" compare $level.gpkg answers.csv code_$level; done
