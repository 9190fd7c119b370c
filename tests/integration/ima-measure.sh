#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What is measured, and what is not: functions, masks, conditions, first match, file systems.
# shellcheck source=../lib/integration.sh
. "$(dirname "$0")/../lib/integration.sh"

# copy SESSION PATH: a program of its own with a content of its own
copy() {
	within "$1" "cp /bin/true $2 && echo $2 >>$2"
}

# asked PATH: the measurer that has an event about PATH in hand
asked() {
	local pid

	for pid in $(descendants "$daemon"); do
		find "/proc/$pid/fd" -lname "$1" -printf "$pid\n" 2>/dev/null | grep -m 1 . && return
	done
	return 1
}

vsec_start

# ---- programs and scripts ----
session bprm
copy bprm /tmp/prog
copy bprm /tmp/other
within bprm "cp /tmp/prog /tmp/same; ln /tmp/prog /tmp/hard; ln -s /tmp/prog /tmp/sym
	printf '#!/bin/sh\n:\n' >/tmp/script; chmod +x /tmp/script; cp /bin/true /tmp/gone"
digest=$(within bprm 'sha256sum /tmp/prog' | cut -d' ' -f1)
is "nothing is measured without a policy" "$(count bprm)" 1
is "and the first entry is boot_aggregate" "$(list bprm | awk '{ print $NF }')" boot_aggregate
works "measure func=BPRM_CHECK" policy bprm 'measure func=BPRM_CHECK'
within bprm /tmp/prog
is "an executed program is in the list" "$(n_of bprm /tmp/prog)" 1
is "with the digest of its content" "$(sha256_of bprm /tmp/prog)" "$digest"
within bprm '/tmp/prog; /tmp/prog'
is "unchanged, it is not measured again" "$(n_of bprm /tmp/prog)" 1
within bprm '/tmp/hard; /tmp/sym'
is "nor under a hard link" "$(n_of bprm /tmp/hard)" 0
is "nor under a symbolic link" "$(n_of bprm /tmp/sym)" 0
within bprm /tmp/same
is "a copy is another inode" "$(n_of bprm /tmp/same)" 1
within bprm 'cat /tmp/other >/dev/null; test -r /tmp/other'
is "what is only read is not measured" "$(n_of bprm /tmp/other)" 0
within bprm /tmp/script
is "a script is measured" "$(n_of bprm /tmp/script)" 1
like "and so is its interpreter" "$(paths bprm)" '/bin/(dash|sh|busybox)'
within bprm 'echo more >>/tmp/prog; /tmp/prog'
is "a changed program is measured again" "$(n_of bprm /tmp/prog)" 2
is "with its new digest" "$(sha256_of bprm /tmp/prog)" \
	"$(within bprm 'sha256sum /tmp/prog' | cut -d' ' -f1)"
within bprm 'touch -d @1 /tmp/prog; echo x >>/tmp/prog; touch -d @1 /tmp/prog; /tmp/prog'
is "also when its mtime was set back" "$(n_of bprm /tmp/prog)" 3
within bprm 'mount -t tmpfs t /mnt && cp /bin/true /mnt/p && echo p >>/mnt/p && /mnt/p'
is "a tmpfs mounted inside is measured" "$(n_of bprm /mnt/p)" 1
within bprm "cp /bin/true /mnt/q && echo q >>/mnt/q && unshare -m /mnt/q"
is "unshare -m does not escape" "$(n_of bprm /mnt/q)" 1
within bprm "cp /bin/true /mnt/r && echo r >>/mnt/r
	unshare -m sh -c 'mkdir -p /tmp/bind && mount --bind /mnt /tmp/bind && /tmp/bind/r'"
is "nor does a bind mount in there" "$(list bprm | grep -c '/r$')" 1
within bprm "cp /bin/true '/tmp/with blank' && echo b >>'/tmp/with blank' && '/tmp/with blank'"
is "a blank in a path becomes _" "$(n_of bprm /tmp/with_blank)" 1
within bprm "cp /bin/true '/tmp/new
line' && echo n >>'/tmp/new
line' && '/tmp/new
line'"
is "so does a newline" "$(n_of bprm /tmp/new_line)" 1
is "nothing was a violation" "$(violations bprm)" 0
is "the count is the number of lines" "$(count bprm)" "$(list bprm | wc -l)"

# ---- what has no path ----
put bprm "$helpers/fileops" /tmp/fileops
like "a program without a name (memfd) is executed" "$(within bprm '/tmp/fileops /bin/true memexec')" \
	'memexec 0'
recorded() { [[ $(list bprm) =~ 10\ 0{40}\ ima-ng\ sha256:0{64}\ (/dev/fd/|/memfd:) ]]; }
eventually "and recorded as a violation" 5 recorded
is "which is counted" "$(violations bprm)" 1

