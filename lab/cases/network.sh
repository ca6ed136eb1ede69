#!/bin/bash
# Files of 1, 100 and 900 MiB from one VM to another: through a pendrive, with scp over a virtual network, and over that as bare bytes.
# limit: 3000
# long: much is copied
# shellcheck source=lab/dom0/case.sh
. /run/lab/case.sh

cp /run/lab/vif-short /etc/xen/scripts/
modprobe -a xen-netback bridge
busybox brctl addbr lab0
busybox ip link set lab0 up
for name in p debian; do xl destroy "$name"; done    # their memory is needed
daemon native
for name in x y; do guest "$name" net; done
for name in x y; do await 300 "/local/domain/$(domid "$name")/data/up" 1 >/dev/null; done
gx x 'networked 10.0.0.1'
gx y 'networked 10.0.0.2'
ready x; ready y
gx x 'waits 30 ping -c 1 -W 1 10.0.0.2 >/dev/null'
gx x 'ssh -o BatchMode=yes 10.0.0.2 true'

# timed FILE COMMAND: what the guest x does, in seconds, and the file in y afterwards is the one that x has.
timed() {
    local began took
    began=$(now)
    gx x "$2" >&2 || fail "$2"
    took=$(between "$began" "$(now)")
    same "$(gx y "sha256sum </scratch/$1" | cut -d' ' -f1)" "$sum" "what y has of $1" >&2
    gx y "rm /scratch/$1"
    printf '%s\n' "$took"
}

for mib in 1 100 900; do
    sum=$(file x file "$mib")
    gx x 'sync'
    ssh=$(timed ssh 'scp -q -S /bin/ssh -o BatchMode=yes /scratch/file 10.0.0.2:/scratch/ssh && ssh -o BatchMode=yes 10.0.0.2 sync')
    # A listener that has read all of its input ends the connection: this input stays open.
    begin gx y '[ -p /tmp/open ] || mkfifo /tmp/open; nc -l -p 7000 0<>/tmp/open >/scratch/bare'
    bare=$(timed bare 'waits 30 nc 10.0.0.2 7000 </scratch/file && ssh -o BatchMode=yes 10.0.0.2 sync')
    finish
    began=$(now)
    begin gx x 'qvm-copy-to-vm y /scratch/file'
    same "$(gx y "take $((600 * patience))")" "$sum  ./file" "what y has taken"
    finish
    pendrive=$(between "$began" "$(now)")
    figure "$mib MiB: pendrive $pendrive s, scp $ssh s, bare $bare s; $(ratio "$pendrive" "$ssh") of scp"
    nothing_left
done
