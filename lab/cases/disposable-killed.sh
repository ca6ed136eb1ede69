#!/bin/bash
# The daemon is killed (SIGKILL) at each step of an opening in a disposable VM and started again: the document is back, or the VM is told; nothing is left.
# limit: 1800
# long: a disposable VM for each step
# shellcheck source=lab/dom0/case.sh
. /run/lab/case.sh

daemon native "${plain_dvms[@]}"
ready a
disposables
points=0

# killed STEP [AFTER]: the daemon is, at the first such line of its log, counted from the line AFTER.
killed() {
    gx a 'echo written >/scratch/document'
    mark
    begin gx a 'HOME=/root qvm-open-in-dvm /scratch/document'
    if [ -n "${2:-}" ]; then
        logged "$2" 120
        marked=$((marked + $(tail -n "+$marked" "$log" | grep -nm1 -E -- "$2" | cut -d: -f1)))
    fi
    logged "$1" 120
    kill -KILL "$daemon"
    wait "$daemon" || true
    mark
    daemon native "${plain_dvms[@]}"
    wait "$begun" || true    # it may have been told in time, or not
    no_dvm
    if gx a 'grep -q changed /scratch/document'; then
        figure "at '$1': came back"
    else
        status a ' (restarted|failed|no-pendrive|cancelled) ' >/dev/null
        figure "at '$1': told"
    fi
    gx a 'qubes_penctl cancel' || true    # there may be none
    nothing_left
    points=$((points + 1))
}

for step in 'Begun: LookAtSavefile' 'Begun: Restore' 'Ended: Restore' 'Begun: RecordDvm' 'Ended: RecordDvm' 'Begun: Unpause' 'Ended: Unpause' \
    'Ended: EnterDvm' 'Begun: Detach' 'Ended: Detach' 'Begun: Announce' 'Ended: Announce' ' sent: '; do
    killed "$step"
done
for step in 'Begun: Detach' 'Ended: Detach' 'Begun: Make' 'Ended: Make' 'Begun: Attach' 'Ended: Attach' 'Begun: RecordDvm' 'Ended: RecordDvm' \
    'Begun: Announce' 'Ended: Announce' 'Begun: DestroyDvm' 'Ended: DestroyDvm' 'Begun: RemoveEntry'; do
    killed "$step" ' INF a .* sent: '
done
figure "$points points"