session creds
copy creds /tmp/p
works "measure func=CREDS_CHECK" policy creds 'measure func=CREDS_CHECK'
within creds /tmp/p
is "CREDS_CHECK sees an execution" "$(n_of creds /tmp/p)" 1

# ---- mapped objects ----
session mmap
works "measure func=MMAP_CHECK mask=MAY_EXEC" policy mmap 'measure func=MMAP_CHECK mask=MAY_EXEC'
within mmap '/bin/ls / >/dev/null'
like "the loader's libraries are measured" "$(paths mmap)" 'libc\.so\.6|libc-2'
unlike "the program itself is BPRM_CHECK's" "$(paths mmap | grep -x '.*/script')" .

# ---- opened files ----
session file
within file 'mkdir -p /tmp/f && cd /tmp/f && for f in a b c d e; do echo "$f" >$f; done; echo x >exe; chmod +x exe'
works "measure func=FILE_CHECK mask=MAY_READ" policy file \
	'dont_measure fsmagic=0x9fa0' 'dont_measure fsmagic=0x73636673' 'measure func=FILE_CHECK mask=MAY_READ uid=0'
here file 'read x </tmp/f/a; exec 5>/tmp/f/b; exec 5>&-'
is "a file that is read" "$(n_of file /tmp/f/a)" 1
is "not one that is only written" "$(n_of file /tmp/f/b)" 0
is "digest of what was read" "$(sha256_of file /tmp/f/a)" "$(echo a | sha256sum | cut -d' ' -f1)"
here file 'exec 5<>/tmp/f/c; exec 5>&-'
is "MAY_READ without ^ is not read and write" "$(n_of file /tmp/f/c)" 0
works "a caret matches any of the bits" policy file 'measure func=FILE_CHECK mask=^MAY_READ'
here file 'exec 5<>/tmp/f/d; exec 5>&-'
is "^MAY_READ is also read and write" "$(n_of file /tmp/f/d)" 1
session write
within write 'mkdir -p /tmp/f && echo a >/tmp/f/a && echo b >/tmp/f/b'
works "mask=MAY_WRITE" policy write 'measure func=FILE_CHECK mask=MAY_WRITE'
here write 'read x </tmp/f/a; exec 5>>/tmp/f/b; exec 5>&-'
is "a file that is read is no MAY_WRITE" "$(n_of write /tmp/f/a)" 0

# ---- conditions ----
session cond
put cond "$helpers/fileops" /tmp/fileops
within cond 'mkdir -m 777 /tmp/f; cd /tmp/f; for f in owner other group user fs; do echo $f >$f; done
	chmod 644 *; chown 5 owner; chgrp 6 group; mount -t tmpfs t /mnt; echo mnt >/mnt/f; echo mnt2 >/mnt/g
	mkdir -p /tmp/ram && mount -t ramfs r /tmp/ram; echo r >/tmp/ram/f; true'
fstype=$(within cond 'stat -f -c %T /mnt')
is "/mnt is a tmpfs" "$fstype" tmpfs
works "conditions are loaded" policy cond \
	'measure func=FILE_CHECK mask=MAY_READ fowner=5' \
	'measure func=FILE_CHECK mask=MAY_READ fgroup=6' \
	'dont_measure func=FILE_CHECK fsname=tmpfs uid=8' \
	'measure func=FILE_CHECK mask=MAY_READ uid=7' \
	'measure func=FILE_CHECK mask=MAY_READ fsmagic=0x01021994 fowner=0 gid=0 uid<1'
here cond 'for f in owner other group; do read x </tmp/f/$f; done; read x </mnt/f'
is "fowner=" "$(n_of cond /tmp/f/owner)" 1
is "fgroup=" "$(n_of cond /tmp/f/group)" 1
is "another owner is not measured" "$(n_of cond /tmp/f/other)" \
	"$(within cond 'stat -f -c %T /tmp/f/other' | grep -c tmpfs)"
is "fsmagic= and uid<" "$(n_of cond /mnt/f)" 1
within cond '/tmp/fileops /tmp/f/user setuid 8 open rdonly' >/dev/null
is "uid= of another user" "$(n_of cond /tmp/f/user)" 0
within cond '/tmp/fileops /tmp/f/user setuid 7 open rdonly' >/dev/null
is "uid= of this user" "$(n_of cond /tmp/f/user)" 1
within cond '/tmp/fileops /mnt/g setuid 8 open rdonly' >/dev/null
is "fsname= in a dont_measure" "$(n_of cond /mnt/g)" 0

