#!/usr/bin/env bash
# Starts an image as its users do, waits until it says that it is healthy, looks at its picture, and ends it.
#
#   Scripts/smoke-image.sh IMAGE
set -euo pipefail
image=${1:?usage: Scripts/smoke-image.sh IMAGE}

container=$(docker run --detach --env TOPOSYNC_STREAMING_DEMO=1 --env TOPOSYNC_STREAMING_ACCESS=open \
    --publish 8100:8100 --publish 8888:8888 "$image")
finish() {
    docker logs "$container" || true
    docker rm --force "$container" >/dev/null
}
trap finish EXIT

for _ in $(seq 60); do
    health=$(docker inspect --format '{{.State.Health.Status}}' "$container")
    if [ "$health" = healthy ]; then break; fi
    sleep 1
done
[ "$health" = healthy ] || { echo "==> the container is $health" >&2; exit 1; }

api=http://127.0.0.1:8100/api/streams
id=$(curl -fsS "$api/transmissions" | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["id"])')
[ "$(curl -fsS --max-time 30 "$api/transmissions/$id/still.jpg" | head -c 2 | od -An -tx1 | tr -d ' ')" = ffd8 ] ||
    { echo "==> the still is no JPEG" >&2; exit 1; }
curl -fsS --retry 10 --retry-all-errors --max-time 30 http://127.0.0.1:8888/demo/index.m3u8 | grep -q '^#EXTM3U' ||
    { echo "==> there is no playlist" >&2; exit 1; }

# Ten seconds are what Docker gives before it kills.
docker stop --time 10 "$container" >/dev/null
status=$(docker inspect --format '{{.State.ExitCode}}' "$container")
[ "$status" -eq 0 ] || { echo "==> it ended with $status when it was asked to stop" >&2; exit 1; }
echo "==> $image starts, shows a picture, and ends; $(docker image inspect --format '{{.Size}}' "$image") bytes"
