#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A container's root unmounts the view that `attach` placed: it does not get rid of policy, list and
# PCRs that way, whatever it does to hide that its namespace lives on.
# shellcheck source=../lib/integration.sh
. "$(dirname "$0")/../lib/integration.sh"

log_expect 'was unmounted inside; it goes on'
log_expect 'refused process .* attach' # tried too early
vsec_start

listed() { ctl list | grep -qw "$1"; }
unlisted() { ! listed "$1"; }

# ---- unmounted, and put back ----
session_host u
id=${session_id[u]}
works "attach" ctl attach "$(init_of u)" --name u
works "policy" policy u 'measure func=BPRM_CHECK'
within u /bin/true
before=$(count u)
host_file=$(host_file u policy)
exec 9>"$host_file"
echo 'measure func=MMAP_CHECK uid=77' >&9
within u 'umount -l /sys/kernel/security'
eventually "the log tells" 5 grep -q 'unmounted inside' "$log"
works "the view is still there" listed u
like "with its policy" "$(cat "$host_file")" 'func=BPRM_CHECK'
within u /bin/true
within u '/bin/ls >/dev/null'
is "what is executed is still measured" "$((before + 2))" "$(count u)" # umount(8) and ls
exec 9>&-
like "what the host was writing meanwhile is in force" "$(cat "$host_file")" 'uid=77'
works "attach puts it back" ctl attach "$(init_of u)" --name other
is "the same view" "$(within u "cat /sys/kernel/security/vsecfs/name")" u
is "lists agree" "$(count u)" "$(list u | wc -l)"
works "and it can be detached" ctl detach "$id"
works "it has gone" unlisted u
session_end u

# ---- detach is not an unmount inside ----
session_host d
for _ in 1 2 3; do
	ctl attach "$(init_of d)" --name d >/dev/null
	ctl detach "${session_id[d]}" >/dev/null
done
is "a detach by the host is not mistaken for it" "$(grep -c 'unmounted inside' "$log")" 1
session_end d

# ---- what the container shares with the host would show up there ----
unshare -m --propagation private sh -c '
	mount --make-rshared /
	"$0" --foreground --config "$1/policyd.conf" --runtime-dir "$1/run2" --mountpoint "$1/vsecfs2" 2>"$1/log2" &
	daemon=$!
	mkdir "$1/vsecfs2"
	unshare -m --propagation unchanged sleep 60 &
	container=$!
	until "$2" --runtime-dir "$1/run2" list; do sleep 0.1; done
	sleep 0.3
	"$2" --runtime-dir "$1/run2" attach $container
	echo "status $?"
	grep -c " /sys/kernel/security .*fuse.securityfs" /proc/self/mountinfo
	kill $container
	kill $daemon
	wait
' "$policyd" "$tmp" "$vsecctl" >"$tmp/shared" 2>&1
like "a view is not placed where the host would see it" "$(cat "$tmp/shared")" 'shares with the host.*make-rprivate.*status 1.*0$'

# ---- nobody in the namespace, which a descriptor holds ----
mkfifo "$tmp/go"
unshare -m --propagation private python3 - "$tmp/go" <<'PY' &
import ctypes, os, sys, time
libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, MNT_DETACH = 0x20000, 2
go = open(sys.argv[1])
go.readline()
r, w = os.pipe()
if os.fork() == 0: # leaves, with a descriptor to come back by
    back = os.open("/proc/self/ns/mnt", os.O_RDONLY)
    libc.unshare(CLONE_NEWNS)
    libc.umount2(b"/sys/kernel/security", MNT_DETACH)
    os.write(w, b"x")
    go.readline()
    assert libc.setns(back, CLONE_NEWNS) == 0
    go.readline()
    os._exit(0)
os.read(r, 1)
libc.umount2(b"/sys/kernel/security", MNT_DETACH)
time.sleep(0.5)
PY
first=$!
exec 8>"$tmp/go"
until ctl attach "$first" --name held >/dev/null 2>&1; do sleep 0.1; done # not before unshare(2)
echo go >&8
wait "$first"
sleep 1.5
works "a namespace that only a descriptor holds keeps its view" listed held
echo back >&8
sleep 1.5
works "also after a process came back" listed held
echo end >&8
exec 8>&-
eventually "it goes with the namespace" 10 unlisted held

# ---- the first thread of the only process has ended ----
unshare -m --propagation private python3 - <<'PY' &
import ctypes, os, threading, time
libc = ctypes.CDLL(None)
MNT_DETACH = 2
def other():
    time.sleep(3)
    libc.umount2(b"/sys/kernel/security", MNT_DETACH)
    time.sleep(4)
    os._exit(0)
threading.Thread(target=other).start()
time.sleep(2)
libc.pthread_exit(0)
PY
first=$!
until ctl attach "$first" --name leader >/dev/null 2>&1; do sleep 0.1; done
eventually "its view was unmounted" 10 grep -q "'leader' was unmounted" "$log"
sleep 1.5
works "a process without its first thread keeps its view" listed leader
eventually "it goes with the last thread" 10 unlisted leader
wait "$first"
finish
