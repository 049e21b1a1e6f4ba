#!/usr/bin/env bash
# `make fuzz`: runs each fuzz target for a time, one after the other, on its corpus in Fuzz/Corpus.
#
#   Scripts/fuzz.sh SECONDS [TARGET...]
#
# What is new stays in .cache/fuzz until `Scripts/fuzz.sh --keep` puts the smallest set that covers as much into the
# corpus. An input that breaks a property is written to Fuzz/Corpus/TARGET at once: it belongs there, with the mend.
set -euo pipefail
cd "$(dirname "$0")/.."

found=.cache/fuzz
# The backtracer of Swift hangs under libFuzzer's signal handlers.
export SWIFT_BACKTRACE=enable=no
export ASAN_OPTIONS=detect_leaks=0:${ASAN_OPTIONS:-}

build() {
    # A build of its own, because everything is instrumented. Of several `-sanitize` Swift takes the last alone, and
    # SwiftPM writes its own in any order: without both in one, a build may be without coverage, and fuzz nothing.
    TOPOSYNC_FUZZ=1 swift build -c release --scratch-path .build-fuzz --product Fuzz \
        --sanitize address --sanitize fuzzer -Xswiftc -sanitize=address,fuzzer --disable-index-store
    fuzzer=$(TOPOSYNC_FUZZ=1 swift build -c release --scratch-path .build-fuzz --show-bin-path)/Fuzz
}

if [ "${1:-}" = --keep ]; then
    build
    for corpus in Fuzz/Corpus/*/; do
        target=$(basename "$corpus")
        mkdir -p "$found/$target"
        FUZZ_TARGET=$target "$fuzzer" -merge=1 -max_len=131072 "$corpus" "$found/$target" 2>&1 | tail -1
    done
    exit
fi

seconds=${1:?usage: Scripts/fuzz.sh SECONDS [TARGET...]}
shift
build
if [ $# -eq 0 ]; then set -- $(ls Fuzz/Corpus); fi
failed=()
for target in "$@"; do
    mkdir -p "$found/$target"
    printf '\n==> %s for %s s\n' "$target" "$seconds"
    # Five seconds for one input, and 1 GB: whatever a peer may send at once costs far less, also on a busy machine.
    if ! FUZZ_TARGET=$target "$fuzzer" -max_total_time="$seconds" -max_len=131072 -timeout=5 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="Fuzz/Corpus/$target/" "$found/$target" "Fuzz/Corpus/$target" >"$found/$target.log" 2>&1; then
        failed+=("$target")
    elif ! grep -aq 'cov: ' "$found/$target.log"; then
        echo "nothing of $target was covered: it was built without -sanitize=fuzzer"
        failed+=("$target")
    fi
    grep -E '^(stat::number_of_executed_units|stat::peak_rss_mb|stat::slowest)|ERROR|SUMMARY|Fatal error' "$found/$target.log" || true
    { grep -a 'cov: ' "$found/$target.log" || true; } | tail -1
done
if [ ${#failed[@]} -gt 0 ]; then
    printf '\n==> FAILED: %s; the inputs are in Fuzz/Corpus, the logs in %s\n' "${failed[*]}" "$found" >&2
    exit 1
fi
