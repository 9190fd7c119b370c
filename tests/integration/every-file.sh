#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What holds for every file of a view: owners, sizes, reads, flags of open, and what is refused.
# shellcheck source=../lib/integration.sh
. "$(dirname "$0")/../lib/integration.sh"

vsec_start
session c
put c "$helpers/fileops" /tmp/fileops

# ---- owners and modes ----
modes='active 640
ascii_runtime_measurements 440
ascii_runtime_measurements_sha1 440
ascii_runtime_measurements_sha256 440
ascii_runtime_measurements_sha384 440
ascii_runtime_measurements_sha512 440
binary_runtime_measurements 440
binary_runtime_measurements_sha1 440
binary_runtime_measurements_sha256 440
binary_runtime_measurements_sha384 440
binary_runtime_measurements_sha512 440
hash 640
pcrs_sha1 440
pcrs_sha256 440
policy 600
runtime_measurements_count 440
template_name 640
violations 440'
is "every file of integrity/ima is there, with the kernel's modes" \
	"$(within c "cd $ima && stat -c '%n %a' *")" "$modes"
is "every file belongs to the container's root" \
	"$(within c "cd /sys/kernel/security && find . | xargs stat -c %u:%g | sort -u")" "0:0"
is "in the container's superblock that is the mapped root" \
	"$(stat -c %u:%g "/proc/$(init_of c)/root$ima/policy")" "100000:100000"
is "and on the host's face too, whence they may be bind-mounted" \
	"$(stat -c %u:%g "$(host_file c policy)")" "100000:100000"
user="setpriv --reuid 1234 --regid 1234 --clear-groups"
like "a user of the container may not read the list" \
	"$(within c "$user cat $ima/ascii_runtime_measurements" 2>&1)" 'Permission denied'
is "nor is told that it might" \
	"$(within c "$user test -r $ima/ascii_runtime_measurements || echo no")" no
like "nor write a policy" \
	"$(within c "$user sh -c 'echo measure >$ima/policy'" 2>&1)" 'Permission denied'
is "what is there for everybody everybody may read" \
	"$(within c "$user cat /sys/kernel/security/vsecfs/name")" c
is "cp copies every byte, of files whose size is told" \
	"$(within c "cp $ima/pcrs_sha256 /tmp/p && cmp /tmp/p $ima/pcrs_sha256 && echo same")" same
