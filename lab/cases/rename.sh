#!/bin/bash
# A guest is renamed while a question about it is open: the question ends.
# shellcheck source=lab/dom0/case.sh
. /run/lab/case.sh

daemon native
ready a; ready b
answers hold
gx a 'qubes_penctl new'

# The receiver.
begin gx a 'qubes_penctl send b'
asked
xl rename b bb
status a ' denied ' >/dev/null
no_question
xl rename bb b

# The sender.
mark
begin gx a 'qubes_penctl send b'
asked
xl rename a aa
status aa ' cancelled ' >/dev/null
no_question
xl rename aa a
gx a 'test -b /dev/xvdg && qubes_penctl cancel'
nothing_left
