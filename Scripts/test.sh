#!/usr/bin/env bash
# The stages of `make test`. Stops at the first that fails, and says which one that was and how long each took.
set -uo pipefail
cd "$(dirname "$0")/.."

stages=${1:-all}
[ $# -gt 0 ] && shift

stage() {
    local name=$1 started=$SECONDS
    shift
    printf '\n==> %s\n' "$name"
    "$@"
    local status=$?
    if [ $status -ne 0 ]; then
        printf '\n==> FAILED: %s (exit status %d, after %d s)\n' "$name" "$status" "$((SECONDS - started))" >&2
        exit 1
    fi
    printf '==> passed: %s (%d s)\n' "$name" "$((SECONDS - started))"
}

unit() {
    stage "Build (swift build --build-tests)" swift build --build-tests
    stage "Unit tests (swift test)" swift test --skip-build
}

e2e() {
    stage "Build (swift build)" swift build --product toposync-streaming
    stage "End-to-end and browser tests (pytest)" .venv/bin/pytest Tests/EndToEnd "$@"
}

case "$stages" in
    all) unit && e2e "$@" ;;
    unit) unit ;;
    e2e) e2e "$@" ;;
    *)
        echo "usage: $0 all|unit|e2e" >&2
        exit 64
        ;;
esac
printf '\n==> All stages passed in %d s\n' "$SECONDS"
