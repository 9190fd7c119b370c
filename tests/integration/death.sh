#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A container killed at any moment leaves no entry half written, no mount and no process, and the
# next one is served as if nothing had been.
# shellcheck source=../lib/integration.sh
. "$(dirname "$0")/../lib/integration.sh"

# What a container does all the time: commits, executions, reads, writes in progress.
busy="mount -t tmpfs t /mnt 2>/dev/null; cd /mnt; i=0
while :; do
	echo \"measure func=BPRM_CHECK uid=\$((i % 2))\" >$ima/policy
	cp /bin/true p\$i; echo \$i >>p\$i; ./p\$i
	exec 5>$ima/policy; echo 'measure func=MMAP_CHECK' >&5
	cat $ima/binary_runtime_measurements >/dev/null
	exec 5>&-
	i=\$((i + 1))
done"

vsec_start
session witness
within witness 'mount -t tmpfs t /mnt; cp /bin/true /mnt/p'
works "policy of a container that lives on" policy witness 'measure func=BPRM_CHECK'
# Other tests on this machine mount below /tmp, too.
mounts() { grep -ve " /tmp/" /proc/self/mountinfo; grep -F " $tmp/" /proc/self/mountinfo; }
mounts_before=$(mounts)
fds() { find "/proc/$1/fd" -mindepth 1 2>/dev/null | wc -l; }
server=$(descendants "$daemon" | while read -r p; do
	[[ $(readlink "/proc/$p/exe") == "$vsecfs" ]] && echo "$p"
done)

mkdir "$tmp/copy"
torn=""
left=""
RANDOM=${VSEC_SEED:-$(date +%N | sed 's/^0*//')}
echo "VSEC_SEED=$RANDOM"
for ((i = 0; i < 50; i++)); do
	alive "$daemon" || { fail "policyd has ended before victim $i" && break; }
	: >"$tmp/out" # not the last one's id
	"$vsecctl" --runtime-dir "$run" run --name "victim$i" -- /bin/sh -c "readlink /proc/self/ns/mnt; $busy" \
		>"$tmp/out" 2>/dev/null </dev/null &
	runner=$!
	disown "$runner" # or the shell tells of each one killed
	id=""
	for ((j = 0; j < 400 && ${#id} == 0; j++)); do
		id=$(sed -n 's/^mnt:\[\(.*\)\]$/\1/p' "$tmp/out")
		[[ -n $id ]] || sleep 0.01
	done
	[[ -n $id ]] || fail "victim $i starts"
	if ((i == 5)); then
		fds_before=$(fds "$daemon") server_fds_before=$(fds "$server")
	fi
	sleep "0.$(printf %03d $((RANDOM % 400)))"
	from=$mnt/ns/$id/integrity/ima
	cat "$from/binary_runtime_measurements" >"$tmp/copy/binary" 2>/dev/null
	cat "$from/ascii_runtime_measurements" >"$tmp/copy/ascii" 2>/dev/null
	exec 7<"$from/binary_runtime_measurements"
	inside=$(descendants "$runner")
	# by turns the container's first process, the one that made it, or any other one's parent
	case $((i % 3)) in
	0) victim=$runner ;;
	1) victim=$(head -n 1 <<<"$inside") ;;
	*) victim=$(sed -n 2p <<<"$inside") ;;
	esac
	kill -KILL "${victim:-$runner}" 2>/dev/null
	for ((j = 0; j < 500; j++)); do
		[[ -e $mnt/ns/$id ]] || break
		sleep 0.02
	done
	[[ -e $mnt/ns/$id ]] && left+=" view $id (victim $i, kind $((i % 3)))"
	for pid in $inside; do alive "$pid" && left+=" process $pid of victim $i"; done
	cat <&7 >"$tmp/copy/last" 2>/dev/null # what a reader with an open descriptor still gets
	exec 7<&-
	for ((j = 0; j < 500; j++)); do
		alive "$runner" || break
		sleep 0.02
	done
	alive "$runner" && left+=" vsecctl of victim $i"
	python3 "$vsec_source/tests/lib/ima-list-check.py" --longer "$tmp/copy/ascii" \
		"$tmp/copy/binary" >"$tmp/copy/why" || torn+=" $i: $(cat "$tmp/copy/why")"
	if [[ -s $tmp/copy/last ]]; then
		cmp -s <(head -c "$(stat -c %s "$tmp/copy/binary")" "$tmp/copy/last") "$tmp/copy/binary" ||
			torn+=" $i: the list has changed"
	fi
done
is "no entry is half written" "$torn" ""
is "no view and no process is left" "$left" ""
is "no mount is left" "$(mounts)" "$mounts_before"
only_witness() { [[ $(ctl list --json | grep -c '"id":') == 1 ]]; }
eventually "only the living one is listed" 5 only_witness
few() { (($(descendants "$daemon" | wc -l) == 2)); }
eventually "only its measurer and vsecfs run" 5 few
no_more() { (($(fds "$daemon") <= fds_before && $(fds "$server") <= server_fds_before)); }
eventually "no descriptor is left open" 5 no_more
within witness /mnt/p
is "the living one is measured as before" "$(n_of witness /mnt/p)" 1
finish
