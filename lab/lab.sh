#!/usr/bin/env bash
# ./qfx lab: this project on a real Xen, in an emulated PC. See docs/lab.md.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lab/settings.sh
. "$here/settings.sh"

usage() {
    cat <<'END'
usage: ./qfx lab [--all | CASE…]    the cases, or these (or those whose names begin so), each from the same snapshot
       ./qfx lab --list             what cases there are
       ./qfx lab shell [STORE]      a prompt in dom0, with the guests running; Ctrl-] leaves it; STORE: xenstored, oxenstored or systemd
       ./qfx lab off                ends a machine that is still running
END
}

about() { sed -n "s/^# $1: *//p" "$here/cases/$2.sh"; }    # `# limit: 300`, `# store: oxenstored`, `# long: why`
cases() { (cd "$here/cases" && printf '%s\n' *.sh | sed 's/\.sh$//'); }
machine() { "$here/machine.sh" "$@"; }

list() {
    local name
    for name in $(cases); do
        printf '%-22s %s%s\n' "$name" "$(sed -n '2s/^# *//p' "$here/cases/$name.sh")" "$([ -z "$(about long "$name")" ] || echo ' (long)')"
    done
}

# chosen [--all | CASE…]
chosen() {
    local name wish found
    case ${1:-} in
        --all) cases ;;
        '') for name in $(cases); do [ -n "$(about long "$name")" ] || echo "$name"; done ;;
        *)
            for wish in "$@"; do
                found=$(cases | grep -- "^$wish") || { say "no case begins with $wish"; return 1; }
                printf '%s\n' "$found"
            done
            ;;
    esac
}

# debs: the packages as `./qfx deb` makes them, in debs/, and in debs/newer/ that of dom0 under a higher version.
debs() {
    local tree version
    stamp debs "$top/packaging" "$top/out/qfilexchgd" "$top/out/qfx-guest" && return
    rm -rf "$lab/debs"
    mkdir -p "$lab/debs/newer"
    for tree in dom0 guest; do "$top/packaging/deb/build" "$tree" "$top/out" "$lab/debs" >&2; done
    tree=$(mktemp -d)
    dpkg-deb -R "$lab"/debs/qfx-dom0_*.deb "$tree"
    version=$(sed -n 's/^Version: //p' "$tree/DEBIAN/control")
    sed -i "s/^Version: .*/&+lab/" "$tree/DEBIAN/control"
    dpkg-deb --root-owner-group -Znone -b "$tree" "$lab/debs/newer/qfx-dom0_$version+lab_amd64.deb" >&2
    rm -rf "$tree"
    stamped debs "$top/packaging" "$top/out/qfilexchgd" "$top/out/qfx-guest"
}

# kept STORE: there is a machine to go back to.
kept() {
    if [ "$1" = systemd ]; then "$here/images.sh" systemd && debs || return 1; fi
    local parts=("$lab/images.stamp" "$here/settings.sh" "$([ "$1" != systemd ] || cat "$lab/images-systemd.stamp")" "$(sed -n '/^start()/,/^}/p' "$here/machine.sh")"
        "$here/dom0/prepare" "$here/dom0/guest" "$here/dom0/block-short")
    stamp "kept-$1" "${parts[@]}" && return
    say "a machine with $1 and its guests"
    machine boot "$1" && machine run -t 600 "cp -r /host/tools/. /run/lab && patience=$patience prepare $1" >&2 && machine keep "$1" || return 1
    stamped "kept-$1" "${parts[@]}"
}

seconds() { awk -v from="$1" -v to="$(date +%s.%N)" 'BEGIN { printf "%.1f", to - from }'; }

# one CASE: a line that says how it went; if it failed, also what it printed.
one() {
    local name=$1 store began limit log=$lab/log/$1
    store=$(about store "$name")
    limit=$(about limit "$name")
    kept "${store:=xenstored}" || { printf "%-22s FAILED: no machine\n" "$name"; return 1; }
    mkdir -p "$lab/log"
    began=$(date +%s.%N)
    if machine back "$store" >"$log" 2>&1 &&
        machine run -t "${limit:-300}" "cp -r /host/tools/. /run/lab && patience=$patience bash /host/cases/$name.sh" >>"$log" 2>&1; then
        printf '%-22s ok     %6s s  %s\n' "$name" "$(seconds "$began")" "$(sed -n 's/^FIGURE //p' "$log" | paste -sd ';' | sed 's/;/; /g')"
    else
        printf '%-22s FAILED %6s s\n' "$name" "$(seconds "$began")"
        sed 's/^/    /' "$log"
        machine off
        return 1
    fi
    machine off
}

run_cases() {
    local names name passed=0 failed=0
    names=$(chosen "$@")
    trap 'machine off' EXIT
    "$here/images.sh"
    for name in $names; do
        if one "$name"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    done
    printf '%d passed, %d failed\n' "$passed" "$failed"
    [ "$failed" -eq 0 ]
}

shell() {
    trap 'machine off' EXIT
    "$here/images.sh"
    kept "${1:-xenstored}"
    machine back "${1:-xenstored}"
    machine run "cp -r /host/tools/. /run/lab"
    say "dom0; the project's daemon is /host/bin/qfilexchgd; Ctrl-] leaves"
    machine console
}

case ${1:-} in
    --list) list ;;
    -h | --help) usage ;;
    shell) shift; shell "$@" ;;
    off) machine off ;;
    --all | [!-]* | '') run_cases "$@" ;;
    *) usage >&2; exit 2 ;;
esac
