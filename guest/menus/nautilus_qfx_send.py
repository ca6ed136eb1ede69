"""Nautilus: "Send to VM" in the menu of files. Needs python3-nautilus (nautilus-python)."""
import subprocess

from gi.repository import GObject, Nautilus


class QfxSend(GObject.GObject, Nautilus.MenuProvider):
    """One entry, for whatever lies in this VM's own file system."""

    # Nautilus up to 42 passes its window before the files, later ones do not.
    def get_file_items(self, *arguments):
        files = [file.get_location().get_path() for file in arguments[-1]]
        if not files or None in files:
            return []
        item = Nautilus.MenuItem(name="QfxSend::send", label="Send to VM…", tip="Copies to another VM; you choose which in dom0")
        item.connect("activate", self._send, files)
        return [item]

    def get_background_items(self, *arguments):
        return []

    @staticmethod
    def _send(_item, files):
        subprocess.Popen(["/usr/bin/qvm-copy-to-vm", "--window", "--", "@ask", *files], start_new_session=True)
