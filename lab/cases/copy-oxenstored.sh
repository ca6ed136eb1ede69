#!/bin/bash
# The same with oxenstored in place of xenstored.
# store: oxenstored
# shellcheck source=lab/dom0/case.sh
. /run/lab/case.sh

daemon native
copy a b 200
