#!/usr/bin/env bash
# Makes the lab's images from Debian's packages, as root. What is made already and still true is kept.
#   xen         the hypervisor, as QEMU's multiboot loader wants it
#   vmlinux     the kernel of dom0 and guests, decompressed: that is slow in an emulated PC
#   initrd.gz   finds the root disk, of dom0 and of the Debian guest alike
#   root.img    dom0's disk; guest.gz, the small guests' whole system, is in it, and net.gz, what they have besides for a network
#   debian.img  the disk of the guest that has systemd and udev
# and, if the word `systemd` is said, of the same:
#   systemd.img, systemd-debian.img    dom0 as Debian makes it, and a Debian guest; neither has anything of this project yet
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lab/settings.sh
. "$here/settings.sh"

boot_modules=(virtio_pci virtio_blk xen-blkfront crc32c_generic ext4)
fat_modules=(vfat nls_cp437 nls_ascii nls_iso8859-1 nls_utf8)
net_modules=(xen-netfront)
guest_modules=(xenfs xen-evtchn xen-blkfront crc32c_generic ext4 "${fat_modules[@]}")
dom0_modules=(virtio_pci virtio_blk virtio_console 9pnet_virtio 9p xenfs xen-privcmd xen-evtchn xen-gntdev xen-gntalloc
    xen-blkback xen-netback bridge loop crc32c_generic ext4 "${fat_modules[@]}")
dom0_packages="$(apt-cache --names-only search '^xen-utils-[0-9.]+$' | sort -V | tail -n 1 | cut -d' ' -f1)"
dom0_packages="$dom0_packages,xenstore-utils,dosfstools,util-linux,mount,kmod,busybox-static,procps,e2fsprogs,coreutils"
ssh_packages=openssh-client,openssh-server
debian_packages=systemd,systemd-sysv,udev,kmod,mount,xenstore-utils,coreutils
installing=apt,adduser    # what it takes to follow the README

# The names of the packages that carry the hypervisor and the kernel have versions in them.
newest() { apt-cache --names-only search "$1" | sort -V | tail -n 1 | cut -d' ' -f1; }

# unpack PACKAGE: downloads it, and prints where it is unpacked.
unpack() {
    local into=$lab/packages/$1
    if [ ! -e "$into/.done" ]; then
        rm -rf "$into"
        mkdir -p "$into" "$lab/packages/deb"
        (cd "$lab/packages/deb" && apt-get download -qq "$1" >&2)
        dpkg-deb -x "$lab/packages/deb/$1"_*.deb "$into"
        touch "$into/.done"
    fi
    printf '%s\n' "$into"
}

hypervisor() {
    local package
    package=$(unpack "$(newest '^xen-hypervisor-[0-9.]+-amd64$')")
    gzip -dc "$package"/boot/xen-*-amd64.gz >"$lab/xen"
}

# The header of a bzImage says where its compressed payload is: Documentation/arch/x86/boot.rst, payload_offset.
kernel() {
    local image=$kernel_package/boot/vmlinuz-$kernel_version setup offset length
    number() { od -An -t "u$2" -j "$1" -N "$2" "$image" | tr -d ' '; }
    setup=$((($(number 497 1) + 1) * 512))
    offset=$(number 584 4)
    length=$(number 588 4)
    # After the stream comes its length, which is not xz's business.
    dd if="$image" bs=1M iflag=skip_bytes,count_bytes skip=$((setup + offset)) count=$((length - 4)) status=none |
        xz -dc >"$lab/vmlinux"
}

