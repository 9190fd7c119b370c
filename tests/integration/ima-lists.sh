#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The lists: every template with every hash, every variant of a list says the same, evmctl believes
# them, and counts, violations and PCRs follow from the entries.
# shellcheck source=../lib/integration.sh
. "$(dirname "$0")/../lib/integration.sh"

# evmctl_matches BANK NAME: evmctl ends with 0 also when it read no PCR, so look for "Matched".
evmctl_matches() {
	evmctl ima_measurement --ignore-violations --pcrs "$1,$(host_file "$2" "pcrs_$1")" \
		"$(host_file "$2" binary_runtime_measurements)" 2>&1 | grep -q Matched
}

# Files of every kind that lists have had trouble with, in a tmpfs of the container's own.
prepare='mount -t tmpfs t /mnt && cd /mnt && for f in a b violated; do echo $f >$f; done; : >empty
echo blank >"with blank"; echo nl >"new
line"; d=$(printf %0200d 0); mkdir -p $d/$d; echo long >$d/$d/longname; printf x >one; cp a sub
mkdir run; for i in 1 2 3; do cp /bin/true run/p$i; echo $i >>run/p$i; done'
act='cd /mnt; for f in a b empty "with blank" one sub "new
line" 0*/0*/longname; do read x <"$f"; done; exec 5>>violated; read x <violated; exec 5>&-
for i in 1 2 3; do run/p$i; done'

vsec_start
for template in ima ima-ng ima-sig; do
	for hash in sha1 sha256 sha384 sha512; do
		name=$template-$hash
		session_host "$name"
		works "$name: attach" ctl attach "$(init_of "$name")" --name "$name" --activation explicit
		if ! within "$name" "echo $hash >$ima/hash && echo $template >$ima/template_name &&
			echo 1 >$ima/active" >/dev/null; then
			# The template "ima" has room for 20 bytes; a refusal is as good as the use of sha1.
			[[ $template == ima && $hash != sha1 ]] && pass "$name is refused" ||
				fail "$name cannot be activated"
			session_end "$name"
			continue
		fi
		within "$name" "$prepare"
		works "$name: policy" policy "$name" 'measure func=BPRM_CHECK' \
			'measure func=FILE_CHECK mask=MAY_READ fsname=tmpfs' \
			'measure func=FILE_CHECK mask=MAY_READ fsmagic=0x01021994'
		within "$name" "$act"
		works "$name: all variants agree" lists_agree "$name"
		is "$name: one violation" "$(violations "$name")" 1
		is "$name: one of its kind for each file" "$(list "$name" | grep -c /mnt/run/p)" 3
		works "$name: evmctl believes it, sha1 bank" evmctl_matches sha1 "$name"
		works "$name: evmctl believes it, sha256 bank" evmctl_matches sha256 "$name"
		is "$name: read inside and on the host, the same" \
			"$(within "$name" "while IFS= read -r l; do echo \"\$l\"; done <$ima/ascii_runtime_measurements")" \
			"$(list "$name")"
		session_end "$name"
	done
done

# ---- while entries arrive, every reader sees whole ones ----
session grow
within grow 'mount -t tmpfs t /mnt; i=0; while [ $i -lt 300 ]; do cp /bin/true /mnt/p$i; echo $i >>/mnt/p$i; i=$((i+1)); done'
works "policy" policy grow 'measure func=BPRM_CHECK'
session_tell grow '( i=0; while [ $i -lt 300 ]; do /mnt/p$i; i=$((i+1)); done
)'
torn=0
n_reads=0
mkdir "$tmp/copy"
while (($(count grow) < 301)) && ((n_reads++ < 400)); do
	cat "$(host_file grow binary_runtime_measurements)" >"$tmp/copy/binary"
	cat "$(host_file grow ascii_runtime_measurements)" >"$tmp/copy/ascii"
	python3 "$vsec_source/tests/lib/ima-list-check.py" --longer "$tmp/copy/ascii" \
		"$tmp/copy/binary" || torn=$((torn + 1))
done
session_answer grow >/dev/null
is "no reader ever saw half an entry" "$torn" 0
is "exactly one entry a program" "$(list grow | grep -c /mnt/p)" 300
works "and they agree in the end" lists_agree grow

# ---- boot_aggregate ----
session boot
like "boot_aggregate is the first entry, zeros without a TPM" "$(list boot)" \
	'^10 [0-9a-f]{40} ima-ng sha(1|256):[0-9a-f]+ boot_aggregate$'
if [[ ! -e /sys/class/tpm/tpm0 ]]; then
	like "zeros" "$(list boot)" 'sha(1:0{40}|256:0{64}) boot_aggregate$'
fi
finish
