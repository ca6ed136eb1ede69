#!/bin/bash
# A document is opened in a disposable VM, changed there by a program, and is back whole; cold, with one kept ready, and only to look at.
# limit: 900
# shellcheck source=lab/dom0/case.sh
. /run/lab/case.sh

# at PATTERN: when the daemon's log first says so, from the mark on, in seconds of the day.
at() {
    logged "$1" 120
    tail -n "+$marked" "$log" | awk -v pattern="$1" '$0 ~ pattern { split($1, t, ":"); print t[1] * 3600 + t[2] * 60 + t[3]; exit }'
}

# opened HOW: from the request to the changed file, and how the time splits.
opened() {
    local begun came back
    gx a 'echo written >/scratch/document'
    mark
    gx a 'HOME=/root qvm-open-in-dvm /scratch/document'
    gx a 'waits 120 grep -q changed /scratch/document'
    same "$(gx a 'cat /scratch/document')" $'written\nchanged' 'the document'
    begun=$(at ' Begun: LookAtSavefile')
    came=$(at ' INF a .* sent: ')
    back=$(at ' INF disp.* attached: ')
    figure "$1: $(between "$begun" "$(at ' INF a .* detached: xvdh')") s, of which until the VM has the file $(between "$begun" "$came") s, open $(between "$came" "$back") s"
}

daemon native "${plain_dvms[@]}"
ready a
disposables
opened cold
no_dvm
nothing_left

mark
gx a 'HOME=/root qvm-open-in-dvm --view-only /scratch/document'
at ' INF disp.* asks for its end' >/dev/null
no_dvm
nothing_left
same "$(gx a 'cat /scratch/document')" $'written\nchanged' 'the document that was only looked at'
stop_daemon

mark
daemon native "${plain_dvms[@]}" 'ready = 1'
ready a
at ' Ended: RecordDvm ' >/dev/null
opened 'one kept ready'
at ' Ended: DestroyDvm ' >/dev/null
nothing_left

# With the daemon the one that is ready ends: nobody else knows whose it is.
stop_daemon
daemon native "${plain_dvms[@]}"
no_dvm

# A start of the host leaves nothing under /var/run, and the guest that was saved does not run: what was prepared is put to use again when somebody asks.
stop_daemon
rm -r /var/run/qubes
mark
daemon native "${plain_dvms[@]}" 'update = /usr/bin/qfilexchgd dvm use'
ready a
opened 'after a start of the host'
logged ' Begun: UpdateSavefile '
no_dvm
nothing_left
