#!/bin/bash
# Events are never lost: the server is killed at random under load; every acknowledged event is there
# exactly once, and subscribers get all of them in order through the restarts.
#   events.sh XIWANG EVENTS_CLIENT       XW_KILLS (5) times, with XW_SUBSCRIBERS (20)
set -u
xiwang=$(readlink -f "$1")
client=$(readlink -f "$2")
kills=${XW_KILLS:-5}
subscribers=${XW_SUBSCRIBERS:-20}
work=$(mktemp -d)
server=
failed=0
cleanup() {
    [ -n "$server" ] && kill -9 "$server" 2>/dev/null && wait "$server" 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT
cd "$work" || exit 1

fail() { echo "FAIL: $*" >&2; failed=1; }
same() { # what, got, wanted
    if [ "$2" = "$3" ]; then echo "ok   $1"; else fail "$1: got \"$2\", wanted \"$3\""; fi
}
serve() { # port
    : >url.txt
    "$xiwang" serve store.gpkg --listen "127.0.0.1:$1" --events e.db >url.txt 2>>err.txt &
    server=$!
    for _ in $(seq 600); do
        [ -s url.txt ] && break
        kill -0 "$server" 2>/dev/null || { cat err.txt >&2; exit 1; }
        sleep 0.05
    done
    base=$(sed 's#/$##' url.txt)
}
stored() { # all events, page by page
    local next="$base/events?limit=1000" page
    while [ -n "$next" ]; do
        page=$(curl -s "$next")
        grep -o '"event_id":[0-9]*,"service_request_id":"[0-9]*","source":"[^"]*","source_event_id":"[^"]*"' <<<"$page" |
            sed 's/"event_id":\([0-9]*\),.*"source_event_id":"\(.*\)"/\2 \1/'
        next=$(grep -o '{"href":"[^"]*","rel":"next"' <<<"$page" | sed 's/{"href":"//; s/","rel.*//')
    done
}

"$xiwang" sample --households 100 --seed 7 -o town.gpkg || exit 1
"$xiwang" build --roads town.gpkg:roads --water town.gpkg:water --buildings town.gpkg:buildings \
    --divisions town.gpkg:divisions --addresses town.gpkg:addresses -o store.gpkg >build.txt || exit 1
serve 0
port=${base##*:}
label=$(curl -s "$base/collections/units/items?limit=1" | grep -o '"coordinates":\[[^]]*' | sed 's/.*\[//')
lon=${label%,*} lat=${label#*,}
: >acked.txt
for round in $(seq "$kills"); do
    "$client" load "$port" 8 "r$round" "$lat" "$lon" 60 >>acked.txt 2>/dev/null &
    loader=$!
    sleep "0.$((RANDOM % 9))$((RANDOM % 9 + 1))"
    kill -9 "$server"
    wait "$server" 2>/dev/null
    wait "$loader"
    serve "$port"
done
stored | sort >stored.txt
sort acked.txt >wanted.txt
echo "     $(wc -l <wanted.txt) acknowledged, $(wc -l <stored.txt) stored, $kills kills"
[ -s wanted.txt ] || fail "nothing was acknowledged"
same "every acknowledged event is there under its id" "$(comm -23 wanted.txt stored.txt | wc -l)" 0
same "each once" "$(cut -d' ' -f1 stored.txt | uniq -d | wc -l)" 0
same "ids without gaps" "$(wc -l <stored.txt)" "$(cut -d' ' -f2 stored.txt | sort -n | tail -1)"

# subscribers through a restart, while events come
have=$(wc -l <stored.txt)
"$client" listen "$port" "$subscribers" $((have + 300)) 2>listen.txt &
listener=$!
"$client" load "$port" 4 s1 "$lat" "$lon" 0.5 >>acked.txt
kill -TERM "$server"
wait "$server"
same "SIGTERM with subscribers ends with 0" "$?" 0
serve "$port"
for i in $(seq 100); do
    [ "$(curl -s -o /dev/null -w '%{http_code}' "$base/events/$((have + 300))")" = 200 ] && break
    "$client" load "$port" 4 "t$i" "$lat" "$lon" 0.3 >>acked.txt
done
wait "$listener"
same "$subscribers subscribers got all in order through a restart" "$?" 0
cat listen.txt >&2

# a body of several parts: each line has its answer, in the order of the lines, and the same again
for i in $(seq 10000); do
    printf '{"service_code":"a","lat":%s,"long":%s,"source":"long","source_event_id":"%s"}\n\n' \
        "$lat" "$lon" "$i"
    [ "$i" = 5000 ] && echo '{"service_code":"a"}'
done >body.txt
lines() { curl -s -H "Content-Type: application/x-ndjson" --data-binary @body.txt "$base/events"; }
lines >long.txt
same "the lines of a long body" "$(grep -c '"status":201' long.txt)" 10000
same "the bad one among them" "$(grep -n '"status":400' long.txt | cut -d: -f1)" 5001
same "in their order" "$(sed 's/.*"source_event_id":"\([0-9]*\)".*/\1/; /status":400/d' long.txt | sort -nc 2>&1)" ""
lines | sed 's/"status":200/"status":201/' >again.txt
cmp long.txt again.txt || fail "a repeated body is answered otherwise"

# bad input
post() { curl -s -o said.txt -w '%{http_code}' -H "Content-Type: $1" --data-binary @body.txt "$base/events"; }
head -c 10000000 /dev/zero | tr '\0' '[' >body.txt
same "10 MB of brackets" "$(post application/json)" 400
same "10 MB of brackets in a line" "$(post application/x-ndjson)" 200
head -c 17000000 /dev/zero | tr '\0' ' ' >body.txt
same "17 MB" "$(post application/x-ndjson)" 413
printf '{"service_code":"a","lat":1,"long":1,"email":"a"}' >body.txt
same "a personal field" "$(post application/json)" 400
grep -q '"email\\" is refused' said.txt || fail "the answer does not name the field: $(cat said.txt)"
same "another type" "$(post text/csv)" 415
printf '{"service_code":"a","lat":NaN,"long":1}' >body.txt
same "NaN" "$(post application/json)" 400
same "a bad cursor" "$(curl -s -o /dev/null -w '%{http_code}' "$base/events?cursor=x")" 400
same "a bad time" "$(curl -s -o /dev/null -w '%{http_code}' "$base/events?from=x")" 400
same "no such event" "$(curl -s -o /dev/null -w '%{http_code}' "$base/events/999999999")" 404
same "a bad Last-Event-ID" "$(curl -s -o /dev/null -w '%{http_code}' -H 'Last-Event-ID: x' "$base/stream")" 400
# a million header lines: refused or cut off, with no memory kept for them
memory() { awk '/VmRSS/ {print $2}' "/proc/$server/status"; }
headers() {
    exec 3<>"/dev/tcp/127.0.0.1/$port" || return
    { printf 'GET /healthz HTTP/1.1\r\nHost: a\r\n'
        yes "$(printf 'X-A: b\r')" | head -1000000
        printf '\r\n'; } >&3 2>/dev/null
    timeout 10 head -1 <&3 2>/dev/null
    exec 3>&-
}
before=$(memory)
for _ in 1 2 3; do (trap '' PIPE; headers) >said.txt 2>/dev/null; done
case $(cat said.txt) in
    "" | HTTP/1.1\ 4*) echo "ok   a million header lines" ;;
    *) fail "a million header lines: $(head -c 200 said.txt)" ;;
esac
after=$(memory)
[ $((after - before)) -lt 8192 ] || fail "memory grew from $before to $after KiB"
same "alive after them" "$(curl -s -o /dev/null -w '%{http_code}' "$base/healthz")" 200
kill -TERM "$server"
wait "$server"
same "the end" "$?" 0
server=
[ -s err.txt ] && fail "the server said: $(head -c 2000 err.txt)"
[ "$failed" = 0 ] && echo "all well"
exit "$failed"
