#!/bin/bash
# The Debian guest receives through udev: rule, unit, mount on /mnt/incoming, unmount, umount.
# shellcheck source=lab/dom0/case.sh
. /run/lab/case.sh

daemon native
ready a
ready debian
sum=$(file a paper 20)
begin gx a 'qvm-copy-to-vm debian /scratch/paper'
gx debian 'waits 240 mountpoint /mnt/incoming'
same "$(gx debian 'sha256sum /mnt/incoming/*')" "$sum  /mnt/incoming/paper" "what is in /mnt/incoming"
same "$(gx debian 'systemctl is-active qfx-pendrive.service')" active "the unit"
gx debian 'umount /mnt/incoming'
finish
nothing_left
gx debian 'waits 120 sh -c "! systemctl -q is-active qfx-pendrive.service"'
same "$(gx debian 'systemctl show -P Result qfx-pendrive.service')" success "how the unit ended"
