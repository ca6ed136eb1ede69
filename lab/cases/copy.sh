#!/bin/bash
# 200 MiB go from a to b, native disks: the same bytes arrive, and nothing is left.
# shellcheck source=lab/dom0/case.sh
. /run/lab/case.sh

daemon native
copy a b 200
