#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Two containers and the host: nobody sees, reaches or influences another one's entries.
# shellcheck source=../lib/integration.sh
. "$(dirname "$0")/../lib/integration.sh"

vsec_start
session a
session b --userns 300000:65536
for c in a b; do within $c "cp /bin/true /tmp/only-$c; echo $c >>/tmp/only-$c"; done
works "policy of a" policy a 'measure func=BPRM_CHECK'
within a '/tmp/only-a; /bin/ls >/dev/null'
within b '/tmp/only-b; /bin/ls >/dev/null'
is "a sees its own entry" "$(within a "grep -c /tmp/only-a $ima/ascii_runtime_measurements")" 1
is "b, without a policy, has none" "$(within b "cat $ima/runtime_measurements_count")" 1
is "b's policy is empty" "$(within b "cat $ima/policy")" ""
works "policy of b" policy b 'measure func=BPRM_CHECK uid=0'
within b /tmp/only-b
is "b sees its own entry" "$(within b "grep -c /tmp/only-b $ima/ascii_runtime_measurements")" 1
is "b does not see a's" "$(n_of b /tmp/only-a)" 0
is "a does not see b's" "$(n_of a /tmp/only-b)" 0
unlike "the host's own list knows neither" \
	"$(cat /sys/kernel/security/ima/ascii_runtime_measurements 2>/dev/null)" 'only-[ab]'
before=$(count a)
cp /bin/true "$tmp/only-host"
"$tmp/only-host"
is "what the host executes is in neither list" "$(n_of a "$tmp/only-host")$(n_of b "$tmp/only-host")" 00
is "and a's list has not grown" "$(count a)" "$before"

# ---- reaching for the other one ----
like "a view shows no other namespace" "$(within a 'ls -A /sys/kernel/security/')" '^[a-z \n]*'
refused "no directory of namespaces in a container" within a 'ls /sys/kernel/security/ns'
is "the host's face is not mounted in a container" \
	"$(within a "ls -A $mnt 2>/dev/null")" ""
b_init=$(init_of b)
refused "another container's view through /proc" within a "cat /proc/$b_init/root$ima/policy"
exec 8<"/proc/$b_init/root$ima/policy"
refused "a descriptor of another one's file is no way in" nsenter -t "$(init_of a)" -U -m -p \
	sh -c 'cat <"/proc/self/fd/8"'
exec 8<&-
# A container that opens all it may leaves the host its own.
works "a opens as many files as it may" within a "ulimit -n 4096 2>/dev/null; exec python3 -c '
import os, time
fds = []
for _ in range(2000):
    try:
        fds.append(os.open(\"$ima/hash\", os.O_WRONLY))
    except OSError:
        break
assert len(fds) < 2000
assert open(\"/proc/sys/kernel/ostype\")
os.close(1); os.close(2)
if os.fork():
    os._exit(0)
time.sleep(5)'"
like "the host still reads a's policy" "$(cat "$(host_file a policy)" 2>&1)" 'func=BPRM_CHECK'
# A second container with the same ids: only their user namespaces tell them apart.
session twin
exec 8<"/proc/$(init_of a)/root$ima"
for file in ascii_runtime_measurements binary_runtime_measurements runtime_measurements_count \
	violations pcrs_sha256 hash active policy; do
	like "a container with the same ids, by a descriptor, may not open $file" "$(nsenter -t \
		"$(init_of twin)" -U -m -p sh -c "cat /proc/self/fd/8/$file" 2>&1)" 'Permission denied'
done
exec 8<&-
like "nor has it a way in with the host's /proc" "$(nsenter -t "$(init_of twin)" -U \
	sh -c "cat /proc/$(init_of a)/root$ima/ascii_runtime_measurements" 2>&1)" 'Permission denied'
within a "cat $ima/ascii_runtime_measurements" >/dev/null
works "its owner still can, also right after" within a "cat $ima/ascii_runtime_measurements"
works "the host reads both by id" grep -q only-a "$(host_file a ascii_runtime_measurements)"
works "and by the older path" test -e "$mnt/ima/${session_id[a]}/integrity/ima/policy" -o \
	-e "$mnt/ima/${session_id[a]}/policy"
refused "another user of the host reads nothing" \
	setpriv --reuid 1234 --regid 1234 --clear-groups cat "$(host_file a ascii_runtime_measurements)"
refused "nor a container's root on the host's face" nsenter -t "$(init_of a)" -U \
	cat "$(host_file b ascii_runtime_measurements)"

within a 'echo "for f in lsm vsecfs/id; do cat /sys/kernel/security/\$f >/dev/null && ! true >/sys/kernel/security/\$f || exit 1; done" >/tmp/read-only'
works "another user of the container reads what all may, and opens nothing for writing" \
	within a 'setpriv --reuid 1000 --regid 1000 --clear-groups sh /tmp/read-only'

# ---- one's end is not the other's ----
a_id=${session_id[a]}
session_end a
eventually "the view of an ended container goes" 5 test ! -e "$mnt/ns/$a_id"
works "the other one goes on" within b "cat $ima/ascii_runtime_measurements"
session a2
is "a new container starts with an empty list" "$(count a2)" 1
finish