session first
copy first /tmp/skipped
copy first /tmp/taken
within first 'chown 5 /tmp/skipped'
works "dont_measure before measure" policy first 'dont_measure func=BPRM_CHECK fowner=5' \
	'measure func=BPRM_CHECK'
within first '/tmp/skipped; /tmp/taken'
is "the first rule that matches decides: not measured" "$(n_of first /tmp/skipped)" 0
is "the first rule that matches decides: measured" "$(n_of first /tmp/taken)" 1

session pcr
copy pcr /tmp/p
works "pcr= and template= of a rule" policy pcr 'measure func=BPRM_CHECK pcr=12 template=ima-sig'
within pcr /tmp/p
like "go into the entry" "$(list pcr | grep '/tmp/p ')" '^12 [0-9a-f]{40} ima-sig sha256:[0-9a-f]{64} /tmp/p $'
like "and into that PCR" "$(sed -n 13p "$(host_file pcr pcrs_sha256)")" '^PCR-12: .*[1-9A-Fa-f]'

# ---- kinds of containers ----
session host --no-userns
copy host /tmp/p
works "policy without a user namespace" policy host 'measure func=BPRM_CHECK uid=0'
within host /tmp/p
is "--no-userns is measured" "$(n_of host /tmp/p)" 1

session other --userns 300000:65536
copy other /tmp/p
works "policy with another range of ids" policy other 'measure func=BPRM_CHECK uid=0'
within other /tmp/p
is "--userns 300000:65536 is measured" "$(n_of other /tmp/p)" 1
is "and its rule reads as the host's ids" "$(cat "$(host_file other policy)")" \
	"measure func=BPRM_CHECK uid=300000 "

# ---- a measurer that dies in the midst of a question ----
session killed
copy killed /tmp/huge
copy killed /tmp/next
within killed 'truncate -s 60G /tmp/huge; cp /bin/true /tmp/hollow; truncate -s 1T /tmp/hollow'
works "its policy" policy killed 'measure func=BPRM_CHECK'
log_expect "'killed': the measurer ended|'killed': measurer [0-9]*: Killed"
here killed '/tmp/huge >/dev/null 2>&1 & huge=$!'
eventually "a program of 60 GiB is being hashed" 5 asked /tmp/huge
kill -KILL "$(asked /tmp/huge)"
is "the successor measures the next program" "$(within killed /tmp/next; n_of killed /tmp/next)" 1
here killed 'wait $huge; huge_status=$?'
is "and its answer is not taken for the huge one's, which is refused" \
	"$(here killed 'echo $huge_status'), $(n_of killed /tmp/huge) entries" "126, 0 entries"

within killed /tmp/hollow
like "a tebibyte of holes is not hashed, but a violation" "$(list killed | grep /tmp/hollow)" \
	'^10 0{40} ima-ng sha256:0{64} /tmp/hollow$'

# ---- a volume of the host and a file system of its own ----
mkdir "$tmp/volume"
cp /bin/true "$tmp/volume/shared"
echo volume >>"$tmp/volume/shared"
chmod a+rx "$tmp" "$tmp/volume"
truncate -s 16M "$tmp/image"
mkfs.ext4 -q -U 2f0b0d5c-7f2d-4c6f-9e2a-1d2c3b4a5968 "$tmp/image"
log_expect 'mounts of the namespace cannot be watched' # see session_host
session_start vol unshare -m --propagation private sh -c "
	mkdir -p $tmp/ext && mount -o loop $tmp/image $tmp/ext && mount -t tmpfs t /mnt &&
	mkdir /mnt/vol && mount --bind $tmp/volume /mnt/vol &&
	cp /bin/true $tmp/ext/p && echo ext >>$tmp/ext/p &&
	cp $tmp/ext/p $tmp/ext/q && echo q >>$tmp/ext/q; exec sh"
works "attach to a container with volumes" ctl attach "$(init_of vol)" --name vol
works "its policy" policy vol 'measure func=BPRM_CHECK'
within vol '/mnt/vol/shared; '"$tmp/ext/p"
is "a bind mount of a host directory" "$(n_of vol /mnt/vol/shared)" 1
is "an ext4 file system of its own" "$(n_of vol "$tmp/ext/p")" 1
works "fsuuid=" policy vol 'measure func=FILE_CHECK mask=MAY_READ fsuuid=2f0b0d5c-7f2d-4c6f-9e2a-1d2c3b4a5968'
echo other >"$tmp/volume/file"
here vol "read x <$tmp/ext/q; read x </mnt/vol/file"
is "fsuuid= of this file system" "$(n_of vol "$tmp/ext/q")" 1
is "fsuuid= of another one" "$(n_of vol /mnt/vol/file)" 0
"$tmp/volume/shared"
is "the host's own use of the volume is not its matter" "$(n_of vol "$tmp/volume/shared")" 0
finish
