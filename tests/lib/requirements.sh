# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# What the machine itself must offer. Sourced by quickstart, check and the integration tests.

# requirements_missing: one line for everything that is missing, with what to do about it; status 1
# if there is any. What the kernel can do is found out by trying, not by its version.
requirements_missing() {
	local missing=0

	if [[ $(id -u) != 0 ]]; then
		echo "Not root: run it as root (sudo $0)."
		return 1
	fi
	if [[ ! -c /dev/fuse ]]; then
		missing=1
		echo "No /dev/fuse: try 'modprobe fuse', or 'mknod /dev/fuse c 10 229' in a container that may use it."
	elif ! (exec 3<>/dev/fuse) 2>/dev/null; then
		missing=1
		echo "/dev/fuse cannot be opened: the kernel has no FUSE ('modprobe fuse'), or a device policy forbids it."
	fi
	if ! unshare --mount --pid --fork true 2>/dev/null; then
		missing=1
		echo "No mount and pid namespaces: CAP_SYS_ADMIN is missing, or the kernel is built without them."
	fi
	if ! unshare --user --map-root-user true 2>/dev/null; then
		missing=1
		echo "No user namespaces: look at /proc/sys/user/max_user_namespaces; the kernel needs CONFIG_USER_NS."
	fi
	if [[ ! -e /proc/self/fdinfo || ! -e /proc/self/mountinfo ]]; then
		missing=1
		echo "No /proc: 'mount -t proc proc /proc'."
	fi
	if ! requirements_overlay; then
		missing=1
		echo "No overlay file system: try 'modprobe overlay'."
	fi
	if ! requirements_syscalls; then
		missing=1
	fi
	return "$missing"
}

# fsopen(2) and fanotify's permission events, tried with nothing but the base system. Says what is
# missing.
requirements_syscalls() {
	local file init status=0

	case $(uname -m) in
	x86_64) init=300 ;;
	*) init=262 ;; # the generic table: aarch64, riscv64, loongarch64
	esac
	file=$(mktemp) || return 1
	perl -e '$fs = "tmpfs"; exit(syscall(430, $fs, 1) < 0)' 2>/dev/null || {
		status=1
		echo "No fsopen(2): the kernel is older than 5.2; Debian 12 has 6.1 ('apt-get install linux-image-amd64')."
	}
	# FAN_CLASS_CONTENT; FAN_MARK_ADD of FAN_OPEN_PERM | FAN_OPEN_EXEC_PERM on a file of our own
	perl -e '$file = shift; $init = shift; $fd = syscall($init, 4, 0);
		exit(1) if $fd < 0;
		exit(syscall($init + 1, $fd, 1, 0x50000, -100, $file) < 0)' \
		"$file" "$init" 2>/dev/null || {
		status=1
		echo "No fanotify permission events: the kernel needs CONFIG_FANOTIFY_ACCESS_PERMISSIONS, and we CAP_SYS_ADMIN."
	}
	rm -f "$file"
	return "$status"
}

# A lower and an upper directory are enough to know.
requirements_overlay() {
	local dir status=0

	dir=$(mktemp -d) || return 1
	unshare --mount sh -c 'mount -t tmpfs tmpfs "$1" && cd "$1" && mkdir l u w m &&
		mount -t overlay -o lowerdir=l,upperdir=u,workdir=w overlay m' sh "$dir" \
		>/dev/null 2>&1 || status=1
	rmdir "$dir"
	return "$status"
}