is "a suite that reads ima/* succeeds" "$(within c "cat $ima/* >/dev/null && echo read")" read
is "directories hold directories and regular files only" \
	"$(within c "find /sys/kernel/security ! -type d ! -type f ! -name ima")" ""
is "ima is a symbolic link to integrity/ima" "$(within c 'readlink /sys/kernel/security/ima')" \
	integrity/ima
works "test -w policy" within c "test -w $ima/policy"
works "test -r ascii_runtime_measurements" within c "test -r $ima/ascii_runtime_measurements"
is "another user of root's group may not read the list" \
	"$(ops c $ima/ascii_runtime_measurements setuid 1000 open rdonly)" "setuid 0;open EPERM;"
is "another user may not write the policy" \
	"$(ops c $ima/policy setuid 1000 open wronly)" "setuid 0;open EACCES;"
like "the mount is called securityfs" "$(within c 'grep /sys/kernel/security /proc/self/mountinfo')" \
	' - fuse[^ ]*securityfs[^ ]* securityfs '
is "lsm has no newline at its end" "$(within c 'tail -c 1 /sys/kernel/security/lsm | wc -l')" 0

# ---- sizes and reads ----
works "policy is loaded" policy c 'measure func=BPRM_CHECK' 'measure func=FILE_CHECK mask=MAY_READ uid=77'
within c 'for p in true false ls wc head tail id env date; do /bin/$p x; done' >/dev/null
n_entries=""
for file in policy ascii_runtime_measurements binary_runtime_measurements \
	ascii_runtime_measurements_sha512 runtime_measurements_count violations active hash \
	template_name pcrs_sha1 pcrs_sha256; do
	within c "cat $ima/$file; for s in 1 7 4095 4097 100000; do dd if=$ima/$file bs=\$s; done; tail -c 3 $ima/$file | sha1sum" \
		>/dev/null # now every tool is in the list, so that it grows no more
	[[ -n $n_entries ]] || within c "stat -c %s $ima/active; wc -c </dev/null; tail -c +6 $ima/active" >/dev/null
	n_entries=${n_entries:-$(count c)}
	is "st_size of $file is its length" \
		"$(within c "stat -c %s $ima/$file")" "$(within c "cat $ima/$file | wc -c")"
	for size in 1 7 4095 4097 100000; do
		is "$file reads the same in pieces of $size" \
			"$(within c "dd if=$ima/$file bs=$size 2>/dev/null | sha1sum")" \
			"$(within c "cat $ima/$file | sha1sum")"
	done
	is "$file reads the same from an odd offset" \
		"$(within c "dd if=$ima/$file bs=1 skip=5 2>/dev/null | sha1sum")" \
		"$(within c "cat $ima/$file | tail -c +6 | sha1sum")"
	is "a read past the end of $file is empty" \
		"$(within c "dd if=$ima/$file bs=1000000 skip=5 2>/dev/null | wc -c")" 0
done
is "tail sees the end" "$(within c "tail -n 1 $ima/ascii_runtime_measurements")" \
	"$(within c "cat $ima/ascii_runtime_measurements" | tail -n 1)"
is "reading has added no entry" "$(list c | tail -n "+$((n_entries + 1))")" ""
is "cp copies all of it" "$(within c "cp $ima/policy /tmp/copy && cat /tmp/copy")" \
	"$(within c "cat $ima/policy")"
is "so does busybox, by sendfile" "$(within c "busybox cat $ima/policy | cat")" "$(within c "cat $ima/policy")"
here c "exec 7<$ima/ascii_runtime_measurements; cat <&7 >/dev/null" >/dev/null
before=$(count c)
within c '/bin/uname' >/dev/null
is "a descriptor at the end sees the list grow" "$(within c 'cat <&7' | grep -c .)" \
	"$(($(count c) - before))"
is "the list has grown by uname" "$(list c | grep -c /uname)" 1
old=$(list c)
within c '/bin/sleep 0' >/dev/null
is "no byte of the list has changed" "$(list c | head -n "$(wc -l <<<"$old")")" "$old"

# ---- open ----
f=$ima/ascii_runtime_measurements
is "open O_TRUNC is accepted and ignored" "$(ops c $f open rdonly+trunc size)" \
	"open 0;size $(within c "stat -c %s $f");"
is "open O_CREAT of an existing file is accepted" "$(ops c $f open rdonly+creat)" "open 0;"
is "open O_APPEND is accepted" "$(ops c $ima/policy open wronly+append)" "open 0;"
is "open O_CREAT|O_EXCL" "$(ops c $f open rdonly+creat+excl)" "open EEXIST;"
is "open O_DIRECT" "$(ops c $f open rdonly+direct)" "open EINVAL;"
is "open O_DIRECTORY of a file" "$(ops c $f open rdonly+directory)" "open ENOTDIR;"
is "open O_NOFOLLOW of a file" "$(ops c $f open rdonly+nofollow)" "open 0;"
is "open O_NONBLOCK" "$(ops c $f open rdonly+nonblock)" "open 0;"
is "a name that is not there" "$(ops c $ima/nothing open rdonly)" "open ENOENT;"
is "O_CREAT of a new name" "$(ops c $ima/nothing open wronly+creat)" "open EACCES;"
is "O_TMPFILE" "$(ops c $ima open rdwr+tmpfile)" "open EOPNOTSUPP;"
is "writing a directory" "$(ops c $ima open wronly)" "open EISDIR;"

# ---- what is refused ----
for f in $ima/policy $ima/active $ima/ascii_runtime_measurements /sys/kernel/security/lsm; do
	n=${f##*/}
	is "chmod $n" "$(ops c $f chmod 666)" "chmod EPERM;"
	is "chown $n" "$(ops c $f chown 0)" "chown EPERM;"
	is "utimens $n" "$(ops c $f utimens)" "utimens EPERM;"
	is "unlink $n" "$(ops c $f unlink)" "unlink EPERM;"
	is "rename $n" "$(ops c $f rename $f.x)" "rename EPERM;"
	is "link $n" "$(ops c $f link $f.x)" "link EPERM;"
	is "setxattr $n" "$(ops c $f setxattr user.x)" "setxattr EOPNOTSUPP;"
	is "getxattr $n" "$(ops c $f getxattr user.x)" "getxattr EOPNOTSUPP;"
	size=$(within c "stat -c %s $f")
	is "truncate $n does nothing" "$(ops c $f truncate 0 size)" "truncate 0;size $size;"
