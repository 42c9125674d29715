#!/bin/sh
# Runs Toxiproxy with the proxies in the file $1, or in PROXIES, which is written there first, and adds LATENCY_MS to each direction of each proxy.
# Toxics live in memory only, so this happens at every start.
set -eu
# The kernel may put off a timer by a millisecond, to serve several at once; by default it is 0.05 ms. While anything is under way, a Go
# program has a watcher that looks every 0.02 ms: half of what wakes a link. Where the kernel refuses, a link costs more, and works the same.
{ echo 1000000 > /proc/self/timerslack_ns; } 2>/dev/null || true
[ -z "${PROXIES:-}" ] || printf '%s' "$PROXIES" >"$1"
toxiproxy -host=0.0.0.0 -config="$1" &
server=$!
trap 'kill -TERM $server' TERM INT

tries=0
until toxiproxy-cli list >/tmp/list 2>/dev/null; do
  tries=$((tries + 1))
  [ $tries -lt 100 ] || { echo "link: Toxiproxy did not answer within 10 s" >&2; exit 1; }
  sleep 0.1
done
if [ "${LATENCY_MS:-0}" -gt 0 ]; then
  for name in $(sed -n 's/.*"name": *"\([^"]*\)".*/\1/p' "$1"); do
    toxiproxy-cli toxic add -n base-up -t latency -u -a "latency=$LATENCY_MS" "$name" >/dev/null
    toxiproxy-cli toxic add -n base-down -t latency -d -a "latency=$LATENCY_MS" "$name" >/dev/null
  done
fi
wait $server
