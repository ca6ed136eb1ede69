#!/bin/bash
# The receiver is destroyed before the send, while the question is open, between detach and attach, and with the pendrive: the sender is told.
# shellcheck source=lab/dom0/case.sh
. /run/lab/case.sh

daemon native
ready a; ready b; ready c; ready p

# With the pendrive.
gx a 'qubes_penctl new && qubes_penctl send b'
xl destroy b
status a ' not-received ' >/dev/null
nothing_left

# Before the send: there is nobody of that name.
gx a 'qubes_penctl new'
gx a 'qubes_penctl send b' && fail "a send to a VM that is dead went through"
status a ' denied ' >/dev/null

# While the question is open: it leaves the screen, and the sender keeps its pendrive.
answers hold
begin gx a 'qubes_penctl send c'
asked
xl destroy c
status a ' denied ' >/dev/null
no_question
gx a 'test -b /dev/xvdg && qubes_penctl cancel'
nothing_left

# Between detach and attach: a second pendrive waits for the first, and its receiver ends.
answers yes
gx a 'qubes_penctl new && qubes_penctl send p'
gx a 'qubes_penctl new'
begin gx a 'qubes_penctl send p'
status a ' waiting ' >/dev/null
xl destroy p
status a ' failed ' >/dev/null
nothing_left
