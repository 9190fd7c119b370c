#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# `active`: with --activation=explicit nothing else may be opened before the container writes 1,
# which works once; until then hash and template_name are the container's to choose.
# shellcheck source=../lib/integration.sh
. "$(dirname "$0")/../lib/integration.sh"

# attached SESSION [OPTION...]: a container of unshare(1) with a view of these options
attached() {
	local name=$1
	shift
	session_host "$name"
	ctl attach "$(init_of "$name")" --name "$name" "$@" >/dev/null || fail "attach $name"
}

vsec_start
session auto
is "active from the start" "$(within auto "cat $ima/active")" 1
is "the default hash" "$(within auto "cat $ima/hash")" sha256
is "the default template" "$(within auto "cat $ima/template_name")" ima-ng
refused "a second activation" within auto "echo 1 >$ima/active"
like "is EBUSY" "$(within auto "echo 1 >$ima/active")" 'busy|I/O'
refused "no hash after activation" within auto "echo sha512 >$ima/hash"
refused "no template after activation" within auto "echo ima >$ima/template_name"

attached c --activation explicit
is "not active" "$(within c "cat $ima/active")" 0
for file in policy ascii_runtime_measurements binary_runtime_measurements_sha256 violations \
	runtime_measurements_count pcrs_sha256; do
	like "$file: EACCES until then" "$(within c "cat $ima/$file")" 'Permission denied'
done
like "loading a policy: EACCES until then" "$(within c "echo measure >$ima/policy")" 'ermission denied'
for bad in 0 2 11 x ''; do
	refused "active takes no '$bad'" within c "printf '%s\n' '$bad' >$ima/active"
done
is "still not active" "$(within c "cat $ima/active")" 0
for bad in md5 sha sha2566 ima ''; do
	refused "hash takes no '$bad'" within c "printf '%s\n' '$bad' >$ima/hash"
done
for bad in ima-buf ima-xx sha256 ''; do
	refused "template_name takes no '$bad'" within c "printf '%s\n' '$bad' >$ima/template_name"
done
for hash in sha1 sha256 sha384 sha512; do
	works "hash $hash" within c "echo $hash >$ima/hash"
	is "reads back" "$(within c "cat $ima/hash")" "$hash"
done
works "template_name ima-sig" within c "echo ima-sig >$ima/template_name"
works "echo 1 activates" within c "echo 1 >$ima/active"
is "active" "$(within c "cat $ima/active")" 1
is "hash stays" "$(within c "cat $ima/hash")" sha512
like "the first entry is of that hash and template" "$(list c)" '^10 [0-9a-f]{40} ima-sig sha512:0{128} boot_aggregate $|^10 [0-9a-f]{40} ima-sig sha(1|256|512):[0-9a-f]+ boot_aggregate $'
refused "once only" within c "echo 1 >$ima/active"
works "a policy may be loaded now" policy c 'measure func=BPRM_CHECK'
within c 'mount -t tmpfs t /mnt; cp /bin/true /mnt/p; /mnt/p'
like "and is measured with that hash" "$(list c | grep '/mnt/p ')" ' ima-sig sha512:[0-9a-f]{128} /mnt/p $'
log_expect 'refused'
finish
