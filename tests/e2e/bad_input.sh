#!/bin/bash
# Wrong input, wrong use and a wrong environment: the program says in one line what is wrong, ends
# with the agreed exit code, and leaves nothing half done behind.
#   bad_input.sh XIWANG
set -u
xiwang=$(readlink -f "$1")
work=$(mktemp -d)
server=
mounted=
failed=0
count=0
cleanup() {
    [ -n "$server" ] && kill "$server" 2>/dev/null && wait "$server" 2>/dev/null
    [ -n "$mounted" ] && umount "$work/small"
    chmod -R u+w "$work" && rm -rf "$work"
}
trap cleanup EXIT
cd "$work" || exit 1
mkdir in out

fail() { echo "FAIL: $*" >&2; failed=1; }
same() { # what, got, wanted
    count=$((count + 1))
    [ "$2" = "$3" ] || fail "$1: got \"$2\", wanted \"$3\""
}
listing() { find . -path ./small -prune -o -type f -printf '%p %s\n' | grep -v '^./said\.' | sort; }

# refused CODE WORDS ARGS…: one line on standard error, which has each of the words parted by "|"; no
# file comes, goes or changes its size.
refused() {
    local code=$1 words=$2 word was got
    shift 2
    local what="xiwang ${*:1:12}" IFS='|'
    count=$((count + 1))
    was=$(listing)
    timeout 120 "$xiwang" "$@" >said.out 2>said.err </dev/null
    got=$?
    [ "$got" = "$code" ] || fail "$what: exit code $got, wanted $code: $(head -c 300 said.err)"
    [ "$(wc -l <said.err)" = 1 ] || fail "$what: not one line: $(head -c 2000 said.err)"
    for word in $words; do
        grep -qF -- "$word" said.err || fail "$what: does not name \"$word\": $(cat said.err)"
    done
    [ "$(listing)" = "$was" ] || fail "$what: files changed: $(diff <(echo "$was") <(listing))"
}
# accepted ARGS…
accepted() {
    count=$((count + 1))
    timeout 120 "$xiwang" "$@" >said.out 2>said.err </dev/null && [ ! -s said.err ] ||
        fail "xiwang ${*:1:12}: refused: $(head -c 500 said.err)"
}

# ---- the smallest town ---------------------------------------------------------------------------
collection() { # geometry properties [geometry properties …]
    local comma=
    printf '{"type":"FeatureCollection","features":['
    while [ $# -gt 1 ]; do
        printf '%s\n{"type":"Feature","properties":%s,"geometry":%s}' "$comma" "$2" "$1"
        comma=,
        shift 2
    done
    printf ']}\n'
}
square() { # lon lat side
    LC_ALL=C awk -v x="$1" -v y="$2" -v d="$3" 'BEGIN {
        printf "{\"type\":\"Polygon\",\"coordinates\":[[[%.7f,%.7f],[%.7f,%.7f],[%.7f,%.7f],[%.7f,%.7f],[%.7f,%.7f]]]}",
            x, y, x + d, y, x + d, y + d, x, y + d, x, y }'
}
line() { printf '{"type":"LineString","coordinates":[[%s,%s],[%s,%s]]}' "$@"; }
home='{"households":4}'
collection "$(line 119.0 26.0 119.01 26.0)" '{"class":"primary"}' >in/roads.geojson
collection "$(square 119.001 26.0002 0.0001)" "$home" "$(square 119.002 26.0002 0.0001)" "$home" \
    "$(square 119.003 26.0002 0.0001)" "$home" >in/buildings.geojson
collection "$(square 118.999 25.999 0.02)" '{"code":"999001001001","name":"甲村"}' >in/divisions.geojson
town=(--roads in/roads.geojson --buildings in/buildings.geojson --divisions in/divisions.geojson)
accepted build "${town[@]}" -o town.gpkg
build_refused() { refused "$1" "$2" build "${@:3}" -o out/x.gpkg; }

