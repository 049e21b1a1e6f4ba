#!/bin/sh
# Puts the encoder of QR codes (MIT) where the server serves it. Where npm's registry is out of reach, Debian's package of it
# has the same bytes.
set -eu

library=qrcode-generator
version=1.4.4
file=qrcode.js
npm_member=qrcode.js
expected=18ae399f81182bc9de916e9c77b195df20cc58d6f2d55a62b085a299f1bf1780
other_source=Debian
debian_package=node-qrcode-generator
debian_member=./usr/share/nodejs/qrcode-generator/qrcode.js

from_other_source() {
    command -v apt-get >/dev/null 2>&1 || return 1
    chmod 755 "$work"
    (cd "$work" && apt-get download -qq -o APT::Sandbox::User=root "$debian_package") 2>"$work/debian.log" || return 1
    dpkg-deb --fsys-tarfile "$work/${debian_package}"_*.deb | tar -xO "$debian_member" >"$work/${file}" \
        2>>"$work/debian.log" || return 1
}

# shellcheck source=WebUI/fetch-pinned.sh
. "$(dirname -- "$0")/fetch-pinned.sh"
fetch_pinned
