#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# integrity/ima/policy: loading, reading back, and every way in which a set is refused.
# shellcheck source=../lib/integration.sh
. "$(dirname "$0")/../lib/integration.sh"

vsec_start
session c
put c "$helpers/fileops" /tmp/fileops

shown() {
	within c "cat $ima/policy"
}

last_error() {
	within c 'cat /sys/kernel/security/vsecfs/last_error' | tail -n 1
}

# ---- loading and reading back ----
is "no policy reads as nothing" "$(shown)" ""
works "a set is loaded by echo" within c "echo 'measure func=BPRM_CHECK' >$ima/policy"
is "read back in canonical form, each token followed by a blank" "$(shown)" \
	"measure func=BPRM_CHECK "
works "the kernel's older words are understood" \
	policy c 'measure func=FILE_MMAP mask=MAY_EXEC' 'measure func=PATH_CHECK mask=MAY_READ uid=0'
is "and read back as today's; sets append" "$(shown)" \
	'measure func=BPRM_CHECK 
measure func=MMAP_CHECK mask=MAY_EXEC 
measure func=FILE_CHECK mask=MAY_READ uid=0 '
works "cp loads a file" within c \
	"printf '# a comment\n\nmeasure func=CREDS_CHECK\ndont_measure fsmagic=0x9fa0\n' >/tmp/p && cat /tmp/p >$ima/policy"
is "comments and blank lines are not rules" "$(shown | tail -n 2)" \
	'measure func=CREDS_CHECK 
dont_measure fsmagic=0x9fa0 '
is "policy_generation: the host sees the same number of rules" \
	"$(wc -l <"$(host_file c policy)")" "$(shown | grep -c .)"

# ---- open ----
is "O_RDWR" "$(ops c $ima/policy open rdwr)" "open EACCES;"
is "O_RDWR|O_APPEND" "$(ops c $ima/policy open rdwr+append)" "open EACCES;"
is "a second writer" "$(ops c $ima/policy open wronly other open wronly other close other open wronly)" \
	"open 0;other 0;open EBUSY;other 0;close 0;other 0;open 0;"
is "a duplicate keeps it open" "$(ops c $ima/policy open wronly dup close open wronly other close other open wronly)" \
	"open 0;dup 0;close 0;open EBUSY;other 0;close 0;other 0;open 0;"
is "readers beside a writer" "$(ops c $ima/policy open wronly other open rdonly read 8)" \
	"open 0;other 0;open 0;read 8;"

# ---- writes ----
is "one write takes one rule and says how many bytes that was" \
	"$(ops c $ima/policy open wronly write 'measure uid=1\nmeasure uid=2\nmeasure uid=3\n' close)" \
	"open 0;write 14;close 0;"
is "only that rule is in force" "$(shown | tail -n 1)" "measure uid=1 "
is "a rule without a newline" "$(ops c $ima/policy open wronly write 'measure uid=4' close)" \
	"open 0;write 13;close 0;"
is "is in force" "$(shown | tail -n 1)" "measure uid=4 "
is "an empty write and an empty line" "$(ops c $ima/policy open wronly write '\n' close)" \
	"open 0;write 1;close 0;"
is "what stands behind a NUL is not looked at" \
	"$(ops c $ima/policy open wronly write 'measure uid=8\0bogus' close | cut -d';' -f1,3)" "open 0;close 0"
is "the rule before the NUL is in force" "$(shown | tail -n 1)" "measure uid=8 "
is "writev is one write" "$(ops c $ima/policy open wronly writev 'measure ' 'uid=5\n' close)" \
	"open 0;writev 14;close 0;"
is "a rule split over two writes" "$(ops c $ima/policy open wronly write 'measure fun' close)" \
	"open 0;write EINVAL;close EINVAL;"
is "a rule of a page" "$(ops c $ima/policy open wronly write-n 4096 '#' close)" "open 0;write-n EINVAL;close EINVAL;"
is "a comment just below a page" "$(ops c $ima/policy open wronly write-n 4094 '#' close)" \
	"open 0;write-n 4095;close 0;"
