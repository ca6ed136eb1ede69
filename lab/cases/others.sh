#!/bin/bash
# A disk of a guest's own at xvdg, a foreign loop device and vbd beside ours: untouched, also by a restart of the daemon.
# limit: 400
# shellcheck source=lab/dom0/case.sh
. /run/lab/case.sh

truncate -s 64M /root/own.img /root/foreign.img /root/vbd.img
mkfs.vfat -n OWN /root/own.img >/dev/null
xl block-attach a format=raw,vdev=xvdg,access=rw,script=block-short,target=/root/own.img
xl block-attach b format=raw,vdev=xvdi,access=rw,script=block-short,target=/root/vbd.img
foreign=$(losetup -f --show /root/foreign.img)

# All about them, to the last node.
about_others() {
    losetup --list --noheadings --output NAME,BACK-FILE,BACK-INO | grep -E ' /root/(own|foreign|vbd)\.img ' | sort
    xenstore-ls -fp "/local/domain/0/backend/vbd/$(domid a)/51808"
    xenstore-ls -fp "/local/domain/0/backend/vbd/$(domid b)/51840"
    xenstore-ls -fp "/libxl/$(domid a)/device/vbd/51808"
    xenstore-ls -fp "/local/domain/$(domid a)/device/vbd/51808"
    gx a 'dd if=/dev/xvdg bs=512 count=1 2>/dev/null | sha256sum'
}
others=$(about_others)
before=$(holdings)

daemon native
ready a; ready b; ready c
gx a 'qubes_penctl new' && fail "a got a pendrive over a disk of its own"
status a ' slot-in-use ' >/dev/null
gx a 'qubes_penctl cancel' || true
copy c b 5

# A restart with a pendrive attached, and one after a crash.
gx c 'qubes_penctl new'
for signal in TERM KILL; do
    kill -$signal "$daemon"
    wait "$daemon" || true
    mark
    daemon native
    logged 'Goes on with 1 pendrives'
done
gx c 'test -b /dev/xvdg && qubes_penctl cancel'
nothing_left
xl destroy c
nothing_left
same "$(about_others)" "$others" "the other disks"
losetup -d "$foreign"
