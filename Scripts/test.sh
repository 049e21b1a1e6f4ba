#!/usr/bin/env bash
# The stages of `make test`. Stops at the first that fails, and says which one that was and how long each took. Nothing is
# run a second time: what fails, dies of a signal or reaches its time limit has failed.
set -uo pipefail
cd "$(dirname "$0")/.."

stages=${1:-all}
[ $# -gt 0 ] && shift

# How a command ended, in words. `timeout` ends with 124, and with 137 when it had to kill.
ending() {
    if [ "$1" -eq 124 ]; then
        echo "it reached its time limit"
    elif [ "$1" -gt 128 ]; then
        echo "it died of SIG$(kill -l $(($1 - 128)))"
    else
        echo "exit status $1"
    fi
}

stage() {
    local name=$1 started=$SECONDS
    shift
    printf '\n==> %s\n' "$name"
    "$@"
    local status=$?
    if [ $status -ne 0 ]; then
        printf '\n==> FAILED: %s (%s, after %d s)\n' "$name" "$(ending $status)" "$((SECONDS - started))" >&2
        exit 1
    fi
    printf '==> passed: %s (%d s)\n' "$name" "$((SECONDS - started))"
}

# In the foreground, so that Ctrl-C reaches the tests.
limited() {
    timeout --foreground --kill-after=30 "$@"
}

# A sanitizer's build has a folder of its own: what the two share would be built anew each time.
sanitizer=${SANITIZER:-}
build_options=()
if [ -n "$sanitizer" ]; then
    build_options=(--sanitize "$sanitizer" --scratch-path ".build-$sanitizer")
    # libav and the runtime keep what they allocate once, which is no leak.
    export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0}
    export TSAN_OPTIONS=${TSAN_OPTIONS:-suppressions=$PWD/Scripts/thread-sanitizer.supp}
fi

build() {
    swift build ${build_options[@]+"${build_options[@]}"} "$@"
}

# A process that ends early by itself ends with 0 and runs no test, and so does a filter that fits none.
unit_target() {
    local log status
    log=$(mktemp)
    limited 15m swift test --skip-build ${build_options[@]+"${build_options[@]}"} --filter "^$1\\." 2>&1 | tee "$log"
    status=$?
    if [ $status -eq 0 ] && ! grep -q 'Test run with [1-9][0-9]* tests\{0,1\}.* passed' "$log"; then
        echo "No test of $1 was run to its end." >&2
        status=1
    fi
    rm -f "$log"
    return $status
}

# pytest.ini limits each test and the whole; the limit here is for a pytest that is stuck itself.
end_to_end_run() {
    limited 50m .venv/bin/pytest Tests/EndToEnd "$@"
}

# Tests that wait for most of their time wait together, when all are run; then most others, two at once; last those that
# measure, one after the other.
# Arguments: the stage's name, which tests (a condition of pytest's -m, that of others may follow), and pytest's other arguments.
end_to_end() {
    local name=$1 which=$2
    shift 2
    if [ $# -gt 0 ]; then
        stage "$name" end_to_end_run -m "$which" "$@"
        return
    fi
    stage "$name, those that wait" end_to_end_run -m "$which and patient" -n 6 --dist load
    stage "$name, most" end_to_end_run -m "$which and not patient and not alone" -n 2 --dist loadfile
    stage "$name, those that measure" end_to_end_run -m "$which and not patient and alone"
}

# One process a target: tests of libav keep their threads busy, and tests that wait for a network would starve beside them.
unit() {
    stage "Build (swift build --build-tests)" build --build-tests
    local target
    for target in Tests/*Tests; do
        [ -n "$(find "$target" -name '*.swift' -print -quit)" ] || continue
        target=${target#Tests/}
        stage "Unit tests of ${target%Tests}" unit_target "$target" </dev/null
    done
    stage "What the fuzzer found" unit_target FuzzTests </dev/null
    stage "Unit tests of the web pages" limited 10m node --test Tests/WebUITests/
}

e2e() {
    stage "Build (swift build)" build
    local mediamtx=${TOPOSYNC_STREAMING_ENGINE_PATH:-}
    unset TOPOSYNC_STREAMING_ENGINE_PATH
    end_to_end "End-to-end and browser tests (pytest)" "(rig or not rig)" "$@"
    if [ -z "$mediamtx" ]; then
        printf '\n==> SKIPPED: the same tests with MediaMTX, as TOPOSYNC_STREAMING_ENGINE_PATH names none\n'
        return
    fi
    with_mediamtx "$mediamtx" "$@"
}

with_mediamtx() {
    export TOPOSYNC_STREAMING_ENGINE_PATH=$1
    shift
    end_to_end "End-to-end and browser tests with MediaMTX at $TOPOSYNC_STREAMING_ENGINE_PATH" "not rig" "$@"
}

# Installed as users do, unless the environment names one.
mediamtx() {
    stage "Build (swift build)" build
    if [ -z "${TOPOSYNC_STREAMING_ENGINE_PATH:-}" ]; then
        stage "Install MediaMTX" .build/debug/toposync-streaming engine-install --data-dir .cache/mediamtx
        TOPOSYNC_STREAMING_ENGINE_PATH=$(.build/debug/toposync-streaming engine-install --data-dir .cache/mediamtx)
    fi
    with_mediamtx "$TOPOSYNC_STREAMING_ENGINE_PATH" "$@"
}

home_assistant() {
    stage "Build (swift build)" build
    stage "Tests with a real Home Assistant (pytest)" limited 20m .venv-home-assistant/bin/pytest Tests/HomeAssistant "$@"
}

case "$stages" in
    all) unit && e2e "$@" ;;
    unit) unit ;;
    e2e) e2e "$@" ;;
    mediamtx) mediamtx "$@" ;;
    home-assistant) home_assistant "$@" ;;
    *)
        echo "usage: $0 all|unit|e2e|mediamtx|home-assistant" >&2
        exit 64
        ;;
esac
printf '\n==> All stages passed in %d s\n' "$SECONDS"
