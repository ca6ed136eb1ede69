#!/bin/bash
# A guest is saved with a pendrive and restored: the pendrive is gone, it is told so, and the next one is seen at the same place.
# limit: 900
# shellcheck source=lab/dom0/case.sh
. /run/lab/case.sh

# again VM: saves it and restores it.
again() {
    xl save "$1" "/var/$1.save" >&2
    nothing_left
    xl restore "/var/$1.save" >&2
    rm "/var/$1.save"
    ready "$1"
}

# gone VM DISK: the kernel of the VM has no such disk any more.
gone() {
    gx "$1" "for _ in \$(seq $((60 * patience))); do [ -b /dev/$2 ] || exit 0; sleep 1; done; exit 1" || fail "$1 still has $2"
}

daemon native
ready a
ready b

# At xvdg, mounted and not.
gx a 'qubes_penctl new'
again a
status a '^0 cancelled ' >/dev/null
gone a xvdg
copy a b 1
gx a 'qubes_penctl new && mkdir -p /mnt && mount -t vfat /dev/xvdg /mnt && echo lost >/mnt/file && sync'
again a
status a '^0 cancelled ' >/dev/null
gx a 'umount /mnt'
gone a xvdg
copy a b 1

# At xvdh: its sender is told, too.
gx a 'qubes_penctl new && qubes_penctl send b'
gx b 'waits 120 test -b /dev/xvdh'
again b
status b '^0 detached ' >/dev/null
status a ' not-received ' >/dev/null
gone b xvdh
copy a b 1

# With the daemon gone meanwhile nobody tells the guest. A pendrive that its kernel does not see fails once, and takes the dead disk with it.
gx a 'qubes_penctl new'
stop_daemon
xl save a /var/a.save >&2
xl restore /var/a.save >&2
rm /var/a.save
mark
effect_limit=20s daemon native
ready a
gx a "qubes_penctl new" && fail 'the dead disk is not there'
status a ' (timed-out|failed) ' >/dev/null
gone a xvdg
copy a b 1
