#!/bin/bash
# A guest reboots with a pendrive at xvdg, another with one at xvdh: the disk does not come back.
# limit: 500
# shellcheck source=lab/dom0/case.sh
. /run/lab/case.sh

daemon native
ready a; ready b; ready c

# At xvdg.
gx a 'qubes_penctl new'
reboot a
same "$(gx a 'ls /dev/xvd?')" /dev/xvda "the disks of a after its reboot"
nothing_left

# At xvdh.
gx c 'qubes_penctl new && qubes_penctl send b'
gx b 'waits 120 test -b /dev/xvdh'
reboot b
same "$(gx b 'ls /dev/xvd?')" /dev/xvda "the disks of b after its reboot"
status c ' not-received ' >/dev/null
nothing_left

# The next one goes as if nothing had been.
copy a b 5
