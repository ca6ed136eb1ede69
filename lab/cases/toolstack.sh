#!/bin/bash
# xl sees what native has attached; its block-detach, destroy, shutdown and reboot work on such a guest without a word.
# limit: 500
# shellcheck source=lab/dom0/case.sh
. /run/lab/case.sh

daemon native
ready a; ready b; ready c
for vm in a b c; do gx "$vm" 'qubes_penctl new'; done

# quiet COMMAND…: exit code 0, and nothing on stderr but what xl says of every guest.
quiet() { same "$({ "$@" 2>&1 >/dev/null && echo fine; } | grep -vxE '(Rebooting|Shutting down) domain [0-9]+|Waiting for [0-9]+ domains?( to shutdown)?|Domain [0-9]+ has been shut down, reason code .*')" fine "what $* says"; }

for vm in a b c; do xl block-list "$vm" | grep -q '^51808 ' || fail "xl block-list $vm does not show xvdg"; done
quiet xl block-detach a xvdg
same "$(gx a 'ls /dev/xvd?')" /dev/xvda "the disks of a after block-detach"
was=$(domid a)
quiet xl reboot a
quiet xl shutdown -w b
quiet xl destroy c
rebooted a "$was"
same "$(gx a 'ls /dev/xvd?')" /dev/xvda "the disks of a after its reboot"
nothing_left
