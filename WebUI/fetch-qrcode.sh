#!/bin/sh
# Puts the encoder of QR codes where the server serves it: WebUI/vendor/qrcode.js.
#
# The bytes are those of qrcode.js in the npm package qrcode-generator 1.4.4 (MIT). Where npm's registry is out of reach,
# Debian's package of it has the same. Either way only the pinned SHA-256 is accepted.
set -eu

version=1.4.4
expected=18ae399f81182bc9de916e9c77b195df20cc58d6f2d55a62b085a299f1bf1780
npm_url="https://registry.npmjs.org/qrcode-generator/-/qrcode-generator-${version}.tgz"
debian_package=node-qrcode-generator
debian_member=./usr/share/nodejs/qrcode-generator/qrcode.js

directory=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
target="${directory}/vendor/qrcode.js"

matches() {
    [ -f "$1" ] && [ "$(sha256sum "$1" | cut -d ' ' -f 1)" = "$expected" ]
}

if matches "$target"; then
    echo "qrcode-generator ${version} is already in place."
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

from_npm() {
    command -v curl >/dev/null 2>&1 || return 1
    curl --fail --silent --show-error --location --connect-timeout 8 --max-time 60 \
        --output "$work/qrcode.tgz" "$npm_url" 2>"$work/npm.log" || return 1
    tar -xzf "$work/qrcode.tgz" -C "$work" package/qrcode.js 2>>"$work/npm.log" || return 1
    mv "$work/package/qrcode.js" "$work/qrcode.js"
    matches "$work/qrcode.js"
}

from_debian() {
    command -v apt-get >/dev/null 2>&1 || return 1
    chmod 755 "$work"
    (cd "$work" && apt-get download -qq -o APT::Sandbox::User=root "$debian_package") 2>"$work/debian.log" || return 1
    dpkg-deb --fsys-tarfile "$work/${debian_package}"_*.deb | tar -xO "$debian_member" >"$work/qrcode.js" \
        2>>"$work/debian.log" || return 1
    matches "$work/qrcode.js"
}

if ! from_npm && ! from_debian; then
    echo "qrcode-generator ${version} could not be obtained, neither from npm nor from Debian:" >&2
    cat "$work"/*.log >&2 2>/dev/null || :
    echo "Put its qrcode.js (SHA-256 ${expected}) at ${target} and try again." >&2
    exit 1
fi

mkdir -p "${directory}/vendor"
chmod 644 "$work/qrcode.js"
mv "$work/qrcode.js" "${target}.new"
mv "${target}.new" "$target"
echo "qrcode-generator ${version} installed at ${target} (SHA-256 verified)."
