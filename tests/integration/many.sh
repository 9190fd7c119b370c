#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# 64 containers at once, of different templates and hashes, each executing a number of programs of
# its own while all the others do: every list holds exactly its own entries.
# shellcheck source=../lib/integration.sh
. "$(dirname "$0")/../lib/integration.sh"

n_containers=64
templates=(ima-ng ima-sig ima)
hashes=(sha256 sha1 sha512 sha384)

vsec_start
for ((i = 0; i < n_containers; i++)); do
	session_host c$i
	template=${templates[i % 3]} hash=${hashes[i % 4]}
	[[ $template == ima ]] && hash=sha1
	ctl attach "$(init_of c$i)" --name c$i --activation explicit >/dev/null || fail "attach c$i"
	session_tell c$i "{ mount -t tmpfs t /mnt; cd /mnt
		i=0; while [ \$i -lt $((i % 9 + 4)) ]; do cp $helpers/fileops p\$i; echo $i >>p\$i; i=\$((i + 1)); done
		echo $hash >$ima/hash && echo $template >$ima/template_name && echo 1 >$ima/active &&
		echo 'measure func=BPRM_CHECK' >$ima/policy
}"
done
for ((i = 0; i < n_containers; i++)); do
	out=$(session_answer c$i) || fail "container $i is ready" "$out"
done
is "all are listed" "$(ctl list --json | grep -c '"id":')" "$n_containers"

# All at once, each program twice.
for ((i = 0; i < n_containers; i++)); do
	session_tell c$i '{ for p in /mnt/p*; do $p x; $p x; done
}'
done
for ((i = 0; i < n_containers; i++)); do session_answer c$i >/dev/null; done
wrong=""
for ((i = 0; i < n_containers; i++)); do
	want=$((i % 9 + 4 + 1))
	[[ $(count c$i) == "$want" ]] || wrong+=" c$i has $(count c$i) entries, not $want;"
	[[ $(violations c$i) == 0 ]] || wrong+=" c$i has violations;"
done
is "every container has exactly its own entries" "$wrong" ""
wrong=""
for ((i = 0; i < n_containers; i++)); do
	why=$(lists_agree c$i) || wrong+=" c$i: $why;"
done
is "and its variants agree" "$wrong" ""
is "no two lists are the same" \
	"$(for ((i = 0; i < n_containers; i++)); do list c$i | sha1sum; done | sort -u | wc -l)" \
	"$n_containers"
for ((i = 0; i < n_containers; i++)); do echo 'exit 0' >&"${session_in[c$i]}"; done
for ((i = 0; i < n_containers; i++)); do session_wait c$i; done
gone() { [[ $(ctl list --json | grep -c '"id":') == 0 ]]; }
eventually "all views go with their containers" 10 gone
measurers() { (($(descendants "$daemon" | wc -l) <= 1)); }
eventually "and so do their measurers" 10 measurers
finish
