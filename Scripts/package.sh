#!/usr/bin/env bash
# Builds the server and puts it into a folder as it is installed: bin, lib (Swift's libraries) and share.
#
#   Scripts/package.sh FOLDER
#
# What is in the folder runs on Debian 12 from any place, with these packages of Debian: see docs/installing.md.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:?usage: Scripts/package.sh FOLDER}

# Swift's libraries are found beside the programs, whatever the toolchain's place on the machine that built them.
options=(
    -c release -Xswiftc -no-toolchain-stdlib-rpath
    -Xlinker -rpath -Xlinker "\$ORIGIN/../lib/toposync-streaming"
)
swift build "${options[@]}"
built=$(swift build "${options[@]}" --show-bin-path)

mkdir -p "$folder"/{bin,lib/toposync-streaming,share/toposync-streaming,share/doc/toposync-streaming}
programs=("$folder/bin/toposync-streaming" "$folder/bin/toposync-streaming-worker")
for program in "${programs[@]}"; do
    install -m 755 --strip "$built/$(basename "$program")" "$program"
done

runtime=$(swiftc -print-target-info | python3 -c 'import json, sys
print(":".join(json.load(sys.stdin)["paths"]["runtimeLibraryPaths"]))')
LD_LIBRARY_PATH=$runtime ldd "${programs[@]}" | awk '$3 ~ "/swift/" {print $3}' | sort -u | while read -r library; do
    install -m 644 "$library" "$folder/lib/toposync-streaming/"
done
strip --strip-unneeded "$folder"/lib/toposync-streaming/*.so

cp -r WebUI "$folder/share/toposync-streaming/"
rm "$folder"/share/toposync-streaming/WebUI/{fetch-*.sh,package.json}
install -m 644 LICENSE NOTICE "$folder/share/doc/toposync-streaming/"

# A library that is nowhere would be noticed by whoever starts it.
if ldd "${programs[@]}" | grep 'not found' >&2; then
    echo "The programs in $folder need libraries that are not there." >&2
    exit 1
fi
