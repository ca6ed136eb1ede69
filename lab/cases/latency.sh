#!/bin/bash
# From the answer to /dev/xvdh in the receiver: median and worst of 10.
# long: latency-size has the same and more
# shellcheck source=lab/dom0/case.sh
. /run/lab/case.sh

daemon native
latencies 1 10 >/run/lab/latencies
median=$(median </run/lab/latencies)
figure "1 MiB: median $median s, worst $(worst </run/lab/latencies) s"
nothing_left
