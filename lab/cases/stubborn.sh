#!/bin/bash
# A guest that does not let go: the transfer ends with a message, the file is kept until it lets go, and nothing hangs.
# shellcheck source=lab/dom0/case.sh
. /run/lab/case.sh

detach_limit=$((10 * patience))s
daemon native
ready a; ready b; ready c
gx a 'qubes_penctl new'
answers hold
begin gx a 'qubes_penctl send b'
asked
xl pause a
say yes
logged 'did not let go of xvdg' 60
same "$(find "$spool" -name '*.img' | wc -l)" 1 "images that are kept"
# Meanwhile the others go on, and what is left of them is what a holds.
answers yes
start=$before
before=$(holdings)
copy c b 5
before=$start
xl destroy a
nothing_left
