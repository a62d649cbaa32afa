#!/bin/bash
# The report of a build: every finding as a point that GDAL reads, counts by kind, also when the
# input is to blame for a failure; nothing half done.
#   report.sh XIWANG
set -u
xiwang=$(readlink -f "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0
count=0
same() { # what, got, wanted
    count=$((count + 1))
    [ "$2" = "$3" ] || { echo "FAIL: $1: got \"$2\", wanted \"$3\"" >&2; failed=1; }
}
has() { # what, file, text
    count=$((count + 1))
    grep -qF -- "$3" "$2" || { echo "FAIL: $1: \"$3\" is not in $(head -c 600 "$2")" >&2; failed=1; }
}

printf 'WKT,class\n"LINESTRING(119 26,119.01 26)",primary\n' >roads.csv
cat >buildings.csv <<'END'
WKT,id,households
"POLYGON((119.001 26.0002,119.0011 26.0002,119.0011 26.0003,119.001 26.0003,119.001 26.0002))",a,4
"POLYGON((119.001 26.0002,119.0011 26.0002,119.0011 26.0003,119.001 26.0003,119.001 26.0002))",b,3
"POLYGON((119.002 26.0002,119.0021 26.0003,119.0021 26.0002,119.002 26.0003,119.002 26.0002))","bow ""tie"" 蝶",1
,c,2
"POLYGON((119.003 26.0002,119.0031 26.0002,119.0031 26.0003,119.003 26.0002))",d,-1
END
town=(--roads roads.csv --buildings buildings.csv --crs wgs84)

"$xiwang" build "${town[@]}" -o a.gpkg --report report.geojson >said.txt 2>said.err
same "the build" "$?:$(cat said.err)" "0:"
has "counts stand in the head" report.geojson '"counts":{"building-duplicate":1,"building-repaired":1,"building-empty":1,"building-households":1,'
has "the state" report.geojson '"status":"built","error":null,"findings":6,'
has "a place" report.geojson '{"type":"Point","coordinates":[119.002,26.0002]},"properties":{"kind":"building-repaired","kind_zh":"房屋轮廓自相交","severity":"warning","layer":"buildings","source_id":"bow \"tie\" 蝶",'
has "no place" report.geojson '{"type":"Feature","geometry":null,"properties":{"kind":"building-empty"'
has "people read the kinds" said.txt 'building-repaired: 1  房屋轮廓自相交 (warning: made valid, kept)'
same "what loses people comes first" "$(grep -o 'finding .*: 1  [^ ]*' said.txt | head -1)" \
    "finding    building-empty: 1  房屋无图形"
if command -v ogrinfo >/dev/null; then
    ogrinfo -ro -al -so report.geojson >ogr.txt 2>&1
    has "GDAL counts" ogr.txt 'Feature Count: 6'
    has "GDAL reads WGS 84" ogr.txt 'GEOGCRS["WGS 84"'
    has "GDAL reads points" ogr.txt 'Geometry: Point'
    ogrinfo -ro -q report.geojson -sql "SELECT COUNT(*) AS n FROM report WHERE severity='error'" >ogr.txt 2>&1
    has "GDAL selects" ogr.txt 'n (Integer) = 1'
fi
same "as many as the store has" \
    "$("$xiwang" export a.gpkg --what finding --format csv -o - | tail -n +2 | wc -l)" 6
same "nothing beside it" "$(ls | grep -cE 'part|new-')" 0

# standard output is the report alone, what people read goes to standard error
"$xiwang" build "${town[@]}" -o b.gpkg --report - >piped.geojson 2>said.err
same "the piped report" "$(cmp report.geojson piped.geojson && echo same)" same
has "people still read" said.err 'buildings  5 in the input'
"$xiwang" build "${town[@]}" -o c.gpkg --report - --json >said.txt 2>said.err
same "two for one output" "$?" 2

# a failure of the input leaves its findings, an old report is replaced, no store comes
printf 'WKT,id\n,c\n"LINESTRING(119 26,119.01 26)",line\n' >none.csv
"$xiwang" build --roads roads.csv --buildings none.csv --crs wgs84 -o d.gpkg --report report.geojson >said.txt 2>said.err
same "bad input" "$?" 3
same "one line" "$(wc -l <said.err)" 1
has "the state of a failure" report.geojson '"status":"failed","error":"no buildings in none.csv'
has "what was found until then" report.geojson '"counts":{"building-empty":1,"building-no-area":1,"build-failed":1}'
same "no store" "$(ls d.gpkg* 2>/dev/null)" ""
"$xiwang" build --roads nowhere.shp --buildings none.csv -o d.gpkg --report lost.geojson >said.txt 2>said.err
same "a missing file" "$?" 3
has "is in the report" lost.geojson '"kind":"build-failed"'
# where the environment is to blame there is no report
"$xiwang" build "${town[@]}" -o a.gpkg --report no.geojson >said.txt 2>said.err
same "the store exists" "$?:$(ls no.geojson* 2>/dev/null)" "4:"
"$xiwang" build "${town[@]}" -o e.gpkg --report none/report.geojson >said.txt 2>said.err
same "no folder for the report" "$?:$(ls e.gpkg* 2>/dev/null)" "4:"
has "is named" said.err 'none/report.geojson'
"$xiwang" build "${town[@]}" -o f.gpkg --report - >/dev/full 2>said.err
same "a full device" "$?" 4

[ "$failed" = 0 ] && echo "all well: $count cases"
exit "$failed"
