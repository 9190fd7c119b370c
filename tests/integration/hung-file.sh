#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The path of a file on a file system that never answers is written to the policy: the child that
# reads it cannot even be killed. policyd goes on, and not more than two such children are left.
# shellcheck source=../lib/integration.sh
. "$(dirname "$0")/../lib/integration.sh"

# Mounts a FUSE file system that answers INIT and nothing else.
cat >"${TMPDIR:-/tmp}/vsec-hang.$$" <<'PY'
import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
fd = os.open("/dev/fuse", os.O_RDWR)
options = b"fd=%d,rootmode=40755,user_id=0,group_id=0,allow_other" % fd
assert libc.mount(b"hang", sys.argv[1].encode(), b"fuse", 0, options) == 0, ctypes.get_errno()
request = os.read(fd, 1 << 16)
unique = struct.unpack_from("=IIQ", request)[2]
body = struct.pack("=IIIIHHIIHHI", 7, 31, 0, 0, 0, 0, 4096, 1, 0, 0, 0) # fuse_init_out
body = body.ljust(64, b"\0")
os.write(fd, struct.pack("=IiQ", 16 + len(body), 0, unique) + body)
print("ready", flush=True)
while True:
    try:
        os.read(fd, 1 << 16)
    except OSError:
        break
PY
vsec_start
mv "${TMPDIR:-/tmp}/vsec-hang.$$" "$tmp/hang.py"
session_host h
works "attach" ctl attach "$(init_of h)" --name h
here h "mount -t tmpfs t /mnt; mkdir /mnt/hang; python3 $tmp/hang.py /mnt/hang >/mnt/ready & hang=\$!"
eventually "the file system is mounted" 10 within h 'grep -q ready /mnt/ready'
reason() { tail -n 1 "$mnt/ns/${session_id[h]}/vsecfs/last_error"; }
hung() { ps -o state= --ppid "$daemon" | grep -c D; }
is "no child yet" "$(hung)" 0
for i in 1 2; do
	refused "a file that is never found, $i" within h "echo /mnt/hang/rules >$ima/policy"
	like "and the reason, $i" "$(reason)" 'timed out'
done
is "both children still hang" "$(hung)" 2
refused "there is no third" within h "echo /mnt/hang/rules >$ima/policy"
like "and the reason" "$(reason)" 'busy'
is "both children, and no more" "$(hung)" 2
works "a rule can be written all the same" within h "echo 'measure func=BPRM_CHECK uid=9' >$ima/policy"
here h 'kill $hang'
none_hung() { (($(hung) == 0)); }
eventually "the children die with the file system" 10 none_hung
within h 'echo "measure func=BPRM_CHECK uid=8" >/mnt/rules; chmod 0644 /mnt/rules'
works "then files are read again" within h "echo /mnt/rules >$ima/policy"
like "and their rules are in force" "$(cat "$(host_file h policy)")" 'uid=8'
finish
