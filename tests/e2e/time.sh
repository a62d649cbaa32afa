#!/bin/bash
# Revisions over time with the real server: published under load, by time and by number, scheduled.
#   time.sh XIWANG PUBLISH_AS [STORE]   without a store, a made-up town of 300 households is built
set -u
xiwang=$(readlink -f "$1") publish_as=$(readlink -f "$2")
work=$(mktemp -d)
server= load=
failed=0
cleanup() {
    for p in $load $server; do kill "$p" 2>/dev/null && wait "$p" 2>/dev/null; done
    rm -rf "$work"
}
trap cleanup EXIT
fail() { echo "FAIL: $*" >&2; failed=1; }
same() { # what, got, wanted
    if [ "$2" = "$3" ]; then echo "ok   $1"; else fail "$1: got \"$2\", wanted \"$3\""; fi
}
status() { curl -s -o /dev/null -w '%{http_code}' "$@"; }
field() { grep -o "\"$1\":[^,}]*" | head -1 | sed 's/^[^:]*://; s/"//g'; }
at() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ; }
now() { date +%s; }

town=
[ -n "${3:-}" ] && town=$(readlink -f "$3")
cd "$work" || exit 1
if [ -z "$town" ]; then
    "$xiwang" sample --households 300 --seed 7 -o in.gpkg >/dev/null || exit 1
    "$xiwang" build --roads in.gpkg:roads --water in.gpkg:water --buildings in.gpkg:buildings \
        --divisions in.gpkg:divisions -o town.gpkg >/dev/null || exit 1
    town=$work/town.gpkg
fi
make() { "$publish_as" "$town" "rev$1.gpkg" "$1" "$2" || exit 1; }
put() { # renames revision N into place; what was there goes to the history
    if [ -e s.gpkg ]; then
        mkdir -p s.gpkg.history
        ln s.gpkg "s.gpkg.history/$(printf %04d "$2").gpkg"
        mv s.gpkg.snapshot "s.gpkg.history/$(printf %04d "$2").gpkg.snapshot"
    fi
    mv "rev$1.gpkg.snapshot" s.gpkg.snapshot
    mv "rev$1.gpkg" s.gpkg
}
make 1 2026-01-01
make 2 2026-02-01
put 1

"$xiwang" serve s.gpkg --listen 127.0.0.1:0 --threads 2 >url.txt 2>err.txt &
server=$!
for _ in $(seq 600); do
    [ -s url.txt ] && break
    kill -0 "$server" 2>/dev/null || { cat err.txt >&2; exit 1; }
    sleep 0.05
done
base=$(sed 's#/$##' url.txt)
point=$(curl -s "$base/tiles.json" | grep -o '"center":\[[^]]*' | sed 's/.*\[//')
lonlat="lon=${point%%,*}&lat=$(cut -d, -f2 <<<"$point")"
revision() { curl -s "$base/locate?$lonlat$1" | field revision; }
same "revision 1 answers" "$(revision '')" 1
same "it has an open end" "$(curl -s "$base/locate?$lonlat" | field valid_until)" null

# a second revision under load: nobody is refused, nobody waits for a restart
seconds=6
if command -v wrk >/dev/null; then
    wrk -t1 -c8 -d${seconds}s "$base/locate?$lonlat" >load.txt 2>&1 &
    load=$!
fi
(
    n=0 bad=0 end=$(($(now) + seconds))
    while [ "$(now)" -lt "$end" ]; do
        code=$(status "$base/tiles/current/14/0/0.mvt")
        n=$((n + 1))
        [ "$code" = 204 ] || bad=$((bad + 1))
    done
    echo "$n $bad" >curl.txt
) &
curls=$!
sleep 1
begin=$(date +%s%N)
put 2 1
took=-1
for _ in $(seq 100); do
    [ "$(revision '')" = 2 ] && { took=$((($(date +%s%N) - begin) / 1000000)); break; }
    sleep 0.02
done
echo "     revision 2 is served after $took ms"
[ "$took" -ge 0 ] && [ "$took" -le 2000 ] || fail "revision 2 is not served within 2 s ($took)"
wait $curls
read -r asked bad <curl.txt
same "$asked requests of curl, refused" "$bad" 0
if [ -n "$load" ]; then
    wait "$load"
    load=
    same "$(grep -o '[0-9]* requests in' load.txt) by wrk, refused" \
        "$(grep -cE 'Non-2xx|Socket errors' load.txt)" 0
