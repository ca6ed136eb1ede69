#!/bin/bash
# Attach and detach, 20 each: native at most a tenth of xl with its own script, and at most a third of xl with a short one.
# limit: 1500
# long: xl takes its time
# shellcheck source=lab/dom0/case.sh
. /run/lab/case.sh

# rounds NAME: 20 times new and cancel, and what the daemon's log says that attaching and detaching took, in seconds.
rounds() {
    ready a
    for _ in $(seq 20); do
        gx a 'qubes_penctl new >/dev/null && qubes_penctl cancel >/dev/null'
        nothing_left
    done
    for effect in Attach Detach; do
        sed -nE "s/.* Ended: $effect with ${effect}ed .* in ([0-9]+) ms.*/\\1/p" "$log" | awk '{ print $1 / 1000 }' >"/run/lab/$1.$effect"
        same "$(wc -l <"/run/lab/$1.$effect")" 20 "${effect}es of $1"
        figure "$1 $effect: median $(median <"/run/lab/$1.$effect") s, worst $(worst <"/run/lab/$1.$effect") s"
    done
    stop_daemon
    : >"$log"
    xenstore-rm "/local/domain/$(domid a)/qubes_pen_status"    # so that `ready` tells when the next daemon has looked
}

daemon native
rounds native
daemon xl
rounds xl
daemon xl "xl_script = block-short"
rounds short
for effect in Attach Detach; do
    native=$(median <"/run/lab/native.$effect")
    at_most "$(ratio "$native" "$(median <"/run/lab/xl.$effect")")" 0.1 "$effect, native to xl"
    at_most "$(ratio "$native" "$(median <"/run/lab/short.$effect")")" 0.334 "$effect, native to xl with a short script"
done
