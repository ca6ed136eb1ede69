#!/bin/bash
# The sender is destroyed before the send, while the question is open, and between detach and attach: nothing is left.
# shellcheck source=lab/dom0/case.sh
. /run/lab/case.sh

daemon native
ready a; ready b; ready c; ready p

# Before the send.
gx a 'qubes_penctl new'
xl destroy a
nothing_left

# While the question is open: it leaves the screen.
answers hold
gx c 'qubes_penctl new'
begin gx c 'qubes_penctl send b'
asked
xl destroy c
nothing_left
no_question

# Between detach and attach: a second pendrive waits for the first, and its sender ends.
answers yes
gx b 'qubes_penctl new && qubes_penctl send p'
gx b 'qubes_penctl new'
begin gx b 'qubes_penctl send p'
status b ' waiting ' >/dev/null
xl destroy b
gx p 'test -b /dev/xvdh && qubes_penctl umount ok'
nothing_left