fi
same "the past is answered by revision 1" "$(revision '&time=2026-01-15')" 1
same "revision 1 by number" "$(revision '&revision=1')" 1
same "its validity ended" "$(curl -s "$base/locate?$lonlat&revision=1" | field valid_until)" 2026-02-01T00:00:00Z
same "before the first" "$(status "$base/locate?$lonlat&time=2025-12-31")" 404
same "it names the first date" "$(curl -s "$base/locate?$lonlat&time=2025-12-31" | grep -c 2026-01-01T00:00:00Z)" 1
same "tiles of revision 1" "$(status "$base/tiles/1/14/0/0.mvt")" 204
same "tiles of revision 3" "$(status "$base/tiles/3/14/0/0.mvt")" 404
same "the list" "$(curl -s "$base/revisions" | grep -o '"state":"[^"]*"' | tr '\n' ' ')" \
    '"state":"past" "state":"in force" '
same "the news in the log" "$(grep -c 'newest revision is 2' err.txt)" 1

# scheduled: comes into force at its time, by itself
from=$(($(now) + 8))
make 3 "$(at "$from")"
put 3 2
for _ in $(seq 100); do
    [ "$(curl -s "$base/metrics" | grep -c '^xiwang_revision_newest 3$')" = 1 ] && break
    sleep 0.05
done
if [ "$(now)" -lt $((from - 1)) ]; then
    same "the scheduled one waits" "$(revision '')" 2
    same "the old one says until when" "$(curl -s "$base/locate?$lonlat" | field valid_until)" "$(at "$from")"
    same "the future is answered by it" "$(revision "&time=$(at $((from + 60)))")" 3
fi
same "a map of 2 until its time" "$(curl -s "$base/tiles.json?time=$(at $((from - 1)))" | field revision)" 2
while [ "$(now)" -lt "$from" ]; do sleep 0.1; done
same "the scheduled one is in force at its second" "$(revision '')" 3

# the command line tells the same
pair="${point%%,*},$(cut -d, -f2 <<<"$point")"
same "locate --time" "$("$xiwang" locate s.gpkg --at "$pair" --time 2026-01-15 --json | field revision)" 1
same "locate now" "$("$xiwang" locate s.gpkg --at "$pair" --json | field revision)" 3
"$xiwang" locate s.gpkg --at "$pair" --time 2025-01-01 >out.txt 2>why.txt
same "before the first ends with 1" "$?" 1
same "and says the first date" "$(grep -c 2026-01-01T00:00:00Z why.txt)" 1
"$xiwang" locate s.gpkg --at "$pair" --time soon >out.txt 2>why.txt
same "a wrong time ends with 2" "$?" 2
same "revisions" "$("$xiwang" revisions s.gpkg --json | grep -o '"state":"[^"]*"' | tr '\n' ' ')" \
    '"state":"past" "state":"past" "state":"in force" '
"$xiwang" revisions s.gpkg

# a damaged store leaves the old one serving and is told; the next one mends it
make 4 2026-03-01
head -c 20000 rev4.gpkg >half.gpkg
cp s.gpkg s.gpkg.history/0003.gpkg
cp s.gpkg.snapshot s.gpkg.history/0003.gpkg.snapshot
mv half.gpkg s.gpkg
for _ in $(seq 100); do
    [ "$(curl -s "$base/metrics" | grep -c '^xiwang_revision_problems 1$')" = 1 ] && break
    sleep 0.05
done
same "the gauge tells it" "$(curl -s "$base/metrics" | grep '^xiwang_revision_problems')" "xiwang_revision_problems 1"
same "still ready" "$(status "$base/readyz")" 200
same "readyz tells it" "$(curl -s "$base/readyz" | grep -c 'not served: .*s\.gpkg')" 1
same "the old one answers" "$(revision '')" 3
same "the log tells it once" "$(grep -c 'not served: ' err.txt)" 1
make 4 "$(at "$(now)")"
mv rev4.gpkg.snapshot s.gpkg.snapshot
mv rev4.gpkg s.gpkg
for _ in $(seq 100); do
    [ "$(revision '')" = 4 ] && break
    sleep 0.05
done
same "the mended one is served" "$(revision '')" 4
same "no problem is left" "$(curl -s "$base/metrics" | grep '^xiwang_revision_problems')" "xiwang_revision_problems 0"

# a kept snapshot that is gone is compiled again
kill -TERM "$server" && wait "$server"
same "SIGTERM ends with 0" "$?" 0
rm s.gpkg.history/0001.gpkg.snapshot
"$xiwang" serve s.gpkg --listen 127.0.0.1:0 >url2.txt 2>err2.txt &
server=$!
for _ in $(seq 600); do [ -s url2.txt ] && break; sleep 0.05; done
base=$(sed 's#/$##' url2.txt)
for _ in $(seq 200); do
    [ "$(revision '&revision=1')" = 1 ] && break
    sleep 0.1
done
same "a kept revision without a snapshot answers" "$(revision '&revision=1')" 1
grep -h Sanitizer err.txt err2.txt && fail "the sanitizer complains about the server"
[ "$failed" = 0 ] && echo "all well"
exit "$failed"
