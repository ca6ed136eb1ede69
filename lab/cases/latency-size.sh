#!/bin/bash
# The same with 1 MiB and with 900 MiB on the pendrive: medians within 1.5 times of each other.
# long: 900 MiB are written ten times
# limit: 1800
# shellcheck source=lab/dom0/case.sh
. /run/lab/case.sh

daemon native
latencies 1 10 >/run/lab/small
latencies 900 10 >/run/lab/large
small=$(median </run/lab/small)
large=$(median </run/lab/large)
figure "1 MiB: median $small s, worst $(worst </run/lab/small) s" 
figure "900 MiB: median $large s, worst $(worst </run/lab/large) s"
at_most "$(ratio "$large" "$small")" 1.5 "900 MiB to 1 MiB"
nothing_left