is "a write far above a page" "$(ops c $ima/policy open wronly write-n 900000 x close)" \
	"open 0;write-n EINVAL;close EINVAL;"
is "many rules at once come as short writes" \
	"$(within c "i=0; while [ \$i -lt 5000 ]; do echo '# a comment of a line'; i=\$((i+1)); done >/tmp/many
		cat /tmp/many >$ima/policy && echo loaded")" loaded

# ---- refusals ----
before=$(shown)
refused "a bad rule is an error" policy c 'measure func=BPRM_CHECK uid=9' 'bogus' 'measure uid=9'
is "and spoils the whole set" "$(shown)" "$before"
like "last_error names the word" "$(last_error)" bogus
is "after a bad rule the next set loads" "$(ops c $ima/policy open wronly write 'measure uid=10\n' close)" \
	"open 0;write 15;close 0;"
for rule in 'appraise func=BPRM_CHECK' 'audit func=BPRM_CHECK' 'hash func=BPRM_CHECK' \
	'measure func=KEXEC_KERNEL_CHECK' 'measure func=MODULE_CHECK' 'measure func=FIRMWARE_CHECK' \
	'measure func=KEY_CHECK' 'measure func=POLICY_CHECK'; do
	is "not enforced here, so refused: $rule" \
		"$(ops c $ima/policy open wronly write "$rule\n" | sed 's/EPERM/EINVAL/')" "open 0;write EINVAL;"
	like "with a reason in last_error: $rule" "$(last_error)" "${rule#* func=}|${rule%% *}"
done
is "last_error may be read by the container's root" \
	"$(within c 'stat -c %a /sys/kernel/security/vsecfs/last_error')" 440

# ---- a file of rules ----
within c "printf 'measure uid=11\nmeasure uid=12\n' >/tmp/rules"
works "/FILE loads a file as the container sees it" within c "echo /tmp/rules >$ima/policy"
is "all its rules are in force" "$(shown | tail -n 2)" 'measure uid=11 
measure uid=12 '
refused "/FILE that is not there" within c "echo /tmp/nothing >$ima/policy"
within c "printf 'measure uid=13\nbogus\n' >/tmp/rules"
refused "/FILE with a bad rule" within c "echo /tmp/rules >$ima/policy"
unlike "adds nothing" "$(shown)" 'uid=13'
echo "measure uid=99" >"$tmp/hostfile"
refused "/FILE of the host is not seen" within c "echo $tmp/hostfile >$ima/policy"
unlike "nor loaded" "$(shown)" 'uid=99'
within c 'mkfifo /tmp/fifo'
refused "/FILE that is a fifo" within c "echo /tmp/fifo >$ima/policy"

# ---- ids ----
works "ids are the namespace's" policy c 'measure uid=1000 fowner=5'
is "inside they read as written" "$(shown | tail -n 1)" 'measure uid=1000 fowner=5 '
is "on the host they read as the host's" "$(tail -n 1 "$(host_file c policy)")" \
	'measure uid=101000 fowner=100005 '
refused "an id without a mapping" policy c 'measure uid=4000000'
like "has a reason" "$(last_error)" '4000000|map'

# ---- limits ----
session full
i=0
rules=()
while ((i < 1025)); do rules+=("dont_measure uid=$((i++))"); done
works "1,025 rules are accepted" policy full "${rules[@]}"
is "1,024 of them are in force" "$(within full "grep -c . $ima/policy")" 1024
like "last_error tells of the one dropped" \
	"$(within full 'cat /sys/kernel/security/vsecfs/last_error')" 1,?024
works "a 1,026th is accepted too" policy full 'dont_measure uid=5000'
unlike "and is not in force" "$(within full "cat $ima/policy")" 'uid=5000'
log_expect 'refused|dropped'
finish
