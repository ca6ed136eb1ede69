#!/bin/bash
# A guest that floods, deletes and fills its request key, and plays tricks with its disk: a copy between others goes on, the daemon's memory and log are bounded.
# limit: 900
# long: it floods
# shellcheck source=lab/dom0/case.sh
. /run/lab/case.sh

resident() { awk '/^VmRSS/ { print $2 }' "/proc/$daemon/status"; }    # KiB

# beside NAME COMMAND: c does it over and over while a copies to b.
beside() {
    gx c "(while :; do $2; done) >/dev/null 2>&1 & echo \$! >/tmp/beside"
    arrives a b 1
    gx c "kill \$(cat /tmp/beside)"
    figure "(beside $1)"
}

# rid: c has nothing any more.
rid() {
    gx c 'qubes_penctl cancel' || true    # there may be none
    nothing_left
}

detach_limit=$((15 * patience))s
daemon native
guest d
await 300 "/local/domain/$(domid d)/data/up" 1 >/dev/null
ready a; ready b; ready c; ready d
arrives a b 1
figure '(alone)'
before_flood=$(resident)

answers no c    # what it asks for among all that is not to reach b
beside 'requests without end' 'xenstore-write device/qpen new device/qpen "send b" device/qpen "send nobody" device/qpen cancel device/qpen "x y z"'
rid
beside 'a key that is deleted' 'xenstore-rm device/qpen'
rid
gx c "for i in \$(seq 400); do xenstore-write device/qpen/child\$i x || break; done >/dev/null 2>&1; true"
arrives a b 1
figure '(beside a key with children)'
gx c 'xenstore-rm device/qpen'
lines=$(grep -c ' c (' "$log")
at_most "$lines" 700 "lines of the log about c"
at_most "$(($(resident) - before_flood))" 16384 "KiB more than before"
figure "memory $((before_flood / 1024)) to $(($(resident) / 1024)) MiB, $lines lines about c"

# trick NAME COMMAND: c plays it with the disk that it has; a copy goes on beside it. Who does not let go keeps its disk until it ends, and then all is gone.
trick() {
    gx c 'qubes_penctl new'
    gx c "$2" || true
    arrives a b 1
    figure "(beside $1)"
    timeout $((20 * patience)) gx c 'qubes_penctl cancel' || true    # its kernel may not be able to any more
    xl destroy c
    nothing_left
    guest c
    await 300 "/local/domain/$(domid c)/data/up" 1 >/dev/null
    ready c
}
answers yes c
trick 'a frontend written by hand' "for state in 1 6 4 3 5 2; do xenstore-write device/vbd/51808/state \$state; done"
trick 'a frontend that is deleted' 'xenstore-rm device/vbd/51808'

# A disk that is written while it goes to somebody who has not asked for it.
gx c 'qubes_penctl new; dd if=/dev/zero of=/dev/xvdg bs=1M count=200 >/dev/null 2>&1 &'
begin gx c 'qubes_penctl send d'
arrives a b 1
figure '(beside a disk that is written while it goes)'
wait "$begun" || true    # the person may be asked again, for more was written than was shown
gx d 'qubes_penctl umount failed' || true
xl destroy c
nothing_left
kill -0 "$daemon" || fail "the daemon has ended"