# ---- missing, no GIS data, empty -----------------------------------------------------------------
build_refused 3 'in/none.gpkg' --roads in/none.gpkg --buildings in/buildings.geojson
build_refused 3 'in/none.shp' --roads in/roads.geojson --buildings in/none.shp
build_refused 3 'in/none.csv' "${town[@]}" --addresses in/none.csv
build_refused 3 'in/none.osm.pbf' --osm in/none.osm.pbf
build_refused 3 'in/none.ini' "${town[@]}" --config in/none.ini
printf 'Dear planner, the roads are attached.\n' >in/letter.gpkg
cp in/letter.gpkg in/letter.geojson
cp in/letter.gpkg in/letter.osm.pbf
head -c 4000 /dev/urandom >in/noise.shp
: >in/nothing.geojson
for file in letter.gpkg letter.geojson noise.shp nothing.geojson; do
    build_refused 3 "in/$file" --roads in/$file --buildings in/buildings.geojson
done
build_refused 3 'in/letter.osm.pbf' --osm in/letter.osm.pbf
build_refused 3 'town.gpkg|OpenStreetMap' --osm town.gpkg
head -c 250 in/buildings.geojson >in/cut.geojson
build_refused 3 'in/cut.geojson' --roads in/roads.geojson --buildings in/cut.geojson
head -c 30000 town.gpkg >in/cut.gpkg
build_refused 3 'in/cut.gpkg' --roads in/roads.geojson --buildings in/cut.gpkg:buildings
build_refused 3 'town.gpkg|"towers"|buildings' --roads in/roads.geojson --buildings town.gpkg:towers
collection >in/empty.geojson
for role in roads buildings divisions water rail addresses; do
    build_refused 3 'in/empty.geojson|no features' "${town[@]}" "--$role" in/empty.geojson
done

# ---- no roads, no buildings, no divisions in what is there ---------------------------------------
build_refused 2 'no roads' --buildings in/buildings.geojson
build_refused 2 '--osm' --roads in/roads.geojson
build_refused 3 'no roads|in/buildings.geojson' --roads in/buildings.geojson --buildings in/buildings.geojson
build_refused 3 'no buildings|in/roads.geojson' --roads in/roads.geojson --buildings in/roads.geojson
build_refused 3 'in/roads.geojson' "${town[@]}" --divisions in/roads.geojson
collection null '{}' >in/null.geojson
build_refused 3 'no roads|in/null.geojson' --roads in/null.geojson --buildings in/buildings.geojson
build_refused 3 'no buildings|in/null.geojson' --roads in/roads.geojson --buildings in/null.geojson

# ---- columns, configuration ----------------------------------------------------------------------
build_refused 3 'in/buildings.geojson|"hh"|households' "${town[@]}" --households hh
printf '[columns]\nfloors=storeys_above\n' >in/columns.ini
build_refused 3 'in/buildings.geojson|"storeys_above"' "${town[@]}" --config in/columns.ini
printf '[colums]\nfloors=f\n' >in/group.ini
build_refused 3 'in/group.ini|colums' "${town[@]}" --config in/group.ini
printf '[level team]\ncap=0\n' >in/cap.ini
build_refused 3 'in/cap.ini|cap' "${town[@]}" --config in/cap.ini
printf '[level team]\ncap=99999999999999999999\n' >in/cap.ini
build_refused 3 'in/cap.ini|cap' "${town[@]}" --config in/cap.ini
printf '[levels]\norder=a;b;c;d;e;f;g;h;i;j\n' >in/order.ini
build_refused 3 'in/order.ini|order' "${town[@]}" --config in/order.ini
printf '[barriers]\nclasses=primary;canyon\n' >in/classes.ini
build_refused 3 'in/classes.ini|canyon' "${town[@]}" --config in/classes.ini
printf '[levels\n' >in/broken.ini
build_refused 3 'in/broken.ini' "${town[@]}" --config in/broken.ini

# ---- places --------------------------------------------------------------------------------------
collection "$(square 120.0 27.0 0.01)" '{"code":"999001001002","name":"乙村"}' >in/elsewhere.geojson
build_refused 3 'in/elsewhere.geojson|none of the 3 buildings|119.0010000,26.0002000' \
    --roads in/roads.geojson --buildings in/buildings.geojson --divisions in/elsewhere.geojson
collection "$(square 119.001 26.0002 0.0001)" '{"id":"here"}' "$(square 120.5 27.0 0.0001)" '{"id":"there"}' \
    >in/two.geojson
