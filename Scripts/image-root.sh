#!/usr/bin/env bash
# Makes the root of the image: the server under /usr, and of Debian the libraries that it loads, with their entries in the
# package database, so that scanners know what is in it and licences are kept.
#
#   Scripts/image-root.sh PACKAGE ROOT      (PACKAGE is what Scripts/package.sh made)
set -euo pipefail
package=${1:?usage: Scripts/image-root.sh PACKAGE ROOT}
root=${2:?usage: Scripts/image-root.sh PACKAGE ROOT}

mkdir -p "$root"/{data,etc/ssl/certs,tmp,usr/lib64,var/lib/dpkg/status.d}
chmod 1777 "$root/tmp"
cp -r "$package"/. "$root/usr/"
for name in bin lib lib64; do ln -s "usr/$name" "$root/$name"; done

# The package that a file is of. The database names some files by their place before /lib and /usr/lib became one.
package_of() {
    { dpkg -S "$1" || dpkg -S "${1#/usr}"; } 2>/dev/null | head -1 | cut -d: -f1
}

keep_entry() {
    local entry="$root/var/lib/dpkg/status.d/$1" licence="/usr/share/doc/$1/copyright"
    [ ! -e "$entry" ] || return 0
    dpkg-query -s "$1" >"$entry"
    if [ -e "$licence" ]; then install -D -m 644 "$licence" "$root$licence"; fi
}

# A path stands where the loader finds it, in its real folder.
copy() {
    local file=$1 real place
    real=$(readlink -f "$file")
    place=$(readlink -f "$(dirname "$file")")/$(basename "$file")
    install -D -m "$(stat -c %a "$real")" "$real" "$root$place"
    keep_entry "$(package_of "$real")"
}

libraries() {
    # "libz.so.1 => /lib/x86_64-linux-gnu/libz.so.1 (0x…)", and the loader alone: "/lib64/ld-linux-x86-64.so.2 (0x…)".
    ldd "$package"/bin/* | awk '$2 == "=>" {print $3} $1 ~ /^\// && $2 ~ /^\(/ {print $1}' | sort -u
}

libraries | while read -r library; do
    case $library in
        "$package"/*) ;;
        *) copy "$library" ;;
    esac
done

# Debian's FFmpeg loads libraries of some size that nothing here asks for anything. The loader wants them, so small ones take
# their place.

# link LIBRARY SOURCE: makes a library in the place of one.
link() { "${CC:-clang}" -shared -nostdlib -fPIC "-Wl,-soname,$(basename "$1")" -o "$1" "$2"; }

# ICU without its data (31 MB), made by its own tools. Only libxml2 loads it, for encodings of XML that are none of UTF-8, UTF-16
# and ISO-8859-1.
leave_out_icu_data() {
    local library=$1 name
    name=icudt${library##*.so.}
    icupkg new "$work/${name}l.dat"
    genccode --assembly gcc --entrypoint "$name" --destdir "$work" "$work/${name}l.dat" >/dev/null
    link "$library" "$work/${name}l_dat.S"
}

# A codec of radios (17 MB): each of its functions gives 0, and so no decoder and no encoder.
leave_out_codec2() {
    nm --dynamic --defined-only "$1" | awk '$2 == "T" {print "void *" $3 "(void) { return 0; }"}' >"$work/codec2.c"
    link "$1" "$work/codec2.c"
}

work=$(mktemp -d)
for library in "$root"/usr/lib/*/libicudata.so.*; do leave_out_icu_data "$library"; done
for library in "$root"/usr/lib/*/libcodec2.so.*; do leave_out_codec2 "$library"; done
rm -r "$work"

# What the C library and TLS look for, and how a scanner knows the distribution.
copy /etc/ssl/certs/ca-certificates.crt
copy /etc/debian_version
# For the clock in placeholders, by TZ.
mkdir -p "$root/usr/share"
cp -r /usr/share/zoneinfo "$root/usr/share/"
keep_entry tzdata
install -m 644 /etc/os-release "$root/etc/os-release"
echo "hosts: files dns" >"$root/etc/nsswitch.conf"
printf 'root:x:0:0:root:/data:/sbin/nologin\ntoposync:x:1000:1000::/data:/sbin/nologin\n' >"$root/etc/passwd"
printf 'root:x:0:\ntoposync:x:1000:\n' >"$root/etc/group"
chown 1000:1000 "$root/data"

du -sk "$root" "$root"/usr/bin "$root"/usr/lib "$root"/usr/share
