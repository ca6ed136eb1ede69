#!/bin/bash
# What the cases share. Sourced by a case in dom0, after a machine with its guests has come back.
set -eu -o pipefail
log=/run/lab/daemon.log
spool=/var/lib/qfx/spool
: "${patience:=1}"
export patience
exec 8>&2

# figure TEXT: to stand in the line of this case.
figure() { printf 'FIGURE %s\n' "$*"; }

now() { printf '%s\n' "$EPOCHREALTIME"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", a / b }'; }
between() { awk -v from="$1" -v to="$2" 'BEGIN { printf "%.3f", to - from }'; }

# median, worst: of the numbers on the input.
median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
worst() { sort -n | tail -n 1; }

# at_most NUMBER BOUND WHAT
at_most() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a <= b) }' || fail "$3 is $1, and at most $2 is allowed"; }

fail() { printf 'case: %s\n' "$*" >&2; exit 1; }
same() { [ "$1" = "$2" ] || fail "$3: '$1' is not '$2'"; }

# Everything of a disk that there is: loop devices, vbds and what libxl knows of them, images. But for the guests' own disks at
# xvda, 51712: those go and come with their guests.
holdings() {
    losetup --list --noheadings --output BACK-FILE | grep -v '^/root/[a-z]*\.disk$' | sort
    xenstore-ls -f /local/domain/0/backend/vbd 2>/dev/null | sed -nE 's!^(/local/domain/0/backend/vbd/[0-9]+/[0-9]+) = .*!\1!p' | grep -v '/51712$'
    xenstore-ls -f /libxl 2>/dev/null | sed -nE 's!^(/libxl/[0-9]+/device/vbd/[0-9]+) = .*!\1!p' | grep -v '/51712$'
    xenstore-ls -f /local/domain 2>/dev/null | sed -nE 's!^(/local/domain/[0-9]+/device/vbd/[0-9]+) = .*!\1!p' | grep -v '/51712$'
    find "$spool" -name '*.img' 2>/dev/null
    true
}

# nothing_left: what there is of disks is again what it was at the start, within 60 seconds.
nothing_left() {
    local tries=$((120 * patience))
    until [ "$(holdings)" = "$before" ]; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || { diff <(echo "$before") <(holdings) >&2; fail "that is left, or missing"; }
        sleep 0.5
    done
}

# daemon KIND [LINE…]: starts it with native or xl disks, and these lines at the end of its configuration, in [devices].
daemon() {
    local kind=$1
    shift
    if [ ! -x /usr/bin/qfilexchgd ]; then
        mkdir -p /usr/lib/qfx
        cp /host/bin/qfilexchgd /usr/bin/
        cp /host/bin/vbd-script /host/bin/qfx_restore /usr/lib/qfx/
    fi
    mkdir -p /etc/qubes/qfx-policy.d
    printf 'qfx.Copy * @anyvm @anyvm ask\n* * @anyvm @anyvm allow\n' >/etc/qubes/qfx-policy.d/lab.policy
    # An emulated PC on a busy machine is slower than any that the defaults were made for.
    printf '%s\n' '[time]' "effect = ${effect_limit:-5m}" 'restore = 5m' "detach = ${detach_limit:-5m}" '[questions]' 'ask = command' 'command = /run/lab/answer' 'notify = /run/lab/tell' \
        '[devices]' "kind = $kind" "$@" >/etc/qubes/qfilexchgd.conf
    qfilexchgd run --verbose >>"$log" 2>&1 &
    daemon=$!
    logged ' Started: ' 60
}

stop_daemon() {
    kill "$daemon"
    wait "$daemon" || fail "the daemon ended with exit code $?"
}

# logged PATTERN [SECONDS]: waits for a line of the daemon's log that matches. Counted from the last `mark`.
logged() {
    timeout $((${2:-60} * patience)) grep -qm1 -E -- "$1" < <(exec tail -n "+$marked" -F "$log" 2>/dev/null) || fail "the daemon's log does not say '$1' within ${2:-60} s"
}
mark() { marked=$(($(wc -l <"$log") + 1)); }

# answers yes|no|hold [VM]: what the stand-in for the dialog says from now on, or says when this VM asks.
answers() { echo "$1" >"/run/lab/reaction${2:+.$2}"; }
say() { echo "$1" >/run/lab/word; }    # to a question that is held
asked() { logged ' QuestionShown|Begun: Ask ' 120; }

domid() { xl domid "$1"; }
ready() { await "${2:-60}" "/local/domain/$(domid "$1")/qubes_pen_status" '^[0-9]+ ' >/dev/null; }

# status VM PATTERN [SECONDS]: waits for what the VM reads of its request.
status() { await "${3:-120}" "/local/domain/$(domid "$1")/qubes_pen_status" "$2"; }

# file VM NAME MIB: makes a file of random bytes on the VM's scratch disk, and prints its SHA-256.
file() { gx "$1" "mkdir -p /scratch; dd if=/dev/urandom of=/scratch/$2 bs=1M count=$3 2>/dev/null; sha256sum </scratch/$2" | cut -d' ' -f1; }