accepted build --roads in/roads.geojson --buildings in/two.geojson --divisions in/divisions.geojson -o two.gpkg
accepted export two.gpkg --what finding --format csv -o -
same "a building outside is listed by its id" "$(grep -c 'building-outside.*there' said.out)" 1
collection "$(square 119.001 26.0002 0.0001)" '{"id":"here"}' "$(square 0 0 0.0001)" '{"id":"island 7"}' \
    >in/island.geojson
build_refused 3 'buildings island 7|0.0000000,0.0000000' --roads in/roads.geojson --buildings in/island.geojson
collection "$(line 119 26 119.01 26)" '{}' "$(line -119 26 119.01 26)" '{"id":"antipode"}' >in/round.geojson
build_refused 3 'antipode' --roads in/round.geojson --buildings in/buildings.geojson

plane() { printf 'id,WKT\n1,"POLYGON((%s))"\n' "$1"; }
plane '500000 2800000,500010 2800000,500010 2800010,500000 2800000' >in/metres.csv
build_refused 3 'in/metres.csv|coordinate reference system|500000.0' --roads in/roads.geojson --buildings in/metres.csv
plane '400000 2876000,400100 2876000,400100 2876000000,400000 2876000' >in/milli.csv
build_refused 3 'in/milli.csv|out of range' --roads in/roads.geojson --buildings in/milli.csv --crs EPSG:4549
build_refused 3 '"EPSG:99999999"' "${town[@]}" --crs EPSG:99999999
build_refused 3 '"EPSG:99999999"' "${town[@]}" --crs roads=EPSG:99999999
build_refused 3 'encoding "klingon"' "${town[@]}" --encoding klingon
build_refused 3 '"the usual one"' "${town[@]}" --crs 'the usual one'
# longitude and latitude the wrong way round, in a CSV without CRS
plane '26.0002 119.001,26.0003 119.001,26.0003 119.0011,26.0002 119.001' >in/swapped.csv
accepted build --roads in/roads.geojson --buildings in/swapped.csv -o swapped.gpkg
accepted export swapped.gpkg --what finding --format csv -o -
same "swapped axes are listed" "$(grep -c axis-swapped said.out)" 1

collection "$(square 219.001 26.0002 0.0001)" "$home" "$(square 119.002 95.0002 0.0001)" "$home" >in/far.geojson
build_refused 3 'in/far.geojson|out of range' --roads in/roads.geojson --buildings in/far.geojson
collection "$(line 1e300 1e300 -1e300 5)" '{}' >in/huge.geojson
build_refused 3 'in/huge.geojson|out of range' --roads in/huge.geojson --buildings in/buildings.geojson
# NaN is put where the first number of the first shape stands
shape() { # what a made-up NaN is to hit: first or all
    ogr2ogr -f 'ESRI Shapefile' in/nan.shp in/buildings.geojson
    local at
    for at in $1; do
        printf '\0\0\0\0\0\0\370\177' | dd of=in/nan.shp bs=1 seek="$at" conv=notrunc status=none
    done
}
shape 156 # a record has 136 bytes: header, type, box, counts, part, 5 points
accepted build --roads in/roads.geojson --buildings in/nan.shp --divisions in/divisions.geojson -o nan.gpkg
accepted export nan.gpkg --what finding --format csv -o -
same "a building with NaN is listed" "$(grep -c building-coordinates said.out)" 1
shape '156 292 428'
build_refused 3 'in/nan.shp|NaN' --roads in/roads.geojson --buildings in/nan.shp
truncate -s 300 in/nan.shp
build_refused 3 'in/nan.shp' --roads in/roads.geojson --buildings in/nan.shp
rm in/nan.shx
build_refused 3 'in/nan.shp' --roads in/roads.geojson --buildings in/nan.shp

