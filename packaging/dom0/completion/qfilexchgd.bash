# bash completion for qfilexchgd. Written by qfilexchgd itself: ./qfx manual.
_qfilexchgd() {
    local words="" word options="" current=${COMP_WORDS[COMP_CWORD]}
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do [[ $word == -* ]] || words+=" $word"; done
    case $words in
        " run"*) options="--config --verbose --help" ;;
        " policy check"*) options="--config --folder --service --help" ;;
        " policy lint"*) options="--config --folder --help" ;;
        " config check"*) options="--config --help" ;;
        " config show"*) options="--changed --config --help" ;;
        " doctor"*) options="--config --json --help" ;;
        " dvm prepare"*) options="--config --data --run --xl --help" ;;
        " dvm use"*) options="--data --run --xl --help" ;;
        " dvm restore"*) options="--data --run --xl -c -i -l -p --help" ;;
        " dvm state"*) options="--data --run --xl --help" ;;
        " simulate"*) options="--check --svg --help" ;;
        " demo"*) options="--ask --guest --watch --help" ;;
        " up"*) options="--guest --root --help" ;;
        " vm"*) options="--root --help" ;;
        " status"*) options="--config --json --socket --help" ;;
        " domains"*) options="--config --json --socket --help" ;;
        " pendrives"*) options="--config --json --socket --help" ;;
        " questions"*) options="--config --json --socket --help" ;;
        " dvms"*) options="--config --json --socket --help" ;;
        " history"*) options="--config --json --socket --help" ;;
        " cancel"*) options="--config --json --socket --help" ;;
        " detach"*) options="--config --json --socket --help" ;;
        " reload"*) options="--config --json --socket --help" ;;
        " loglevel"*) options="--config --json --socket --help" ;;
        " watch"*) options="--config --json --socket --help" ;;
        " policy") options="check lint" ;;
        " config") options="check show" ;;
        " dvm") options="prepare use restore state" ;;
        "") options="run policy config doctor dvm simulate demo up vm status domains pendrives questions dvms history cancel detach reload loglevel watch" ;;
    esac
    if [[ $current == -* || $options != -* ]]; then mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current"); fi
    if [[ ${#COMPREPLY[@]} -eq 0 ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
    fi
}
complete -F _qfilexchgd qfilexchgd