done
f=$ima/ascii_runtime_measurements
is "mkdir" "$(ops c $ima/new mkdir)" "mkdir EPERM;"
is "mkdir over a file" "$(ops c $f mkdir)" "mkdir EEXIST;"
is "mknod" "$(ops c $ima/new mknod)" "mknod EPERM;"
is "symlink" "$(ops c $ima/new symlink x)" "symlink EPERM;"
is "rmdir" "$(ops c $ima rmdir)" "rmdir EPERM;"
is "shared mmap" "$(ops c $f open rdonly mmap shared)" "open 0;mmap ENODEV;"
is "fsync of a list" "$(ops c $f open rdonly fsync)" "open 0;fsync EINVAL;"
is "fsync of the policy" "$(ops c $ima/policy open wronly fsync)" "open 0;fsync EINVAL;"
is "fallocate" "$(ops c $ima/policy open wronly fallocate)" "open 0;fallocate EOPNOTSUPP;"
is "ftruncate" "$(ops c $ima/policy open wronly ftruncate 100)" "open 0;ftruncate 0;"

# ---- writing ----
rule='measure func=BPRM_CHECK uid=5\n'
is "writes continue where the last one ended" \
	"$(ops c $ima/policy open wronly write "$rule" write "$rule" close)" \
	"open 0;write 30;write 30;close 0;"
is "O_APPEND changes nothing" \
	"$(ops c $ima/policy open wronly+append write "$rule" write "$rule" close)" \
	"open 0;write 30;write 30;close 0;"
is "a write at an offset of its own is refused, and spoils the set" \
	"$(ops c $ima/policy open wronly pwrite 1 "$rule" pwrite 4096 "$rule" close)" \
	"open 0;pwrite EINVAL;pwrite EINVAL;close EINVAL;"
size=$(within c "stat -c %s $ima/policy")
is "a child's exit commits nothing" \
	"$(ops c $ima/policy open wronly write "$rule" child size close)" \
	"open 0;write 30;child 0;size $size;close 0;"
is "close tells of a spoilt set" "$(ops c $ima/policy open wronly write 'bogus\n' close)" \
	"open 0;write EINVAL;close EINVAL;"
is "a list cannot be written" "$(ops c $ima/ascii_runtime_measurements open rdwr write x)" \
	"open 0;write EINVAL;"
is "reading through a descriptor for writing" "$(ops c $ima/policy open wronly read 10)" \
	"open 0;read EBADF;"

# ---- in order ----
is "10,000 times echo > policy never meets EBUSY" "$(within c "i=0
	while [ \$i -lt 10000 ]; do echo 'dont_measure uid=6' >$ima/policy || break; i=\$((i + 1)); done
	echo \$i")" 10000
is "10,000 times open, write, close at full speed" \
	"$(ops c $ima/policy repeat 10000 'dont_measure uid=7\n')" "repeat 10000;"
finish
