#!/bin/bash
# dom0 with systemd: both packages by the README's words, the unit and its hardening, upgrade, restart and kill in the middle of a copy, a disposable VM, removal.
# store: systemd
# limit: 1800
# long: a machine of its own
# shellcheck source=lab/dom0/case.sh
. /run/lab/case.sh

# What is on the disk, but for what dpkg, apt and the journal keep about themselves. In one line, without a backslash: a guest is told it through xenstore.
apart=(/proc /sys /dev /run /host /tmp /var/tmp /var/log /var/cache /var/lib/dpkg /var/lib/apt /var/lib/xen /var/lib/systemd /root /home '/etc/*-' /etc/.pwd.lock)
everything="find / -xdev '(' $(printf -- "-path '%s' -o " "${apart[@]}") -false ')' -prune -o -exec stat -c '%A %U %G %N' {} + | LC_ALL=C sort"
everything="$everything; cat /etc/passwd /etc/group /etc/fstab; ls -d /run/qfx /run/qubes 2>/dev/null; true"
rmdir /etc/qubes    # as on a host that has never had any of it: dpkg takes an empty folder away, whoever made it
bash -c "$everything" >/run/lab/everything

unit() { systemctl show -P "$1" qfilexchgd; }

# until_so SECONDS WHAT COMMAND…: what cannot be awaited otherwise.
until_so() {
    local left=$(($1 * 2 * patience)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        left=$((left - 1))
        [ $left -gt 0 ] || fail "not in time: $what"
        sleep 0.5
    done
}

# asks LINE…: these say who is asked, and what follows is of other sections.
asks() {
    mkdir -p /etc/qubes/qfilexchgd.conf.d
    printf '%s\n' '[time]' 'effect = 5m' 'detach = 5m' '[questions]' "$@" >/etc/qubes/qfilexchgd.conf.d/lab.conf
    systemctl restart qfilexchgd
}
of_pendrives() { qfilexchgd pendrives --json; }
has_pendrives() { [ "$(of_pendrives)" != '[]' ]; }

# From here on what the daemon tells the journal is this case's log.
journalctl -f -n all -o cat -u qfilexchgd >>"$log" 2>/dev/null &
daemon=$!

cd /host/debs
apt install -y ./qfx-dom0_*.deb
cd /root
same "$(systemctl is-active qfilexchgd), $(systemctl is-enabled qfilexchgd)" 'active, enabled' 'the unit'
case $(unit After) in *xen.service*) ;; *) fail "the unit does not wait for Debian's xen.service" ;; esac
systemd-analyze security --no-pager qfilexchgd | grep -v '^✓' || true
score=$(systemd-analyze security --no-pager qfilexchgd | sed -n 's/.*exposure level for qfilexchgd.service: \([0-9.]*\).*/\1/p')
at_most "$score" 3.0 "what systemd-analyze says of the unit's exposure"
figure "installed and active; exposure $score"
fed=$(unit WatchdogTimestampMonotonic)
watched() { [ "$(unit WatchdogTimestampMonotonic)" -gt "$fed" ]; }
used=$(unit CPUUsageNSec)
began=$(now)
until_so 60 'the watchdog is fed again' watched
fed=$(unit WatchdogTimestampMonotonic)
until_so 60 'and again' watched
figure "the watchdog is fed; of a processor it takes $(awk -v ns="$(($(unit CPUUsageNSec) - used))" -v s="$(between "$began" "$(now)")" 'BEGIN { printf "%.1f", ns / 1e7 / s }') % when nothing is to be done"

# Nobody is at the screen: the question waits, and says so. The program that would ask is none: it is never called.
printf '#!/bin/sh\nexit 1\n' >/usr/bin/zenity
chmod 755 /usr/bin/zenity
asks 'ask = desktop'
qfilexchgd doctor || true    # dom0 has no desktop here, and it says so
ready a; ready b
gx a 'qubes_penctl new'
begin gx a 'qubes_penctl send b'
waits() { qfilexchgd questions --json | grep -q '"shown":false'; }
until_so 60 'a question waits' waits
until_so 60 'the journal says that a question waits' journalctl -q -n 1 QFX_EVENTID_ID=3012 --grep .
qfilexchgd cancel "$(qfilexchgd questions | awk 'NR == 2 { print $1 }')"
wait "$begun" && fail 'a question that was called off was answered'
status a ' cancelled ' >/dev/null
gx a 'qubes_penctl cancel' || true
nothing_left
asks 'ask = command' 'command = /usr/bin/true'
rm /usr/bin/zenity

