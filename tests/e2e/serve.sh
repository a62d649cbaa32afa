#!/bin/bash
# The real server on a free port, read by curl and by GDAL's OAPIF and MVT drivers.
#   serve.sh XIWANG [STORE]        without a store, a made-up town of 1000 households is built
set -u
xiwang=$(readlink -f "$1")
work=$(mktemp -d)
server=
failed=0
cleanup() {
    [ -n "$server" ] && kill "$server" 2>/dev/null && wait "$server" 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT
cd "$work" || exit 1

fail() { echo "FAIL: $*" >&2; failed=1; }
same() { # what, got, wanted
    if [ "$2" = "$3" ]; then echo "ok   $1"; else fail "$1: got \"$2\", wanted \"$3\""; fi
}
status() { curl -s -o /dev/null -w '%{http_code}' "$@"; }

store=${2:-}
if [ -z "$store" ]; then
    "$xiwang" sample --households 1000 --seed 7 -o town.gpkg || exit 1
    "$xiwang" build --roads town.gpkg:roads --water town.gpkg:water \
        --buildings town.gpkg:buildings --divisions town.gpkg:divisions \
        --addresses town.gpkg:addresses -o store.gpkg >build.txt || exit 1
    store=$work/store.gpkg
fi

begin=$(date +%s%N)
"$xiwang" serve "$store" --listen 127.0.0.1:0 >url.txt 2>err.txt &
server=$!
for _ in $(seq 600); do
    [ -s url.txt ] && break
    kill -0 "$server" 2>/dev/null || { cat err.txt >&2; exit 1; }
    sleep 0.05
done
echo "     ready after $((($(date +%s%N) - begin) / 1000000)) ms"
same "one line on standard output" "$(wc -l <url.txt)" 1
base=$(sed 's#/$##' url.txt)
port=${base##*:}
same "the line is the address" "$(grep -cE '^http://127\.0\.0\.1:[0-9]+/$' url.txt)" 1

# statuses, methods, headers
same "healthz" "$(curl -s "$base/healthz")" ok
same "page for browsers" "$(curl -s -H 'Accept: text/html' "$base/" | head -c 15 | tr A-Z a-z)" '<!doctype html>'
same "landing for programs" "$(curl -s "$base/" | head -c 9)" '{"title":'
for path in /readyz /metrics /openapi.json /api /conformance /collections /collections/teams \
    /collections/teams/items /tiles.json "/search?q=1"; do
    same "GET $path" "$(status "$base$path")" 200
    same "HEAD $path" "$(status -I "$base$path")" 200
done
same "OPTIONS" "$(status -X OPTIONS "$base/collections")" 204
same "DELETE" "$(status -X DELETE "$base/collections")" 405
same "unknown path" "$(status "$base/nothing")" 404
same "unknown parameter" "$(status "$base/collections/teams/items?colour=red")" 400
same "not acceptable" "$(status -H 'Accept: application/xml' "$base/collections")" 406
same "long URL" "$(status "$base/collections?x=$(head -c 9000 /dev/zero | tr '\0' a)")" 414
{ printf '{'; head -c 17000000 /dev/zero | tr '\0' ' '; } >big.json # one object is held whole, arrays stream
same "large body" "$(status -H 'Content-Type: application/json' --data-binary @big.json "$base/locate")" 413
same "large body without a length" \
    "$(status -H 'Content-Type: application/json' -H 'Transfer-Encoding: chunked' --data-binary @big.json "$base/locate")" 413
etag=$(curl -sI "$base/collections" | tr -d '\r' | sed -n 's/^ETag: //p')
same "not modified" "$(status -H "If-None-Match: $etag" "$base/collections")" 304
curl -s "$base/openapi.json" >plain.json
curl -s --compressed "$base/openapi.json" >packed.json
cmp -s plain.json packed.json || fail "gzip changes the answer"
same "two points" "$(curl -s -d '[[0,0],[1,1]]' "$base/locate" | grep -o '"rule":"outside"' | wc -l)" 2

# features: GDAL through the server lists what GDAL lists in the store, each once
for layer in divisions zones sections teams plots units buildings edges barriers addresses findings; do
    ogrinfo -ro -al -q -geom=NO "OAPIF:$base" "$layer" 2>/dev/null |
        grep -E '^  id \(String\)' | sort >served.txt
    wanted=$(ogrinfo -ro -so "$store" "$layer" 2>/dev/null | sed -n 's/^Feature Count: //p')
    same "GDAL reads all $layer" "$(wc -l <served.txt)" "${wanted:-none}"
    same "each of $layer once" "$(uniq -d <served.txt | wc -l)" 0
done

# paging by the links, by hand: the union of all pages is the whole, each feature once
walk() { # collection, limit -> ids
    local next="$base/collections/$1/items?limit=$2" page
    while [ -n "$next" ]; do
        page=$(curl -s "$next")
        grep -o '"type":"Feature","id":"[^"]*"' <<<"$page"
        next=$(grep -o '{"href":"[^"]*","rel":"next"' <<<"$page" | sed 's/{"href":"//; s/","rel.*//')
    done
}
walk teams 10000 | sort >all.txt
for limit in 7 100; do
    walk teams "$limit" | sort >pages.txt
    cmp -s all.txt pages.txt || fail "pages of $limit differ from the whole"
    same "teams in pages of $limit" "$(wc -l <pages.txt)" "$(wc -l <all.txt)"
done

# tiles over the middle of the territory, read by GDAL
template=$(curl -s "$base/tiles.json" | grep -o "\"http[^\"]*{y}.mvt\"" | tr -d '"')
center=$(curl -s "$base/tiles.json" | grep -o '"center":\[[^]]*' | sed 's/.*\[//')
for z in 10 11 12 13 14 15 16; do
    xy=$(awk -v z=$z -v c="$center" 'BEGIN { split(c, a, ","); pi = atan2(0, -1); n = 2 ^ z
        t = a[2] * pi / 180; s = log((sin(t) + 1) / cos(t))
        printf "%d/%d", int((a[1] + 180) / 360 * n), int((1 - s / pi) / 2 * n) }')
    x=${xy%/*} y=${xy#*/}
    mkdir -p "tiles/$z/$x"
    url=$(sed "s#{z}#$z#; s#{x}#$x#; s#{y}#$y#" <<<"$template")
    same "tile $z/$x/$y" "$(curl -s --compressed -o "tiles/$z/$x/$y.mvt" -w '%{http_code}' "$url")" 200
    layers=$(ogrinfo -ro "MVT:tiles/$z/$x/$y.mvt" 2>ogr.txt | grep -cE '^[0-9]+: ')
    [ "$layers" -gt 0 ] || fail "GDAL finds no layer in tile $z/$x/$y: $(cat ogr.txt)"
    ogrinfo -ro -al -q "MVT:tiles/$z/$x/$y.mvt" >ogr.txt 2>&1
    same "GDAL reads tile $z ($layers layers, $(grep -c OGRFeature ogr.txt) features) without complaint" \
        "$(grep -cE 'ERROR|Warning' ogr.txt)" 0
    etag=$(curl -sI "$url" | tr -d '\r' | sed -n 's/^ETag: //p')
    same "tile $z is not sent again" "$(status -H "If-None-Match: $etag" "$url")" 304
done
same "an exact tile is kept" "$(curl -sI "$url" | grep -c immutable)" 1
same "a tile far away is empty" "$(status "$base/tiles/current/14/0/0.mvt")" 204

# a lookup in the middle of a team gives that team
label=$(curl -s "$base/collections/units/items?limit=1" | grep -o '"coordinates":\[[^]]*' | sed 's/.*\[//')
team=$(curl -s "$base/collections/units/items?limit=1" | grep -o '"team_code":"[0-9]*"' | grep -o '[0-9]*')
same "a unit's point is in the unit's team" \
    "$(curl -s "$base/locate?lon=${label%,*}&lat=${label#*,}" | grep -c "\"code\":\"$team\"")" 1
same "the team's card" "$(curl -s "$base/grids/$team" | grep -o '"code":"[0-9]*"' | head -1)" "\"code\":\"$team\""

# an address of the store is answered, once its index is there, with the grid that its place has
address=$(curl -s "$base/collections/addresses/items?limit=1" | grep -o '"text":"[^"]*"' | head -1 | cut -d'"' -f4)
if [ -n "$address" ]; then
    ask() { curl -s --get --data-urlencode "q=$address" "$@" "$base/locate"; }
    for _ in $(seq 100); do
        [ "$(ask -o /dev/null -w '%{http_code}')" = 503 ] || break
        sleep 0.1
    done
    same "the address \"$address\" is found" "$(ask | grep -c '"address":{')" 1
    same "its text is equal" "$(ask | grep -o '"score":[0-9.]*' | head -1)" '"score":1'
    same "no address is no answer" "$(status "$base/locate?q=zzzzqqqq%2099999")" 404
    same "an address beside a point" \
        "$(ask -d "lon=${label%,*}" -d "lat=${label#*,}" | grep -c '"used":true')" 1
    "$xiwang" locate "$store" --address "$address" >out.txt 2>err2.txt
    grep -q "$address" out.txt || fail "xiwang locate --address: $(cat out.txt err2.txt)"
fi

# a taken port, a wrong store, and the end
"$xiwang" serve "$store" --listen "127.0.0.1:$port" >out.txt 2>err2.txt
same "taken port ends with 4" "$?" 4
grep -q "$port" err2.txt || fail "the message does not name port $port: $(cat err2.txt)"
"$xiwang" serve nothing.gpkg --listen 127.0.0.1:0 >out.txt 2>err2.txt
same "missing store ends with 3" "$?" 3
"$xiwang" serve "$store" --listen nonsense >out.txt 2>err2.txt
same "wrong address ends with 2" "$?" 2
kill -TERM "$server"
wait "$server"
same "SIGTERM ends with 0" "$?" 0
server=
[ -s err.txt ] && fail "the server said: $(cat err.txt)"
[ "$failed" = 0 ] && echo "all well"
exit "$failed"
