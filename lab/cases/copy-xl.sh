#!/bin/bash
# The same with disks that xl attaches.
# shellcheck source=lab/dom0/case.sh
. /run/lab/case.sh

daemon xl
copy a b 200
