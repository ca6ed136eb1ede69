#!/bin/bash
# The same to a PVH guest.
# shellcheck source=lab/dom0/case.sh
. /run/lab/case.sh

daemon native
copy a p 200
