#!/bin/bash
# The daemon is killed (SIGKILL) at each step of a copy and started again: what can go on goes on, the rest is said, nothing is left.
# long: a daemon is started for each step
# limit: 1200
# shellcheck source=lab/dom0/case.sh
. /run/lab/case.sh

# again: the daemon is killed, and another one started.
again() {
    kill -KILL "$daemon"
    wait "$daemon" || true
    mark
    daemon native
    logged ' Policy: '
}

daemon native
ready a; ready b
sum=$(file a file 1 | awk '{ print $1 }')

points=0

# left STEP PATTERN: it has been killed there, and a hears one of these. Either a still has it, and is to ask again; or it goes on to who was approved.
left() {
    local went=ended
    if [[ $(status a " ($2) ") == *' sent '* ]]; then
        gx b 'waits 60 test -b /dev/xvdh'
        same "$(gx b 'mount -t vfat -o ro /dev/xvdh /mnt && sha256sum </mnt/file; umount /mnt')" "$sum  -" "what b got after a kill at '$1'"
        gx b 'qubes_penctl umount ok'
        went='gone on with'
    else
        gx a 'qubes_penctl cancel' || true    # there may be none
    fi
    nothing_left
    points=$((points + 1))
    figure "killed at '$1': $went"
}

for step in 'Begun: Make' 'Ended: Make' 'Begun: Attach' 'Ended: Attach'; do
    mark
    begin gx a 'qubes_penctl new'
    logged "$step"
    again
    wait "$begun" || true    # it may have been told in time, or not
    left "new, $step" "attached|restarted|failed"
done
for step in 'Begun: Ask' 'Ended: Ask' 'Begun: Detach' 'Ended: Detach' 'Ended: Announce' 'Begun: Attach' 'Ended: Attach'; do
    gx a 'qubes_penctl new && mount -t vfat /dev/xvdg /mnt && cp /scratch/file /mnt/ && umount /mnt'
    mark
    begin gx a 'qubes_penctl send b'
    logged "$step"
    again
    wait "$begun" || true
    left "send, $step" "sent|restarted|failed"
done

# While b takes it: b keeps it. When b is done: it goes.
gx a 'qubes_penctl new && qubes_penctl send b'
again
logged 'Goes on with 1 pendrives'
gx b 'test -b /dev/xvdh'
mark
begin gx b 'qubes_penctl umount ok'
logged 'Begun: Detach'
again
wait "$begun" || true
nothing_left
figure "$((points + 2)) points"
