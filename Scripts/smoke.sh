#!/usr/bin/env bash
# What a new user does first: `make run`, in a fresh data directory; then the page, a still of the demo picture and the end.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
port=${PORT:-8123}
make run BUILD="${BUILD:-release}" DATA_DIR="$work/data" SERVE_FLAGS="--port $port" >"$work/log" 2>&1 &
make=$!
finish() {
    cat "$work/log"
    # The server is the child of make: its recipe becomes it.
    pkill -TERM -P "$make" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

address=http://127.0.0.1:$port
for _ in $(seq 600); do
    curl -fsS "$address/api/streams/health" >/dev/null 2>&1 && break
    kill -0 "$make" 2>/dev/null || { echo "==> make run ended" >&2; exit 1; }
    sleep 1
done
curl -fsS -o "$work/page.html" "$address/"
grep -q "<html" "$work/page.html" || { echo "==> the page is no page" >&2; exit 1; }
id=$(curl -fsS "$address/api/streams/transmissions" | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["id"])')
curl -fsS --max-time 30 -o "$work/still.jpg" "$address/api/streams/transmissions/$id/still.jpg"
[ "$(head -c 2 "$work/still.jpg" | od -An -tx1 | tr -d ' ')" = ffd8 ] || { echo "==> the still is no JPEG" >&2; exit 1; }

trap - EXIT
pkill -TERM -P "$make" || true
status=0
wait "$make" || status=$?
cat "$work/log"
rm -rf "$work"
[ $status -eq 0 ] || { echo "==> make run ended with $status when it was asked to stop" >&2; exit 1; }
echo "==> make run serves, shows a picture, and ends"
