#compdef qfilexchgd
# zsh completion for qfilexchgd. Written by qfilexchgd itself: ./qfx manual.
local words_before="${(j: :)${(@)words[2,CURRENT-1]:#-*}}"
local -a found
case $words_before in
    'run'*) found=('--config:the configuration file (default\: /etc/qubes/qfilexchgd.conf)' '--verbose:log every effect' '--help:how it is used'); _describe option found; _files ;;
    'policy check'*) found=('--config:the configuration file (default\: /etc/qubes/qfilexchgd.conf)' '--folder:the policy folder (default\: as the configuration says)' '--service:qfx.Copy, qfx.OpenInDvm, qfx.ViewInDvm or qfx.Reply (default\: those that can have such a target)' '--help:how it is used'); _describe option found; _files ;;
    'policy lint'*) found=('--config:the configuration file (default\: /etc/qubes/qfilexchgd.conf)' '--folder:the policy folder (default\: as the configuration says)' '--help:how it is used'); _describe option found; _files ;;
    'config check'*) found=('--config:the configuration file (default\: /etc/qubes/qfilexchgd.conf)' '--help:how it is used'); _describe option found; _files ;;
    'config show'*) found=('--changed:only what a file has set' '--config:the configuration file (default\: /etc/qubes/qfilexchgd.conf)' '--help:how it is used'); _describe option found; _files ;;
    'doctor'*) found=('--config:the configuration file (default\: /etc/qubes/qfilexchgd.conf)' '--json:for programs' '--help:how it is used'); _describe option found; _files ;;
    'dvm prepare'*) found=('--config:its xl configuration (default\: /etc/xen/NAME.cfg)' '--data:where savefiles are' '--run:where dispVM_xid is' '--xl:Xen'\''s toolstack' '--help:how it is used'); _describe option found; _files ;;
    'dvm restore'*) found=('--data:where savefiles are' '--run:where dispVM_xid is' '--xl:Xen'\''s toolstack' '-c:the label'\''s colour' '-i:the label'\''s icon' '-l:the label'\''s number' '-p:it does not run yet' '--help:how it is used'); _describe option found; _files ;;
    'dvm state'*) found=('--data:where savefiles are' '--run:where dispVM_xid is' '--xl:Xen'\''s toolstack' '--help:how it is used'); _describe option found; _files ;;
    'simulate'*) found=('--check:compares with the rows that the file expects; exit 1 on a difference' '--svg:draws it into this file' '--help:how it is used'); _describe option found; _files ;;
    'demo'*) found=('--ask:asks on the terminal instead of saying yes' '--guest:the guest'\''s program' '--help:how it is used'); _describe option found; _files ;;
    'up'*) found=('--guest:the guest'\''s program' '--root:its folder' '--help:how it is used'); _describe option found; _files ;;
    'vm'*) found=('--root:the folder of qfilexchgd up' '--help:how it is used'); _describe option found; _files ;;
    'policy') found=('check:Says which line decides, and why. Exit code\: 0 allow, 1 ask, 2 deny; of several services the strictest.' 'lint:Finds mistakes, and lines that never decide. Exit code\: 0 none, 1 some, 78 the files cannot be used.'); _describe command found ;;
    'config') found=('check:Says whether the files can be used. Exit code\: 0 yes, 78 no.' 'show:Every setting, its value, and which file has set it.'); _describe command found ;;
    'dvm') found=('prepare:Makes the savefile that disposable VMs are made of.' 'restore:Restores a disposable VM; its domid, its name and the saved guest'\''s name go to dispVM_xid.' 'state:Says whether the savefile is fresh; exit code 1 if it is not.'); _describe command found ;;
    '') found=('run:Serves the domains of this host in the foreground.' 'policy:What the policy files say.' 'config:What the configuration says.' 'doctor:Looks at all that the daemon needs of this machine, and says how to mend it. Exit code\: 0 all is well or can be lived with, 1 not.' 'dvm:Disposable VMs on a Xen host without Qubes.' 'simulate:Plays a story by the daemon'\''s rules, in virtual time, and prints what comes of it.' 'demo:Sends files from one simulated VM to another, on the embedded xenstore.' 'up:Runs on the embedded xenstore, for simulated VMs\: see qfilexchgd vm.' 'vm:A shell in a simulated VM of qfilexchgd up.'); _describe command found ;;
esac
