#!/bin/sh
# Puts hls.js where the server serves it: WebUI/vendor/hls.mjs.
#
# The bytes are those of dist/hls.mjs in the npm package hls.js 1.5.13. Where npm's registry is out of reach, the same
# bytes are embedded in a source map of a wheel on PyPI. Either way only the pinned SHA-256 is accepted.
set -eu

version=1.5.13
expected=f78a0fb161161717f6ebf6bbbd2a4410287dbe7d8ea26e8e8049c6485e8b7613
npm_url="https://registry.npmjs.org/hls.js/-/hls.js-${version}.tgz"
wheel_requirement=gradio==5.49.1
wheel_member=gradio/templates/frontend/assets/hls-C7-VjdhD.js.map

directory=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
target="${directory}/vendor/hls.mjs"

matches() {
    [ -f "$1" ] && [ "$(sha256sum "$1" | cut -d ' ' -f 1)" = "$expected" ]
}

if matches "$target"; then
    echo "hls.js ${version} is already in place."
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

from_npm() {
    command -v curl >/dev/null 2>&1 || return 1
    curl --fail --silent --show-error --location --connect-timeout 8 --max-time 120 \
        --output "$work/hls.tgz" "$npm_url" 2>"$work/npm.log" || return 1
    tar -xzf "$work/hls.tgz" -C "$work" package/dist/hls.mjs 2>>"$work/npm.log" || return 1
    mv "$work/package/dist/hls.mjs" "$work/hls.mjs"
    matches "$work/hls.mjs"
}

from_pypi() {
    python3 -m pip --version >/dev/null 2>&1 || return 1
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        --dest "$work" "$wheel_requirement" 2>"$work/pypi.log" || return 1
    python3 - "$work" "$wheel_member" <<'PYTHON' 2>>"$work/pypi.log" || return 1
import json
import pathlib
import sys
import zipfile

work = pathlib.Path(sys.argv[1])
with zipfile.ZipFile(next(work.glob("gradio-*.whl"))) as wheel:
    source_map = json.loads(wheel.read(sys.argv[2]))
for name, content in zip(source_map["sources"], source_map["sourcesContent"]):
    if name.endswith("hls.mjs"):
        (work / "hls.mjs").write_bytes(content.encode())
        break
else:
    sys.exit("the wheel's source map has no hls.mjs")
PYTHON
    matches "$work/hls.mjs"
}

echo "Getting hls.js ${version} from npm's registry…"
if ! from_npm; then
    echo "npm's registry is out of reach; getting the same file from PyPI (64 MB)…"
    if ! from_pypi; then
        echo "hls.js ${version} could not be obtained, neither from npm nor from PyPI:" >&2
        cat "$work"/*.log >&2 2>/dev/null || :
        echo "Put dist/hls.mjs of hls.js ${version} (SHA-256 ${expected}) at ${target} and try again." >&2
        exit 1
    fi
fi

mkdir -p "${directory}/vendor"
chmod 644 "$work/hls.mjs"
mv "$work/hls.mjs" "${target}.new"
mv "${target}.new" "$target"
echo "hls.js ${version} installed at ${target} (SHA-256 verified)."
