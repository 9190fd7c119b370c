#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vsecctl: what it prints, its exit statuses, and errors that name what to do.
# shellcheck source=../lib/integration.sh
. "$(dirname "$0")/../lib/integration.sh"

# status COMMAND...
status() {
	"$@" >/dev/null 2>&1
	echo $?
}

field() {
	python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

# ---- without policyd ----
tmp=$(mktemp -d /tmp/vsec-test.XXXXXX)
run=$tmp/none
like "--version" "$("$vsecctl" --version)" '[0-9]+\.[0-9]+'
for command in attach detach run list show policy; do
	like "--help names $command" "$("$vsecctl" --help)" "$command"
	is "$command --help" "$(status "$vsecctl" $command --help)" 0
done
is "no command" "$(status "$vsecctl")" 2
is "an unknown command" "$(status "$vsecctl" frobnicate)" 2
is "an unknown option" "$(status "$vsecctl" list --frobnicate)" 2
is "attach without a pid" "$(status "$vsecctl" attach)" 2
is "attach to no number" "$(status "$vsecctl" attach 12x)" 2
is "a policyd that is not there" "$(status ctl list)" 1
like "says where it was looked for, and what to start" "$(ctl list 2>&1)" "$run.*policyd|policyd.*$run"
is "run without policyd has a status of its own" "$(status ctl run -- true)" 125
rmdir "$tmp"

# ---- policy check needs no policyd ----
vsec_start
printf '%s\n' 'measure func=BPRM_CHECK' '' '# comment' 'bogus' 'audit func=BPRM_CHECK' \
	'measure func=KEY_CHECK keyrings=x' 'measure uid=4294967296' >"$tmp/rules"
out=$("$vsecctl" policy check "$tmp/rules")
is "policy check: 1 if any is refused" $? 1
like "policy check: names the word" "$out" bogus
is "policy check --grammar --porcelain: a word a line" \
	"$("$vsecctl" policy check --grammar --porcelain "$tmp/rules" | tr '\n' ' ')" \
	"ACCEPT ACCEPT ACCEPT EINVAL ACCEPT ACCEPT EINVAL "
is "policy check --porcelain: what is not enforced is refused" \
	"$("$vsecctl" policy check --porcelain "$tmp/rules" | sed -n 5p | sed s/EPERM/EINVAL/)" EINVAL
head -n 3 "$tmp/rules" >"$tmp/good"
works "policy check: 0 if all are good" "$vsecctl" policy check "$tmp/good"
refused "policy check: no such file" "$vsecctl" policy check "$tmp/nothing"
like "names it" "$("$vsecctl" policy check "$tmp/nothing" 2>&1)" 'nothing.*No such file'

# ---- run ----
is "list of nothing" "$(ctl list --json | tr -d ' \n')" '[]'
is "run: output" "$(ctl run -- echo hello)" hello
is "run: input" "$(echo in | ctl run -- cat)" in
is "run: status of the command" "$(status ctl run -- sh -c 'exit 42')" 42
is "run: status after a signal" "$(status ctl run -- sh -c 'kill -9 $$')" 137
is "run: no such command" "$(status ctl run -- /no/such/command)" 127
is "run: cannot be executed" "$(status ctl run -- /etc/passwd)" 126
is "run: no command" "$(status ctl run)" 2
is "run: bad range" "$(status ctl run --userns 1-2 -- true)" 2
is "run: no such rootfs" "$(status ctl run --rootfs "$tmp/nothing" -- true)" 125
is "run: root inside" "$(ctl run -- id -u)" 0
is "run: the range is mapped" "$(ctl run -- sh -c 'set -- $(cat /proc/self/uid_map); echo $2')" 100000
is "run: --userns" \
	"$(ctl run --userns 500000:1000 -- sh -c 'set -- $(cat /proc/self/uid_map); echo $*')" "0 500000 1000"
is "run: --no-userns" \
	"$(ctl run --no-userns -- sh -c 'set -- $(cat /proc/self/uid_map); echo $2')" 0
like "run: a pid namespace of its own" "$(ctl run -- sh -c 'echo $$')" '^[12]$'
is "run: arguments are passed as they are" "$(ctl run -- printf '%s|' 'a b' '' '*')" 'a b||*|'
mkdir -p "$tmp/root/bin"
cp /bin/busybox "$tmp/root/bin/"
ln -s busybox "$tmp/root/bin/sh"
chmod a+rx "$tmp" "$tmp/root"
is "run: --rootfs" "$(ctl run --rootfs "$tmp/root" -- /bin/sh -c \
	'busybox test -e /bin/busybox -a ! -e /usr/bin/env && busybox cat /sys/kernel/security/integrity/ima/active')" 1
is "run: the rootfs is not written to" "$(cd "$tmp/root" && find . -type f -o -type l | sort | xargs)" \
	"./bin/busybox ./bin/sh"
"$vsecctl" --runtime-dir "$run" run --name term -- sleep 60 &
runner=$!
listed() { ctl list | grep -qw "$1"; }
eventually "run --name: is listed under it" 5 listed term
kill -TERM "$runner"
wait "$runner"
is "run: SIGTERM ends the container" "$?" 143

# ---- list, show ----
session c
id=${session_id[c]}
like "list" "$(ctl list)" "$id"
is "show --json: id" "$(ctl show "$id" --json | field id)" "$id"
is "show --json: name" "$(ctl show "$id" --json | field name)" c
is "show --json: entries" "$(ctl show "$id" --json | field entries)" 1
is "show --json: rules" "$(ctl show "$id" --json | field rules)" 0
works "policy" policy c 'measure func=BPRM_CHECK' 'measure func=FILE_CHECK uid=1'
is "show --json: rules after loading" "$(ctl show "$id" --json | field rules)" 2
is "show --json: hash" "$(ctl show "$id" --json | field hash)" sha256
like "show: for people" "$(ctl show "$id")" "name: c"
refused "show of no view" ctl show 1
like "says so" "$(ctl show 1 2>&1)" '1'
is "show of no number" "$(status ctl show c1x)" 2

# ---- attach, detach ----
refused "attach of a process that is not there" ctl attach 2147483000
refused "attach twice" ctl attach "$(init_of c)"
refused "attach to the host itself" ctl attach $$
session_host u
is "attach prints the id" "$(ctl attach "$(init_of u)" --name u)" "${session_id[u]}"
is "the view is there" "$(within u "cat $ima/active")" 1
works "detach" ctl detach "${session_id[u]}"
refused "the view is gone" within u "test -e $ima/active"
refused "detach twice" ctl detach "${session_id[u]}"
within u 'mount -t tmpfs t /mnt; mkdir /mnt/sec'
works "attach --at" ctl attach "$(init_of u)" --at /mnt/sec
is "is there" "$(within u 'cat /mnt/sec/integrity/ima/active')" 1
works "detach of --at" ctl detach "${session_id[u]}"
refused "attach --at something that is not there" ctl attach "$(init_of u)" --at /mnt/nothing
refused "attach --at a relative path" ctl attach "$(init_of u)" --at mnt/sec
is "attach --activation sometimes" "$(status ctl attach 1 --activation sometimes)" 2
works "attach --compat" ctl attach "$(init_of u)" --compat
if grep -q "without --compat's effect" "$log"; then # the kernel's has no empty directory to bind
	like "the log says why nothing lies beneath the view" "$(cat "$log")" 'nothing lies beneath the view: '
else
	like "a securityfs lies beneath the view" "$(within u 'cat /proc/self/mountinfo')" \
		' /sys/kernel/security .* - securityfs '
fi
is "the view is what is seen" "$(within u "cat $ima/active")" 1

# ---- the host's face ----
like "metrics" "$(cat "$mnt/metrics")" 'vsecfs_'
refused "only root may ask" setpriv --reuid 1234 --regid 1234 --clear-groups \
	"$vsecctl" --runtime-dir "$run" list
finish
