#!/usr/bin/python3
"""The peer: a daemon for virtual pendrives as one writes it first. One loop, one request at a time, two watches a domain, a
command for each image; Debian's xenstore binding.
    pendaemon.py SPOOL
The server is at $XENSTORED_PATH; $NOTIFY_SOCKET is told READY=1 when every domain is watched and named."""
import glob
import os
import socket
import subprocess
import sys

sys.path[:0] = glob.glob("/usr/lib/xen-*/lib/python")
from xen.lowlevel.xs import Error, xs  # noqa: E402 (Debian keeps it off the path)

HOMES = "/local/domain"
SIZE = "40M"


class Domain:
    """A domain: its name and its request key, each with a watch."""

    def __init__(self, store, spool, domid):
        self.store, self.domid, self.taken = store, domid, 0
        self.home = f"{HOMES}/{domid}"
        self.key = f"{self.home}/device/qpen"
        self.image = f"{spool}/{domid}.img"
        store.mkdir("", self.key)
        store.set_permissions("", self.key, [{"dom": 0}, {"dom": domid, "read": True, "write": True}])
        self.watches = ((self.key, self.asked), (f"{self.home}/name", self.named))    # the binding knows a token by its identity
        for path, token in self.watches:
            store.watch(path, token)
        self.named()
        self.tell("ready")

    def named(self):
        self.name = self.store.read("", f"{self.home}/name")

    def asked(self):
        request = self.store.read("", self.key)
        if not request:
            return
        self.store.write("", self.key, "")
        self.taken += 1
        if request == b"new":
            subprocess.run(["truncate", "-s", SIZE, self.image], check=True)
            self.tell("attached")
        elif request == b"cancel":
            os.unlink(self.image)
            self.tell("cancelled")
        else:
            self.tell("unsupported")

    def tell(self, code):
        self.store.write("", f"{self.home}/qubes_pen_status", f"{self.taken} {code} by the peer")

    def leave(self):
        for path, token in self.watches:
            self.store.unwatch(path, token)


class Daemon:
    """All domains that there are."""

    def __init__(self, spool):
        self.store, self.spool, self.domains = xs(), spool, {}

    def look(self):
        listed = {int(domid) for domid in self.store.ls("", HOMES) or () if domid.isdigit() and domid != "0"}
        for domid in listed - self.domains.keys():
            self.domains[domid] = Domain(self.store, self.spool, domid)
        for domid in self.domains.keys() - listed:
            self.domains.pop(domid).leave()

    def run(self):
        for event in ("@introduceDomain", "@releaseDomain"):
            self.store.watch(event, self.look)
        self.look()
        notify("READY=1")
        while True:
            _, what = self.store.read_watch()
            try:
                what()
            except Error as error:
                print(error, flush=True)    # the domain is gone, or going


def notify(what):
    if path := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
            to.sendto(what.encode(), path)


Daemon(sys.argv[1]).run()