# A guest gets its package on a disk, for it has no network.
mkdir -p /root/debs
cp /host/debs/qfx-guest_*.deb /root/debs/
truncate -s 64M /root/debs.img
mke2fs -q -t ext4 -d /root/debs /root/debs.img
xl block-attach debian format=raw,vdev=xvdi,access=r,script=block-short,target=/root/debs.img
gx debian 'waits 120 test -b /dev/xvdi && mkdir -p /tmp/debs && mount -o ro /dev/xvdi /tmp/debs && useradd -m -u 1000 person'
gx debian "{ $everything; } >/tmp/everything"
gx debian 'cd /tmp/debs && apt install -y ./qfx-guest_*.deb 2>&1 | tail -n 20; cp qfx-guest_*.deb /root/; cd / && umount /tmp/debs'
xl block-detach debian xvdi
nothing_left
ready debian
same "$(gx debian 'systemctl is-active qfx-guest-door.socket')" active "the guest's socket"

# An ordinary user sends, and the guest receives by udev.
begin gx debian "runuser -l person -c 'echo from a person >paper && qvm-copy-to-vm b paper'"
same "$(gx b "take $((240 * patience))")" "$(echo from a person | sha256sum | cut -d' ' -f1)  ./paper" 'what b has taken'
finish
sum=$(file a paper 5)
begin gx a 'qvm-copy-to-vm debian /scratch/paper'
gx debian 'waits 240 mountpoint /mnt/incoming'
same "$(gx debian 'sha256sum /mnt/incoming/*')" "$sum  /mnt/incoming/paper" 'what is in /mnt/incoming'
gx debian 'umount /mnt/incoming'
finish
nothing_left

# The journal.
line=$(journalctl -q -n 1 -o json QFX_EVENTID_ID=3010 QFX_VM=debian)
for field in MESSAGE_ID QFX_TO QFX_PENDRIVE QFX_CODE QFX_RULE _SYSTEMD_UNIT; do
    grep -q "\"$field\":\"" <<<"$line" || fail "the journal's decision has no $field: $line"
done
journalctl -q -x -n 1 QFX_EVENTID_ID=3010 | grep -q '^░░ .*audit' || fail 'the journal explains no decision'
figure 'journal: fields and explanation there'

# An upgrade in the middle of a copy.
sum=$(file a file 30)
process=$(unit MainPID)
begin gx a 'qvm-copy-to-vm b /scratch/file'
until_so 60 'a pendrive for the copy' has_pendrives
apt install -y /host/debs/newer/qfx-dom0_*.deb | tee /run/lab/upgrade
grep -q 'pendrives are under way' /run/lab/upgrade || fail 'the upgrade does not say that the daemon goes on as it is'
same "$(unit MainPID)" "$process" 'the process that has the copy'
same "$(gx b "take $((240 * patience))")" "$sum  ./file" 'what b has taken after the upgrade'
finish
nothing_left
case $(dpkg-query -W -f '${Version}' qfx-dom0) in *+lab) ;; *) fail 'it was not upgraded' ;; esac
figure 'upgraded in the middle of a copy'

# Restarted, and killed, with a pendrive attached.
gx a 'qubes_penctl new && mount -t vfat /dev/xvdg /mnt && cp /scratch/paper /mnt/ && umount /mnt'
sum=$(gx a 'sha256sum </scratch/paper' | cut -d' ' -f1)
mark
systemctl restart qfilexchgd
logged 'Goes on with 1 pendrives'
mark
systemctl kill -s KILL qfilexchgd
logged 'Goes on with 1 pendrives'
until_so 60 'the unit is active again' systemctl -q is-active qfilexchgd
begin gx a 'qubes_penctl send b'
same "$(gx b "take $((240 * patience))")" "$sum  ./paper" 'what b has taken after that'
finish
nothing_left
figure 'restarted and killed with a pendrive attached'

# A disposable VM, by a daemon that may do no more than its unit lets it.
asks 'ask = command' 'command = /usr/bin/true' "${plain_dvms[@]}"
ready a
disposables
gx a 'echo written >/scratch/document'
gx a 'HOME=/root qvm-open-in-dvm /scratch/document'
gx a 'waits 240 grep -q changed /scratch/document'
no_dvm
nothing_left
figure 'a disposable VM within the unit'

# Removal: not while somebody has a pendrive, then wholly; and with the pendrive, if all is to go.
gx a 'qubes_penctl new'
apt remove -y qfx-dom0 && fail 'it was removed while a has a pendrive'
systemctl -q is-active qfilexchgd || fail 'a removal that was refused has ended the daemon'
gx a 'test -b /dev/xvdg && qubes_penctl cancel'
nothing_left
rm -rf /etc/qubes/qfilexchgd.conf.d/lab.conf /var/lib/qubes /run/qubes/*
everything_else() { bash -c "$everything" | diff /run/lab/everything - || fail 'that is left in dom0, or missing'; }
apt purge -y qfx-dom0
everything_else
apt install -y /host/debs/qfx-dom0_*.deb
mark
ready a
gx a 'qubes_penctl new'
apt purge -y qfx-dom0
nothing_left
everything_else
gx debian 'apt purge -y qfx-guest 2>&1 | tail -n 20'
same "$(gx debian "{ $everything; } | diff /tmp/everything - | tail -n 20; true")" '' 'what is left in the guest, or missing'
figure 'removed: nothing left'
