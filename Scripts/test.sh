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

# Tests that wait for real processes and networks can miss a bound on a machine that is busy with something else. What
# fails is run once more, alone, and said loudly: a fault fails again.
again() {
    printf '\n==> FAILED ONCE, running again: %s\n' "$1" >&2
}

unit_target() {
    swift test --skip-build --filter "^$1\\." && return
    again "$1"
    swift test --skip-build --filter "^$1\\."
}

end_to_end() {
    .venv/bin/pytest Tests/EndToEnd "$@" && return
    again "the end-to-end tests above"
    .venv/bin/pytest Tests/EndToEnd --last-failed --last-failed-no-failures none "$@"
}

# One process a target: tests of libav keep their threads busy, and tests that wait for a network would starve beside them.
unit() {
    stage "Build (swift build --build-tests)" swift build --build-tests
    local target
    for target in Tests/*Tests/*.swift Tests/*Tests/*/*.swift; do echo "$target"; done | cut -d/ -f2 | sort -u |
        while read -r target; do
            stage "Unit tests of ${target%Tests}" unit_target "$target" </dev/null || exit 1
        done || exit 1
    stage "Unit tests of the web pages" node --test Tests/WebUITests/
}

e2e() {
    stage "Build (swift build)" swift build
    local mediamtx=${TOPOSYNC_STREAMING_ENGINE_PATH:-}
    unset TOPOSYNC_STREAMING_ENGINE_PATH
    stage "End-to-end and browser tests (pytest)" end_to_end "$@"
    if [ -z "$mediamtx" ]; then
        printf '\n==> SKIPPED: the same tests with MediaMTX, as TOPOSYNC_STREAMING_ENGINE_PATH names none\n'
        return
    fi
    export TOPOSYNC_STREAMING_ENGINE_PATH=$mediamtx
    stage "End-to-end and browser tests with MediaMTX at $mediamtx" end_to_end -m "not rig" "$@"
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
