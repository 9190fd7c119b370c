#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# SIGTERM to policyd leaves no mount and no process on the host, whatever the containers are doing, and they
# live on; a second policyd can start right away.
# shellcheck source=../lib/integration.sh
. "$(dirname "$0")/../lib/integration.sh"

vsec_start
session a
session b --no-userns
session_host c
works "attach" ctl attach "$(init_of c)" --name c
for s in a b c; do
	works "policy of $s" policy $s 'measure func=BPRM_CHECK' 'measure func=FILE_CHECK mask=MAY_READ uid=0'
	within $s 'mount -t tmpfs t /mnt; cp /bin/true /mnt/p; /mnt/p'
	is "$s is measured" "$(list $s | grep -c '/mnt/p$')" "$(list $s | grep '/mnt/p$' | sort -u | wc -l)"
	unlike "$s has entries" "$(count $s)" '^1$'
done
# at the worst moment: an open policy, an open list, executions under way
here a "exec 8>$ima/policy; exec 9<$ima/ascii_runtime_measurements; echo 'measure uid=5' >&8"
session_tell b '{ i=0; while [ $i -lt 300 ]; do /mnt/p; i=$((i + 1)); done; echo "$i executed"
}'
locked=$(readlink "/proc/$(init_of a)/ns/user")
inits="$(init_of a) $(init_of b) $(init_of c)"
sleep 0.2
vsec_stop
for pid in $inits; do
	alive "$pid" || fail "container of $pid lives on"
	# One that the container's user namespace was born with is locked; it is dead then.
	if grep -q ' /sys/kernel/security .*fuse' "/proc/$pid/mountinfo"; then
		refused "the view left in it is dead" timeout 5 cat "/proc/$pid/root$ima/active"
		is "and is one that is locked" "$(readlink "/proc/$pid/ns/user")" "$locked"
	else
		pass "no view is left in it"
	fi
done
like "its executions go on, unmeasured" "$(session_answer b)" '300 executed'
is "a program runs" "$(within a '/mnt/p && echo ran')" ran
policyd_again
is "a new policyd starts and knows nothing of the old ones" "$(ctl list --json | tr -d ' \n')" '[]'
session d
works "and serves a new container" within d "cat $ima/ascii_runtime_measurements"
session_end d

# ---- right after the start, and twice ----
vsec_stop
policyd_again
kill -TERM "$daemon"
vsec_stop
finish