# ---- where the store cannot be -------------------------------------------------------------------
refused 4 'none/x.gpkg' build "${town[@]}" -o none/x.gpkg
refused 4 '/proc/x.gpkg' build "${town[@]}" -o /proc/x.gpkg
refused 4 'in' build "${town[@]}" -o in
refused 4 'in/' build "${town[@]}" -o in/
refused 4 '/dev/full' build "${town[@]}" --force -o /dev/full
refused 4 'town.gpkg/x' build "${town[@]}" -o town.gpkg/x
refused 2 'name' build "${town[@]}" -o ''
refused 4 'File name too long' build "${town[@]}" -o "out/$(head -c 300 /dev/zero | tr '\0' a).gpkg"
if [ "$(id -u)" != 0 ]; then
    mkdir shut && chmod 555 shut
    refused 4 'shut/x.gpkg' build "${town[@]}" -o shut/x.gpkg
fi

# ---- an existing store is kept: without --force, and when the new one cannot be made --------------
sha256sum town.gpkg town.gpkg.snapshot >sums
kept() { count=$((count + 1)); sha256sum --quiet -c sums >/dev/null 2>&1 || fail "the old store is not kept: $1"; }
refused 4 'town.gpkg|--force' build "${town[@]}" -o town.gpkg
refused 3 'in/empty.geojson' build --force "${town[@]}" --roads in/empty.geojson -o town.gpkg
kept "bad input with --force"
accepted sample --households 1500 --seed 5 -o place.gpkg
place=(--roads place.gpkg --water place.gpkg --rail place.gpkg --buildings place.gpkg
    --divisions place.gpkg --addresses place.gpkg)
begin=$(date +%s%N)
accepted build "${place[@]}" -o place_store.gpkg
took=$((($(date +%s%N) - begin) / 1000000))
store_kib=$(($(stat -c %s place_store.gpkg) / 1024))
snapshot_kib=$(($(stat -c %s place_store.gpkg.snapshot) / 1024))
for kib in 40 $((snapshot_kib - 50)) $((snapshot_kib + 50)) $((store_kib - 50)); do
    (ulimit -f "$kib" && refused 4 'town.gpkg' build --force "${place[@]}" -o town.gpkg; exit "$failed") || failed=1
    kept "files of at most $kib KiB"
done
mkdir small
small() { # KiB
    [ -z "$mounted" ] || umount small
    mounted=
    mount -t tmpfs -o "size=$1k" tmpfs small 2>/dev/null && mounted=1
}
if small 40; then
    for kib in 40 $((snapshot_kib / 2)) $((snapshot_kib + 100)) $((snapshot_kib + store_kib - 100)); do
        small "$kib"
        refused 4 'small/x.gpkg' build "${place[@]}" -o small/x.gpkg
        same "nothing is left on a full disk of $kib KiB" "$(ls -A small)" ""
    done
    small $((snapshot_kib + store_kib + 100))
    accepted build "${town[@]}" -o small/x.gpkg
    head -c 100M /dev/zero >small/fill 2>/dev/null
    (cd small && sha256sum x.gpkg x.gpkg.input x.gpkg.snapshot) >sums.small
    refused 4 'small/x.gpkg' build --force "${place[@]}" -o small/x.gpkg
    refused 4 'small/t.mbtiles' tiles place_store.gpkg -o small/t.mbtiles --zoom 10-12
    refused 4 'small/t.pmtiles' tiles place_store.gpkg -o small/t.pmtiles --zoom 10-12
    refused 4 'small/s.gpkg' sample --households 1000 -o small/s.gpkg
    for end in geojson gpkg fgb shp csv; do
        refused 4 "small/e.$end" export place_store.gpkg --what plot -o "small/e.$end"
    done
    same "a full disk keeps what it had" "$(ls -A small | tr '\n' ' ')" "fill x.gpkg x.gpkg.input x.gpkg.snapshot "
    (cd small && sha256sum --quiet -c ../sums.small) || fail "a full disk: the old store is not kept"
    umount small && mounted=
else
    echo "     no right to mount: the full disk is a limit of the size of files only"
fi

