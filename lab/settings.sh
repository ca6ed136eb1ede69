#!/usr/bin/env bash
# shellcheck disable=SC2034,SC2154
# What the lab's scripts share: where things are, how big they are, and two helpers. Sourced, with $here set to the lab's folder.
set -euo pipefail

top=$(cd "$here/.." && pwd)
lab=${QFX_LAB_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/qfx-lab}    # images and downloads; may be deleted at any time
run=$lab/run                                                  # what belongs to the machine that runs
suite=bookworm
trap 'echo "lab: line $LINENO of $(basename "$0") failed" >&2' ERR
export DEBIAN_FRONTEND=noninteractive

patience=${QFX_LAB_PATIENCE:-1}                               # all limits of time are multiplied by it: for a machine that has much else to do

# The emulated PC. With the cpu `max` dom0 dies at its first instructions; without rdtscp gone, PVH guests do.
cpu=phenom,-rdtscp
cpus=2
memory=3072           # MiB, of which dom0 has:
dom0_memory=1024
disk_size=24G         # sparse: dom0's file system, with the guests' scratch disks and the daemon's spool on it

say() { printf 'lab: %s\n' "$*" >&2; }

# stamp NAME PART…: true if NAME was last made from just these parts; `stamped NAME PART…` says that it has been.
stamp() { [ "$(cat "$lab/$1.stamp" 2>/dev/null)" = "$(digest "${@:2}")" ]; }
stamped() { digest "${@:2}" >"$lab/$1.stamp"; }

# digest PART…: one sum of words, files and whole folders.
digest() {
    local part
    for part in "$@"; do
        if [ -d "$part" ]; then
            (cd "$part" && find . -type f -print0 | sort -z | xargs -0r sha256sum)
        elif [ -f "$part" ]; then
            sha256sum <"$part"
        else
            printf '%s\n' "$part"
        fi
    done | sha256sum | cut -d' ' -f1
}