# arrives FROM TO MIB: a whole transfer, with this project's programs in both guests.
arrives() {
    local from=$1 to=$2 mib=$3 sum began
    ready "$from"
    ready "$to"
    sum=$(file "$from" file "$mib")
    began=$(now)
    begin gx "$from" "qvm-copy-to-vm $to /scratch/file"
    same "$(gx "$to" "take $((240 * patience))")" "$sum  ./file" "what $to has taken"
    finish
    status "$from" ' received | sent ' >/dev/null
    figure "$mib MiB in $(between "$began" "$(now)") s"
}

# copy FROM TO MIB: the same, and a look at what is left of it.
copy() {
    arrives "$@"
    nothing_left
}

# disposables: a savefile that disposable VMs are made of, and a document in a. To be called when the daemon has been started, with `plain_dvms` in its configuration.
disposables() {
    guest dvm
    await 300 "/local/domain/$(xl domid dvm)/data/up" 1 >/dev/null
    gx dvm 'touch /etc/this_is_dvm; plugged >/dev/null 2>&1 &'
    gx a 'plugged >/dev/null 2>&1 &'
    qfilexchgd dvm prepare dvm --config /root/dvm.cfg
    before=$(holdings)
}
# shellcheck disable=SC2034    # cases use it
plain_dvms=('[disposable]' 'restore = /usr/lib/qfx/qfx_restore' 'restore_paused = yes')

# no_dvm: no disposable VM runs, and nothing of one is left.
no_dvm() {
    local tries=$((120 * patience))
    while xl list | grep -q '^disp[0-9]' || [ -n "$(find /var/lib/qfx -name '*.json')" ]; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || { xl list >&2; find /var/lib/qfx >&2; fail "a disposable VM is left, or its record"; }
        sleep 0.5
    done
}

# begin COMMAND…: runs it beside the case; finish: waits for it, and it must have gone well.
begin() { "$@" & begun=$!; }
finish() { wait "$begun" || fail "what was begun ended with exit code $?"; }

# latencies MIB TIMES: from the answer to xvdh in b, in seconds, of pendrives from a with so much on them.
latencies() {
    local mib=$1 times=$2 answered
    ready a
    ready b
    for _ in $(seq "$times"); do
        gx a "qubes_penctl new && mount -t vfat /dev/xvdg /mnt && dd if=/dev/zero of=/mnt/zeros bs=1M count=$mib 2>/dev/null && umount /mnt" >&2
        gx b 'seen xvdh >/dev/null 2>&1 &'
        begin arrival b
        gx a 'qubes_penctl send b' >&2
        wait "$begun"
        answered=$(awk '/ answered / { at = $1 } END { print at }' /run/lab/questions)
        between "$answered" "$(cat /run/lab/arrival)"
        echo
        gx b 'killall uevent; qubes_penctl umount ok' >&2
        nothing_left
    done
}

# arrival VM: writes down when its `seen` has told.
arrival() {
    local key at
    key=/local/domain/$(domid "$1")/data/seen
    xenstore-rm "$key" 2>/dev/null || true
    while read -r _; do
        at=$EPOCHREALTIME
        xenstore-exists "$key" && break
    done < <(exec xenstore-watch "$key")
    echo "$at" >/run/lab/arrival
}

# reboot VM: from outside, until it is up again under its new domid.
reboot() {
    local was
    was=$(domid "$1")
    xl reboot "$1"
    rebooted "$1" "$was"
}

# rebooted VM DOMID: waits until it is up again, not under this domid.
rebooted() {
    local was=$2 tries=$((240 * patience))
    until [ "$(domid "$1" 2>/dev/null || echo "$was")" != "$was" ]; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || fail "$1 does not come back"
        sleep 0.5
    done
    await 120 "/local/domain/$(domid "$1")/data/up" 1 >/dev/null
    ready "$1" 60
}

no_question() {
    local tries=$((40 * patience))
    while pgrep -f /run/lab/answer >/dev/null; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || fail "the question is still on the screen"
        sleep 0.5
    done
}

# On the way out: what helps to understand a failure.
ended() {
    local code=$?
    trap - EXIT
    set +e
    if [ $code -ne 0 ]; then
        exec >&8 2>&8
        echo "--- the daemon's log"; tail -n 200 "$log"
        echo "--- questions"; cat /run/lab/questions 2>/dev/null || true
        echo "--- disks: at the start"; echo "$before"
        echo "--- disks: now"; holdings
        echo "--- xenstore"
        xenstore-ls -fp /local/domain | grep -E '/(vbd|qpen|qubes_[a-z_]+|name)([/ ]|$)'
        xenstore-ls -f /libxl 2>/dev/null | grep vbd
        xl list
    fi
    [ -z "${daemon:-}" ] || kill "$daemon" 2>/dev/null || true
    exit $code
}

mkdir -p /etc/qubes
mkfifo /run/lab/word
exec 7<>/run/lab/word    # so that neither end has to wait for the other
answers yes
marked=1
: >"$log"
before=$(holdings)
trap ended EXIT