# ---- stopped in the middle -----------------------------------------------------------------------
stopped=0
for percent in 0 10 25 40 55 70 80 90 97; do
    (exec "$xiwang" build --force "${place[@]}" -o town.gpkg) >said.out 2>said.err &
    build=$!
    sleep "$(awk -v t="$took" -v p="$percent" 'BEGIN { printf "%.3f", 0.03 + t * p / 100000 }')"
    kill -INT "$build" 2>/dev/null
    wait "$build"
    code=$?
    count=$((count + 1))
    same "no temporary file after Ctrl-C at $percent %" "$(ls -A | grep -cE 'part|\.new|journal|wal')" 0
    if [ "$code" = 130 ]; then
        stopped=$((stopped + 1))
        # a signal before the program listens ends it without a word
        if [ "$percent" != 0 ] || [ -s said.err ]; then
            [ "$(wc -l <said.err)" = 1 ] || fail "Ctrl-C at $percent %: not one line: $(cat said.err)"
            grep -q 'stopped' said.err || fail "Ctrl-C at $percent %: $(cat said.err)"
        fi
        kept "Ctrl-C at $percent %"
    elif [ "$code" = 0 ]; then # it was through, or had not begun to listen: then the new one is whole
        accepted check town.gpkg
        accepted build --force "${town[@]}" -o town.gpkg
        sha256sum town.gpkg town.gpkg.snapshot >sums
    else
        fail "Ctrl-C at $percent % ends with $code: $(cat said.err)"
    fi
done
[ "$stopped" -ge 3 ] || fail "only $stopped builds were stopped"

# ---- stores and snapshots that are none ----------------------------------------------------------
head -c 40000 town.gpkg >cut.gpkg
head -c 5000 town.gpkg.snapshot >cut.snapshot
head -c 6 town.gpkg.snapshot >six.snapshot
: >empty.gpkg
head -c 9000 /dev/zero >zero.gpkg
cp town.gpkg.snapshot damaged.snapshot
printf 'XXXX' | dd of=damaged.snapshot bs=1 seek=3000 conv=notrunc status=none
for store in none.gpkg cut.gpkg six.snapshot cut.snapshot damaged.snapshot empty.gpkg zero.gpkg \
    place.gpkg in in/letter.gpkg in/roads.geojson; do
    refused 3 "$store" check $store
    refused 3 "$store" locate $store --at 119.0015,26.0003
    refused 3 "$store" locate $store --csv -
    refused 3 "$store" export $store --what team -o out/x.geojson
    refused 3 "$store" tiles $store -o out/x.pmtiles
    refused 3 "$store" serve $store --listen 127.0.0.1:0
done
# a snapshot beside the store that is not the store's is made anew, a damaged one too
cp town.gpkg beside.gpkg
cp damaged.snapshot beside.gpkg.snapshot
accepted locate beside.gpkg --at 119.0015,26.0003
accepted locate beside.gpkg.snapshot --at 119.0015,26.0003
cp place_store.gpkg.snapshot beside.gpkg.snapshot
accepted locate beside.gpkg --at 119.0015,26.0003
accepted locate beside.gpkg.snapshot --at 119.0015,26.0003

# ---- wrong use -----------------------------------------------------------------------------------
refused 2 'planet' planet
for command in sample build check locate export tiles serve; do
    refused 2 "--colour" $command --colour=red
done
build_refused 2 '--colour' "${town[@]}" --colour red
build_refused 2 'one.gpkg' "${town[@]}" one.gpkg
refused 2 '-o' build "${town[@]}"
refused 2 '-o' build "${town[@]}" -o
for n in 0 -1 65 1e3 99999999999999999999999 two ''; do
    build_refused 2 "--threads $n" "${town[@]}" --threads "$n"
done
build_refused 2 '--division-level 13' "${town[@]}" --division-level 13
for time in yesterday 2026-13-01T00:00:00Z 9999999999999999; do
    build_refused 2 "$time" "${town[@]}" --effective "$time"
done
for n in 99 3000001 -5 1e5 18446744073709551616 many; do
    refused 2 "--households $n" sample --households $n -o out/s.gpkg
done
refused 2 '--seed' sample --households 100 --seed 99999999999999999999 -o out/s.gpkg
refused 4 'town.gpkg|--force' sample --households 100 -o town.gpkg
for at in 119 119, ,26 119,26,1 a,b nan,26 119,inf ''; do
    refused 2 '--at' locate town.gpkg --at "$at"
done
for at in 1e300,26 181,26 119,-91 500000,2800000; do
    refused 3 '' locate town.gpkg --at "$at"
