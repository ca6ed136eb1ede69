#!/usr/bin/env bash
# The emulated PC that runs Xen. One at a time.
#   machine.sh boot STORE       from nothing, with xenstored or oxenstored in dom0; returns when xl answers. STORE may be systemd: a
#                               dom0 that Debian's own systemd starts, with the xenstored that Debian chooses
#   machine.sh keep STORE       keeps the running machine, guests and all, and ends it, for:
#   machine.sh back STORE       as it was kept: seconds
#   machine.sh run [-t SECONDS] COMMAND…    in dom0: output, errors and exit code come back
#   machine.sh console          dom0's console; Ctrl-] leaves it
#   machine.sh off              powers it off, whatever state it is in
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lab/settings.sh
. "$here/settings.sh"

share=$run/share    # /host in dom0

alive() { [ -s "$run/pid" ] && kill -0 "$(<"$run/pid")" 2>/dev/null; }

start() {    # STORE [QEMU ARGUMENT…]
    local store=$1 xen dom0 init=/lab/init
    [ "$store" != systemd ] || init=/sbin/init
    shift
    alive && { say "the machine is running already: ./qfx lab off"; return 1; }
    rm -rf "$run"
    mkdir -p "$share/jobs"
    mkfifo "$run/jobs.in" "$run/jobs.out"
    cp -r "$here/dom0" "$share/tools"
    cp -r "$here/cases" "$share/cases"
    mkdir "$share/bin"
    cp "$top/out/qfilexchgd" "$top/packaging/dom0/vbd-script" "$top/packaging/plain-xen/qfx_restore" "$share/bin/"
    if [ "$store" = systemd ]; then cp -r "$lab/debs" "$share/"; fi
    xen="dom0_mem=${dom0_memory}M,max:${dom0_memory}M dom0_max_vcpus=$cpus console=com1 com1=115200,8n1"
    xen="$xen spec-ctrl=no xpti=off pv-l1tf=off bootscrub=off loglvl=warning"
    dom0="console=hvc0 quiet loglevel=4 mitigations=off nokaslr rodata=off random.trust_cpu=on"
    dom0="$dom0 lab.root=/dev/vda lab.init=$init lab.store=$store"
    nice -n "${QFX_LAB_NICE:-5}" qemu-system-x86_64 -accel tcg,thread=multi,tb-size=512 -machine pc -cpu "$cpu" -smp "$cpus" -m "$memory" \
        -nodefaults -display none -no-reboot -nic none \
        -kernel "$lab/xen" -append "$xen" -initrd "$lab/vmlinux $dom0,$lab/initrd.gz" \
        -drive "file=$lab/$store.qcow2,if=virtio,format=qcow2,cache=unsafe" \
        -drive "file=$lab/$store-debian.qcow2,if=virtio,format=qcow2,cache=unsafe" \
        -fsdev "local,id=share,path=$share,security_model=none" -device virtio-9p-pci,fsdev=share,mount_tag=host \
        -chardev "pipe,id=jobs,path=$run/jobs" -device virtio-serial-pci -device virtserialport,chardev=jobs,name=lab.jobs \
        -chardev "socket,id=console,path=$run/console,server=on,wait=off,logfile=$run/console.log" -serial chardev:console \
        -monitor "unix:$run/monitor,server=on,wait=off" "$@" >"$run/qemu.log" 2>&1 </dev/null &
    echo $! >"$run/pid"
    disown
}

# until_there FILE SECONDS: the machine makes it, or ends.
until_there() {
    local tries=$(($2 * 10 * patience))
    until [ -e "$1" ]; do
        alive || { say "the machine has ended:"; tail -n 30 "$run/qemu.log" "$run/console.log" >&2; return 1; }
        sleep 0.1
        tries=$((tries - 1))
        [ $tries -gt 0 ] || { say "no $1 after $2 s:"; tail -n 30 "$run/console.log" >&2; return 1; }
    done
}

boot() {
    local image from=(root.img debian.img)
    [ "$1" != systemd ] || from=(systemd.img systemd-debian.img)
    rm -f "$lab/$1".qcow2 "$lab/$1"-debian.qcow2
    for image in "${from[0]} $1.qcow2" "${from[1]} $1-debian.qcow2"; do
        qemu-img create -q -f qcow2 -F raw -b "$lab/${image% *}" "$lab/${image#* }"
    done
    start "$1"
    until_there "$share/ready" 300
}

# Writes to its pipe while QEMU reads it, that is, while the machine lives.
tell() { printf '%s\n' "$1" >"$run/jobs.in"; }

keep() {
    local answer=''
    tell '!umount'
    read -r -t 60 answer <"$run/jobs.out" || true
    [ "$answer" = umounted ] || { say "dom0 does not let go of the share"; return 1; }
    # The monitor's commands are done one after the other; quit closes the connection.
    printf 'savevm ready\nquit\n' | timeout 300 socat -t 300 - "UNIX-CONNECT:$run/monitor" >"$run/keep.log"
    if grep -qi error "$run/keep.log"; then
        cat "$run/keep.log" >&2
        return 1
    fi
    until_gone 100
}

back() {
    start "$1" -loadvm ready
    until_there "$run/monitor" 60
    run_in_dom0 -t 60 "date -s @$(date +%s) >/dev/null; if xl domid p >/dev/null 2>&1; then xl unpause p; fi"
}

run_in_dom0() {
    local limit=600 id job
    if [ "${1:-}" = -t ]; then limit=$2; shift 2; fi
    alive || { say "no machine is running"; return 125; }
    id=$(date +%s%N)-$$
    job=$share/jobs/$id
    mkdir -p "$job"
    printf '%s\n' "$*" >"$job/cmd"
    tell "$id"
    until_there "$job/rc" "$limit" || { cat "$job/out" "$job/err" >&2; return 124; }
    cat "$job/out"
    cat "$job/err" >&2
    return "$(<"$job/rc")"
}

# Nothing is kept of a machine's disks but what `keep` has kept.
off() {
    alive || return 0
    kill "$(<"$run/pid")"
    until_gone 50 || kill -9 "$(<"$run/pid")"
}

until_gone() {    # TENTHS
    for _ in $(seq "$1"); do
        alive || return 0
        sleep 0.1
    done
    return 1
}

case ${1:-} in
    boot | keep | back) "$1" "$2" ;;
    run) shift; run_in_dom0 "$@" ;;
    console) exec socat -,raw,echo=0,escape=0x1d "UNIX-CONNECT:$run/console" ;;
    off) off ;;
    *) sed -n '2,9s/^# *//p' "$0" >&2; exit 2 ;;
esac
