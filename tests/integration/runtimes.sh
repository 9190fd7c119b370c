#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Views for containers that others have made: runc, crun, bubblewrap, unshare(1); with and without a
# user namespace.
# shellcheck source=../lib/integration.sh
. "$(dirname "$0")/../lib/integration.sh"

for tool in runc crun bwrap busybox; do
	command -v $tool >/dev/null || skip "no $tool"
done

# bundle FOLDER BASE: an OCI bundle of busybox; BASE 0: without a user namespace.
bundle() {
	local applet

	mkdir -p "$1/rootfs"/{bin,proc,sys,dev,tmp,mnt}
	cp /bin/busybox "$helpers/fileops" "$1/rootfs/bin/"
	for applet in sh cat readlink sleep mount cp true ls rm grep mkdir; do
		ln -s busybox "$1/rootfs/bin/$applet"
	done
	chmod a+rx "$tmp" "$1" && chmod -R a+rX "$1/rootfs"
	(cd "$1" && runc spec) && python3 - "$1/config.json" "$2" <<'PYTHON'
import json, sys
path, base = sys.argv[1], int(sys.argv[2])
spec = json.load(open(path))
spec["process"]["terminal"] = False
spec["process"]["args"] = ["/bin/sh"]
caps = ["CAP_SYS_ADMIN", "CAP_MAC_ADMIN", "CAP_DAC_OVERRIDE", "CAP_KILL"]
spec["process"]["capabilities"] = {kind: caps for kind in spec["process"]["capabilities"]}
spec["mounts"] = [mount for mount in spec["mounts"] if mount["type"] != "cgroup"]
spec["root"]["readonly"] = False
if base:
    spec["linux"]["namespaces"].append({"type": "user"})
    mapping = [{"containerID": 0, "hostID": base, "size": 65536}]
    spec["linux"]["uidMappings"] = spec["linux"]["gidMappings"] = mapping
json.dump(spec, open(path, "w"))
PYTHON
}

# serve NAME: attaches to the session NAME and does in it what a container's root does.
serve() {
	local name=$1 pid

	pid=$(init_of "$name")
	is "$name: attach prints the id" "$(ctl attach "$pid" --name "$name")" "${session_id[$name]}"
	within "$name" 'mount -t tmpfs t /mnt && cp /bin/fileops /mnt/p 2>/dev/null || cp /tmp/fileops /mnt/p'
	is "$name: active" "$(within "$name" "cat $ima/active")" 1
	is "$name: the list belongs to its root" "$(within "$name" "test -O $ima/policy && echo mine")" mine
	works "$name: a policy is loaded" policy "$name" 'measure func=BPRM_CHECK uid=0'
	is "$name: and reads back" "$(within "$name" "cat $ima/policy")" 'measure func=BPRM_CHECK uid=0 '
	within "$name" '/mnt/p x'
	is "$name: a program is measured" "$(list "$name" | grep -c ' /mnt/p$')" 1
	is "$name: seen inside as well" \
		"$(within "$name" "grep -c ' /mnt/p\$' $ima/ascii_runtime_measurements")" 1
	works "$name: all variants agree" lists_agree "$name"
	session_end "$name"
	eventually "$name: its view goes with it" 5 test ! -e "$mnt/ns/${session_id[$name]}"
}

vsec_start
log_expect 'mounts of the namespace cannot be watched' # see session_host
bundle "$tmp/plain" 0
bundle "$tmp/mapped" 100000
for kind in plain mapped; do
	session_start runc-$kind runc --root "$tmp/runc" run -b "$tmp/$kind" "vsec-$$-$kind"
	serve runc-$kind
	# crun takes a mixed cgroup hierarchy for a broken one: it sees none
	session_start crun-$kind unshare -m --propagation private sh -c "
		[ ! -d /sys/fs/cgroup/unified ] || mount -t tmpfs none /sys/fs/cgroup/unified
		exec crun --root $tmp/crun --cgroup-manager=disabled run -b $tmp/$kind vsec-$$-$kind"
	serve crun-$kind
done
cp "$helpers/fileops" "$tmp/fileops"
bwrap=(bwrap --ro-bind / / --dev /dev --proc /proc --tmpfs /tmp --tmpfs /mnt --unshare-pid
	--ro-bind "$tmp/fileops" /tmp/fileops --cap-add ALL)
session_start bwrap-plain "${bwrap[@]}" sh
serve bwrap-plain
session_start bwrap-mapped "${bwrap[@]}" --unshare-user --uid 0 --gid 0 sh
serve bwrap-mapped
session_start unshare-mapped unshare -U -r -m -p --fork --mount-proc \
	sh -c 'mount -t tmpfs t /tmp && exec sh'
put unshare-mapped "$helpers/fileops" /tmp/fileops
serve unshare-mapped
finish
