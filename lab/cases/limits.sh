#!/bin/bash
# The spool and its disk full, no loop device, xenstore's quotas reached by a guest, no memory for a disposable VM: what the guest, the person and the log are told, and all goes on.
# limit: 1200
# long: a disposable VM is prepared
# shellcheck source=lab/dom0/case.sh
. /run/lab/case.sh

# person TEXT: is told it.
person() { timeout $((60 * patience)) grep -qm1 -- "$1" < <(exec tail -n +1 -F /run/lab/notices 2>/dev/null) || fail "the person was not told '$1'"; }

# told WHAT STATUS NOTICE LOG: what a reads, what the person is told (- for nothing), and a line of the log from the mark on.
told() {
    status a " $2 " >/dev/null
    logged "$4"
    if [ "$3" = - ]; then
        figure "$1: $(status a " $2 ")"
    else
        person "$3"
        figure "$1: $(status a " $2 "); the person: $(grep -- "$3" /run/lab/notices | tail -n 1)"
    fi
}

# The spool on a disk of its own, of 600 MiB.
truncate -s 600M /root/spool.disk
mkfs.ext4 -q -m 0 /root/spool.disk
mkdir -p "$spool"
mount -o loop /root/spool.disk "$spool"
daemon native "${plain_dvms[@]}"
ready a; ready b; ready c
copy a b 4

mark
gx a 'qubes_penctl new' && fail 'a got a pendrive that there is no room for'
told 'no room for 1 GiB' no-space 'There is no room in dom0' 'no-space|no room'

# There is room when it is promised, and dom0 fills its disk itself: the guest's writes fail, and no half file is sent.
gx a 'dd if=/dev/urandom of=/scratch/file bs=1M count=200 2>/dev/null; rm -f /tmp/sent'
mark
begin gx a "qvm-copy-to-vm b /scratch/file >/tmp/sent 2>&1"
logged 'Ended: Attach'
fallocate -l "$(($(df --output=avail -BM "$spool" | tail -n 1 | tr -dc 0-9) - 4))M" "$spool/filler"    # all but what it takes itself
dd if=/dev/zero of="$spool/filler.rest" bs=4k 2>/dev/null || true
if wait "$begun"; then
    gx b 'qubes_penctl umount failed' || true
    fail 'a thinks that it has sent what the disk had no room for'
fi
figure "dom0's disk fills up meanwhile: $(gx a 'tail -n 1 /tmp/sent')"
rm "$spool"/filler*
gx a 'qubes_penctl cancel' || true
nothing_left
copy a b 4

mark
mv /dev/loop-control /dev/not-loop-control
gx a 'qubes_penctl new 40' && fail 'a got a pendrive without a loop device'
mv /dev/not-loop-control /dev/loop-control
told 'no loop device' failed - 'loop-control'
nothing_left
copy a b 2

# c has as many nodes as it may have. Others do not notice; it gets its pendrive, or is told that it does not, and when it has cleared up, all is as before.
begin gx c "n=0; while xenstore-write data/fill/\$n 1 2>/tmp/full; do n=\$((n + 1)); done; qubes_penctl new 40 >/tmp/new 2>&1; code=\$?; echo \"with \$n nodes more it is told '\$(tail -n 1 /tmp/full)', and new ends with \$code: \$(tail -n 1 /tmp/new)\" >/tmp/said; xenstore-rm data/fill"
filling=$begun
arrives a b 2
wait "$filling" || fail "what c did ended with exit code $?"
figure "(beside a guest that has all the nodes it may have: $(gx c 'cat /tmp/said'))"
gx c 'waits 20 qubes_penctl cancel' || true    # it may just be made, or there is none
nothing_left
copy c b 2

# The same with watches. Our program asks nothing whose answer it could not see. Asked by hand, its kernel cannot follow the disk that it gets, and never lets go of it:
# that ends with the VM.
begin gx c "n=130; while :; do xenstore-watch \$(seq \$n | sed s,^,data/watched,) >/tmp/watches 2>&1 & watching=\$!; waits 2 false >/dev/null; kill -0 \$watching 2>/dev/null && break; n=\$((n - 1)); done; qubes_penctl new 40 >/tmp/new 2>&1; echo \"with \$n watches more new ends with \$?: \$(tail -n 1 /tmp/new)\" >/tmp/said; xenstore-write device/qpen 'new 40'; waits 60 sh -c 'xenstore-read qubes_pen_status | grep -E \" failed | attached \"'; kill \$watching 2>/dev/null || true"
watching=$begun
arrives a b 2
wait "$watching" || fail "what c did ended with exit code $?"
figure "(beside one that has all the watches it may have: $(gx c 'cat /tmp/said'))"
xl destroy c
nothing_left
guest c
await 300 "/local/domain/$(domid c)/data/up" 1 >/dev/null
ready c
copy c b 2

# Memory that a disposable VM would need is another guest's. There is room again.
stop_daemon
umount "$spool"
mark
daemon native "${plain_dvms[@]}"
ready a
disposables
gx a 'echo written >/scratch/document'
cat >/root/big.cfg <<C
name = "big"
type = "pv"
kernel = "/lab/vmlinux"
ramdisk = "/lab/guest.gz"
memory = $(($(xl info free_memory) - 60))
vcpus = 1
C
xl create -q -p /root/big.cfg
xl info free_memory
mark
gx a 'HOME=/root qvm-open-in-dvm /scratch/document >/tmp/said 2>&1' && fail 'a disposable VM was made of no memory'
gx a 'grep "there is not enough memory" /tmp/said'    # its pendrive is cancelled by then, so the status says that
logged 'not enough memory'
person 'There is not enough memory'
figure "no memory: $(gx a 'tail -n 1 /tmp/said'); the person: $(tail -n 1 /run/lab/notices)"
xl destroy big
gx a 'qubes_penctl cancel' || true
no_dvm
nothing_left
gx a 'HOME=/root qvm-open-in-dvm /scratch/document'
gx a 'waits 240 grep -q changed /scratch/document'
no_dvm
nothing_left

kill -0 "$daemon" || fail 'the daemon has ended'
