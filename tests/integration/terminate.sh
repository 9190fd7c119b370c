#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# SIGTERM to policyd leaves no mount and no process, whatever the containers are doing, and they
# live on; a second policyd can start right away.
# shellcheck source=../lib/integration.sh
. "$(dirname "$0")/../lib/integration.sh"

vsec_start
session a
session b --no-userns
session_start c unshare -m -p --fork --mount-proc --propagation private sh
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
inits="$(init_of a) $(init_of b) $(init_of c)"
sleep 0.2
vsec_stop
for pid in $inits; do
	alive "$pid" || fail "container of $pid lives on"
	is "no view is left in it" "$(grep -E 'fuse[^ ]*securityfs' "/proc/$pid/mountinfo")" ""
done
like "its executions go on, unmeasured" "$(session_answer b)" '300 executed'
is "a program runs" "$(within a '/mnt/p && echo ran')" ran
works "a new policyd starts" policyd_again
is "and knows nothing of the old ones" "$(ctl list --json | tr -d ' \n')" '[]'
session d
works "and serves a new container" within d "cat $ima/ascii_runtime_measurements"
session_end d

# ---- at once, and twice ----
vsec_stop
vsec_start_stop() { policyd_again && kill -TERM "$daemon" && kill -TERM "$daemon"; }
works "SIGTERM right after the start" vsec_start_stop
finish
