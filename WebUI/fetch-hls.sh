#!/bin/sh
# Puts hls.js where the server serves it. Where npm's registry is out of reach, the same bytes are embedded in a source map of
# a wheel on PyPI.
set -eu

library=hls.js
version=1.5.13
file=hls.mjs
npm_member=dist/hls.mjs
expected=f78a0fb161161717f6ebf6bbbd2a4410287dbe7d8ea26e8e8049c6485e8b7613
other_source="PyPI (64 MB)"
wheel_requirement=gradio==5.49.1
wheel_member=gradio/templates/frontend/assets/hls-C7-VjdhD.js.map

from_other_source() {
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
}

# shellcheck source=WebUI/fetch-pinned.sh
. "$(dirname -- "$0")/fetch-pinned.sh"
fetch_pinned