done
refused 3 '"EPSG:1"' locate town.gpkg --at 119,26 --crs EPSG:1
refused 2 '--floor' locate town.gpkg --at 119,26 --floor 99999999999
refused 2 '--accuracy' locate town.gpkg --at 119,26 --accuracy wide
for m in -1 1e300; do refused 3 '' locate town.gpkg --at 119,26 --accuracy $m; done
refused 2 '--csv' locate town.gpkg
refused 3 'none.csv' locate town.gpkg --csv none.csv
printf 'name,place\na,b\n' >in/points.csv
refused 3 'in/points.csv|lon' locate town.gpkg --csv in/points.csv
refused 3 'in/nothing.geojson' locate town.gpkg --csv in/nothing.geojson
refused 2 'borough' export town.gpkg --what borough -o out/x.geojson
refused 2 'x.xyz' export town.gpkg --what team -o out/x.xyz
refused 4 'none/x.geojson' export town.gpkg --what team -o none/x.geojson
refused 4 'place_store.gpkg|--force' export town.gpkg --what team -o place_store.gpkg
refused 2 'town.gpkg' export town.gpkg --what team -o town.gpkg --force
refused 2 'x.zip' tiles town.gpkg -o out/x.zip
for zoom in 30 16-8 -1 a-b 99999999999999999999; do
    refused 2 "--zoom $zoom" tiles town.gpkg -o out/x.mbtiles --zoom $zoom
done
refused 4 'none/x.mbtiles' tiles town.gpkg -o none/x.mbtiles
refused 4 'none/s.geojson' check town.gpkg --spots none/s.geojson
for listen in nonsense 127.0.0.1:99999 127.0.0.1:-1 127.0.0.1 :; do
    refused 2 "$listen" serve town.gpkg --listen $listen
done
refused 2 '--threads' serve town.gpkg --threads 99999999999999999999
kept "wrong use"

# ---- a taken port --------------------------------------------------------------------------------
"$xiwang" serve town.gpkg --listen 127.0.0.1:0 >url.txt 2>server.txt &
server=$!
for _ in $(seq 600); do
    [ -s url.txt ] && break
    sleep 0.05
done
port=$(sed 's#/$##; s#.*:##' url.txt)
refused 4 "$port" serve town.gpkg --listen "127.0.0.1:$port"
kill -INT "$server"
wait "$server"
same "Ctrl-C ends the server with 0" "$?" 0
server=
same "the server said nothing" "$(cat server.txt)" ""

# ---- names as people give them -------------------------------------------------------------------
mkdir '资料 夹'
cp in/roads.geojson '资料 夹/道路 1.geojson'
cp in/buildings.geojson "资料 夹/楼 'a' \"b\".geojson"
accepted build --roads '资料 夹/道路 1.geojson' --buildings "资料 夹/楼 'a' \"b\".geojson" \
    --divisions in/divisions.geojson -o '资料 夹/文件 1.gpkg'
accepted check '资料 夹/文件 1.gpkg'
accepted locate '资料 夹/文件 1.gpkg' --at 119.0015,26.0003
accepted export '资料 夹/文件 1.gpkg' --what team -o '资料 夹/队 1.shp'
accepted tiles '资料 夹/文件 1.gpkg' -o '资料 夹/瓦片 1.mbtiles' --zoom 14
accepted build --roads '资料 夹/文件 1.gpkg:barriers' --buildings '资料 夹/文件 1.gpkg:buildings' -o '资料 夹/a?b#c%20.gpkg'
accepted locate '资料 夹/a?b#c%20.gpkg' --at 119.0015,26.0003
refused 3 '资料 夹/无.gpkg' check '资料 夹/无.gpkg'
ls -A '资料 夹' | grep -q part && fail "temporary files are left: $(ls '资料 夹')"

# ---- output that goes nowhere --------------------------------------------------------------------
for command in "check town.gpkg" "locate town.gpkg --at 119.0015,26.0003" \
    "export town.gpkg --what team -o -"; do
    count=$((count + 1))
    # shellcheck disable=SC2086
    "$xiwang" $command >/dev/full 2>said.err
    same "$command to a full device" "$?" 4
    [ "$(wc -l <said.err)" = 1 ] || fail "$command to a full device: $(cat said.err)"
done

[ "$failed" = 0 ] && echo "all well: $count cases"
exit "$failed"
