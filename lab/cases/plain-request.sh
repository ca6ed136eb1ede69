#!/bin/bash
# A plain xenstore-write in a guest, and nothing else: a disk appears there.
# shellcheck source=lab/dom0/case.sh
. /run/lab/case.sh

daemon native
ready a
gx a 'xenstore-write device/qpen new'
gx a 'waits 120 test -b /dev/xvdg && mount -t vfat /dev/xvdg /mnt && umount /mnt'
# What says that nothing is left would say so if something were: a loop device, a node of each kind, an image.
same "$(holdings | wc -l)" 5 "how much there is of an attached pendrive"
gx a 'xenstore-write device/qpen cancel'
nothing_left
# The guest may delete its key, which it then could not make again: the daemon does.
gx a 'xenstore-rm device/qpen && waits 120 xenstore-write device/qpen new'
status a ' attached ' >/dev/null
gx a 'xenstore-write device/qpen cancel'
nothing_left
