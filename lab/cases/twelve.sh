#!/bin/bash
# Twelve guests at once, each copying to the next: all arrive.
# limit: 1800
# long: nine more guests boot
# shellcheck source=lab/dom0/case.sh
. /run/lab/case.sh

names=(a b c d e f g h i j k l)
daemon native
ready a; ready b
copy a b 4
for name in p debian; do xl destroy "$name"; done    # their memory is needed
for name in "${names[@]:3}"; do guest "$name"; done
for name in "${names[@]:3}"; do
    await 600 "/local/domain/$(domid "$name")/data/up" 1 >/dev/null
    ready "$name"
done
before=$(holdings)

declare -A sums
for name in "${names[@]}"; do sums[$name]=$(file "$name" file 4); done
began=$(now)
waiting=()
for n in "${!names[@]}"; do
    from=${names[n]} to=${names[(n + 1) % ${#names[@]}]}
    gx "$to" "take $((600 * patience))" >"/run/lab/taken.$to" &
    waiting+=($!)
    gx "$from" "qvm-copy-to-vm $to /scratch/file" >/dev/null &
    waiting+=($!)
done
for one in "${waiting[@]}"; do wait "$one" || fail "one of the twelve ended with exit code $?"; done
figure "twelve at once: $(between "$began" "$(now)") s"
for n in "${!names[@]}"; do
    from=${names[n]} to=${names[(n + 1) % ${#names[@]}]}
    same "$(cat "/run/lab/taken.$to")" "${sums[$from]}  ./file" "what $to has taken"
done
nothing_left