# tree NAME PACKAGES: a Debian root file system.
tree() {
    stamp "tree-$1" "$2" "$suite" && return
    say "the packages of $1"
    rm -rf "${lab:?}/$1"
    mmdebstrap --quiet --variant=essential --mode=root --include="$2" \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' --aptopt='APT::Install-Recommends "false"' "$suite" "$lab/$1" >&2
    rm -rf "$lab/$1"/var/cache/apt/* "$lab/$1"/var/lib/apt/lists/*
    stamped "tree-$1" "$2" "$suite"
}

# modules TREE MODULE…: these and what they need, stripped: checking a signature is slow in an emulated PC.
modules() {
    local tree=$1 file into
    shift
    while read -r file; do
        into=$tree/lib/modules/$kernel_version/${file#*"/$kernel_version/"}
        mkdir -p "$(dirname "$into")"
        objcopy --strip-debug "$file" "$into"
    done < <(with_needed "$@")
    cp "$kernel_package/lib/modules/$kernel_version"/modules.{order,builtin,builtin.modinfo} "$tree/lib/modules/$kernel_version/"
    depmod -b "$tree" "$kernel_version"
}

with_needed() {
    [ -e "$kernel_package/lib/modules/$kernel_version/modules.dep.bin" ] || depmod -b "$kernel_package" "$kernel_version"
    modprobe -d "$kernel_package" -S "$kernel_version" -a --show-depends "$@" | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

# ramdisk TREE MODULE…: an empty system with busybox, and with the modules in /m, to be loaded in the order of /m/order.
ramdisk() {
    local tree=$1 file applet
    shift
    rm -rf "$tree"
    mkdir -p "$tree"/{bin,sbin,dev,proc,sys,run,tmp,root,mnt,scratch,lib/x86_64-linux-gnu,lib64,m}
    cp "$lab/dom0/bin/busybox" "$tree/bin/"
    while read -r file; do
        objcopy --strip-debug "$file" "$tree/m/$(basename "$file")"
        basename "$file" >>"$tree/m/order"
    done < <(with_needed "$@")
    for applet in $("$tree/bin/busybox" --list); do
        [ "$applet" = busybox ] || ln -sf busybox "$tree/bin/$applet"
    done
}

libraries=$lab/dom0
# programs TREE FILE…: programs of a Debian, or ours, with the libraries that they need, from the tree that `libraries` names.
programs() {
    local tree=$1 file library
    shift
    for file in "$@"; do
        rm -f "$tree/bin/$(basename "$file")"    # may be a link to busybox
        cp "$file" "$tree/bin/"
        while read -r library; do
            cp -Lu "$libraries/usr/lib/x86_64-linux-gnu/$library" "$tree/lib/x86_64-linux-gnu/"
        done < <(objdump -p "$file" | awk '$1 == "NEEDED" && $2 !~ /^ld-linux/ { print $2 }' | needed)
    done
    cp -L "$libraries/lib64/ld-linux-x86-64.so.2" "$tree/lib64/"
}

# needed: the libraries on its input, and those that they need in turn.
needed() {
    local library
    while read -r library; do
        printf '%s\n' "$library"
        objdump -p "$libraries/usr/lib/x86_64-linux-gnu/$library" | awk '$1 == "NEEDED" && $2 !~ /^ld-linux/ { print $2 }' | needed
    done | sort -u
}

names() {    # FOLDER: the guest programs, one file of many names
    local name
    mkdir -p "$1"
    cp "$top/out/qfx-guest" "$1/qfx-guest"
    for name in qubes_penctl qvm-copy-to-vm qubes_add_pendrive_script qvm-open-in-dvm; do ln -sf qfx-guest "$1/$name"; done
}

pack() { (cd "$1" && find . | cpio -o -H newc --quiet) | gzip -1 >"$2"; }

disk() {    # FILE SIZE TREE
    rm -f "$1"
    truncate -s "$2" "$1"
    mke2fs -q -t ext4 -O ^has_journal -E lazy_itable_init=1 -m 0 -d "$3" "$1"
}

boot_disk() {
    ramdisk "$lab/initrd" "${boot_modules[@]}"
    install -m 755 "$here/initrd-init" "$lab/initrd/init"
    pack "$lab/initrd" "$lab/initrd.gz"
}

small_guest() {
    local tree=$lab/guest applet
    ramdisk "$tree" "${guest_modules[@]}"
    programs "$tree" "$lab/dom0/usr/bin/xenstore" "$lab/dom0/bin/cp" "$lab/dom0/usr/bin/getent" "$lab/dom0/usr/bin/setpriv" "$top/out/qfx-guest"
    for applet in read write ls watch list rm chmod exists; do ln -sf xenstore "$tree/bin/xenstore-$applet"; done
    names "$tree/bin"
    install -m 755 "$here/guest/init" "$tree/init"
    install -m 755 "$here"/guest/{agent,take,seen,waits,plugged,editor} "$tree/bin/"
    mkdir -p "$tree/etc/qubes"
    echo 'root:x:0:0:root:/root:/bin/sh' >"$tree/etc/passwd"
    echo 'root:x:0:' >"$tree/etc/group"
    echo 'user = root' >"$tree/etc/qubes/qfx-guest.conf"
    pack "$tree" "$lab/guest.gz"
}

# What a small guest has besides to copy through a network: a card, ssh at both ends with keys that are worth nothing, and `networked`.
networked_guest() {
    local tree=$lab/net libraries=$lab/ssh keys=$lab/ssh/tmp/keys file
    rm -rf "$tree"
    mkdir -p "$tree"/{bin,lib/x86_64-linux-gnu,lib64,n,etc/ssh,root/.ssh}
    while read -r file; do
        objcopy --strip-debug "$file" "$tree/n/$(basename "$file")"
        basename "$file" >>"$tree/n/order"
    done < <(with_needed "${net_modules[@]}")
    programs "$tree" "$libraries/usr/bin/ssh" "$libraries/usr/bin/scp" "$libraries/usr/sbin/sshd"
    rm -rf "$keys"
    mkdir "$keys"
    chroot "$libraries" sh -c 'ssh-keygen -q -t ed25519 -N "" -f /tmp/keys/host && ssh-keygen -q -t ed25519 -N "" -f /tmp/keys/id'
    mv "$keys/host" "$tree/etc/ssh/ssh_host_ed25519_key"
    mv "$keys/id" "$tree/root/.ssh/id_ed25519"
    mv "$keys/id.pub" "$tree/root/.ssh/authorized_keys"
    printf '* %s\n' "$(cut -d' ' -f1,2 "$keys/host.pub")" >"$tree/root/.ssh/known_hosts"
    chmod -R go= "$tree/root" "$tree/etc/ssh"
    install -m 755 "$here/guest/networked" "$tree/bin/"
    pack "$tree" "$lab/net.gz"
}

# What a machine without network, users and a long life does not need.
unneeded=(systemd-timesyncd.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer
    e2scrub_all.timer fstrim.timer getty.target systemd-update-utmp.service systemd-journal-flush.service
    systemd-random-seed.service systemd-hwdb-update.service ldconfig.service)

debian_guest() {    # TREE
    local tree=$1
    modules "$tree" "${guest_modules[@]}"
    cp "$here"/debian/*.service "$tree/etc/systemd/system/"
    install -m 755 "$here"/guest/{agent,waits} "$tree/usr/local/bin/"
    printf 'xenfs\nxen-evtchn\n' >"$tree/etc/modules-load.d/lab.conf"
    printf '/dev/xvda / ext4 noatime,noinit_itable 0 0\n' >"$tree/etc/fstab"
    echo debian >"$tree/etc/hostname"
    chroot "$tree" systemctl --quiet enable lab-agent.service
    chroot "$tree" systemctl --quiet mask "${unneeded[@]}"
}

# What the package qfx-guest would bring, as far as the cases need it.
guest_programs() {    # TREE
    names "$1/usr/lib/qubes"
    ln -sf /usr/lib/qubes/qvm-copy-to-vm "$1/usr/bin/"
    mkdir -p "$1/etc/udev/rules.d"
    cp "$top"/guest/udev/*.rules "$1/etc/udev/rules.d/"
    cp "$top"/guest/systemd/*.service "$1/etc/systemd/system/"
}

dom0() {    # TREE IMAGE
    local tree=$1
    rm -rf "$tree/lib/modules"
    modules "$tree" "${dom0_modules[@]}"
    mkdir -p "$tree"/{lab,host,proc/xen,var/lib/xen,var/log/xen,etc/qubes}
    cp "$lab/vmlinux" "$lab/guest.gz" "$lab/net.gz" "$lab/initrd.gz" "$tree/lab/"
    install -m 755 "$here"/dom0/{init,jobs} "$tree/lab/"
    disk "$2" "$disk_size" "$tree"
}

# dom0 with systemd: Debian's own start of Xen's daemons, and ours that takes the host's jobs.
systemd_dom0() {
    local tree=$lab/dom0-systemd
    cp "$here/systemd/lab-jobs.service" "$tree/etc/systemd/system/"
    printf '%s\n' virtio_console 9pnet_virtio 9p >"$tree/etc/modules-load.d/lab.conf"
    printf '/dev/vda / ext4 noatime,noinit_itable 0 0\n' >"$tree/etc/fstab"
    echo dom0 >"$tree/etc/hostname"
    chroot "$tree" passwd --quiet --delete root
    chroot "$tree" systemctl --quiet enable lab-jobs.service
    chroot "$tree" systemctl --quiet mask xendomains.service "${unneeded[@]}"
    dom0 "$tree" "$lab/systemd.img"
}

mkdir -p "$lab"
[ -n "$(newest '^xen-hypervisor-[0-9.]+-amd64$')" ] || apt-get update -qq >/dev/null
kernel_name=$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image/ { print $2; exit }')
kernel_version=${kernel_name#linux-image-}
kernel_package=$(unpack "$kernel_name")
tree dom0 "$dom0_packages"
tree debian "$debian_packages"
tree ssh "$ssh_packages"
parts=("$here/images.sh" "$here/settings.sh" "$here/initrd-init" "$here/dom0/init" "$here/dom0/jobs" "$here/guest" "$here/debian"
    "$top/guest/udev" "$top/guest/systemd" "$top/out/qfx-guest" "$kernel_name" "$lab/tree-dom0.stamp" "$lab/tree-debian.stamp" "$lab/tree-ssh.stamp")
if ! stamp images "${parts[@]}"; then
    say "images"
    hypervisor
    kernel
    boot_disk
    small_guest
    networked_guest
    debian_guest "$lab/debian"
    guest_programs "$lab/debian"
    disk "$lab/debian.img" 4G "$lab/debian"
    dom0 "$lab/dom0" "$lab/root.img"
    stamped images "${parts[@]}"
fi
[ "${1:-}" = systemd ] || exit 0

tree dom0-systemd "$dom0_packages,systemd,systemd-sysv,dbus,$installing"
tree debian-bare "$debian_packages,$installing"
parts=("$lab/images.stamp" "$here/systemd" "$lab/tree-dom0-systemd.stamp" "$lab/tree-debian-bare.stamp")
stamp images-systemd "${parts[@]}" && exit
say "images of a dom0 with systemd"
debian_guest "$lab/debian-bare"
disk "$lab/systemd-debian.img" 4G "$lab/debian-bare"
systemd_dom0
stamped images-systemd "${parts[@]}"
