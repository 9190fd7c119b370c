# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Containers for the tests. A session is a container whose first process is a shell that executes
# what it is told, as the container's root; what is a shell builtin executes no program and so adds
# nothing to the measurement list. Sourced by
# integration.sh and by quickstart, which say where $tmp, $run and $vsecctl are and how to fail().

declare -A session_pid session_in session_out session_id

ima=/sys/kernel/security/integrity/ima

# Every process below PID.
descendants() {
	local child

	for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
		echo "$child"
		descendants "$child"
	done
}

# Is the process alive (a zombie is not)?
alive() {
	local state

	state=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null)
	[[ -n $state && $state != Z ]]
}

# session NAME [OPTION OF vsecctl run...]
session() {
	local name=$1
	shift
	session_start "$name" "$vsecctl" --runtime-dir "$run" run --name "$name" "$@" -- /bin/sh
}

# session_start NAME COMMAND...: the command ends in a shell that reads its standard input.
session_start() {
	local name=$1 fd in out
	shift

	mkfifo "$tmp/$name.in" "$tmp/$name.out"
	(
		for fd in "${session_in[@]}" "${session_out[@]}"; do exec {fd}>&-; done
		exec "$@" <"$tmp/$name.in" >"$tmp/$name.out" 2>&1
	) &
	session_pid[$name]=$!
	exec {in}>"$tmp/$name.in"
	exec {out}<"$tmp/$name.out"
	session_in[$name]=$in
	session_out[$name]=$out
	rm "$tmp/$name.in" "$tmp/$name.out"
	session_id[$name]=$(within "$name" 'readlink /proc/self/ns/mnt' | tr -dc 0-9)
	[[ -n ${session_id[$name]} ]] || {
		fail "session $name starts"
		exit 1
	}
}

# session_host NAME: a container of unshare(1) that shares the host's root and has no view yet. It
# has a copy of the machine's mount table, and mounts that others cover cannot be watched in it.
session_host() {
	log_expect 'mounts of the namespace cannot be watched'
	session_start "$1" unshare -m -p --fork --mount-proc --propagation private sh
}

# within NAME COMMANDS: in a subshell of the session; prints their output (both streams), returns
# their status.
within() {
	session_send "$1" "( $2
)"
}

# here NAME COMMANDS: in the session's shell itself, so that descriptors stay open; no exit, please.
here() {
	session_send "$1" "{ $2
}"
}

# Status 125: the session has ended, 124: no answer within a minute.
session_send() {
	session_tell "$1" "$2" || return 125
	session_answer "$1"
}

# session_tell does not wait, so that many sessions can be busy at once.
session_tell() {
	{ printf '%s </dev/null 2>&1; printf "\\n@@end %%d\\n" $?\n' "$2" \
		>&"${session_in[$1]}"; } 2>/dev/null
}

session_answer() {
	local line text="" first=1

	while IFS= read -r -t 60 line <&"${session_out[$1]}"; do
		if [[ $line == "@@end "* ]]; then
			printf '%s' "${text%$'\n'}"
			return "${line#@@end }"
		fi
		if [[ -n $first ]]; then text=$line first=""; else text+=$'\n'$line; fi
	done
	[[ $? -gt 128 ]] && text+=" (no answer)" || text+=" (the session has ended)"
	printf '%s' "$text"
	return 125
}

# session_end NAME: the container ends by itself.
session_end() {
	local name=$1 fd

	{ echo 'exit 0' >&"${session_in[$name]}"; } 2>/dev/null
	session_wait "$name"
}

session_wait() {
	local name=$1 fd status end=$((SECONDS + 15))

	while alive "${session_pid[$name]}" && ((SECONDS < end)); do sleep 0.02; done
	if alive "${session_pid[$name]}"; then
		fail "container $name ends"
		kill -KILL "${session_pid[$name]}"
	fi
	wait "${session_pid[$name]}" 2>/dev/null
	status=$?
	fd=${session_in[$name]}
	exec {fd}>&-
	fd=${session_out[$name]}
	exec {fd}<&-
	unset "session_pid[$name]" "session_in[$name]" "session_out[$name]"
	return "$status"
}

# init_of NAME: a process of the container, by the host's number.
init_of() {
	find /proc/[0-9]*/ns/mnt -maxdepth 0 -lname "mnt:\[${session_id[$1]}\]" -print -quit \
		2>/dev/null | cut -d/ -f3
}

# put NAME FILE PATH: copies a file of the host into the container, executable. Before there is a
# policy, please: it executes programs inside.
put() {
	nsenter -t "$(init_of "$1")" -U -m -p -- /bin/sh -c 'cat >"$1" && chmod 0755 "$1"' sh "$3" <"$2"
}

# ops NAME FILE OPERATION...: what /tmp/fileops (see fileops.c) says of these operations on FILE in
# the container, in one line
ops() {
	local name=$1 file=$2
	shift 2
	within "$name" "/tmp/fileops $file ${*@Q}" | sed 's/$/;/' | tr -d '\n'
}

# ---- what a container shows, read on the host, so that reading is not measured ----

# host_file NAME FILE: path of a file of integrity/ima
host_file() {
	echo "$mnt/ns/${session_id[$1]}/integrity/ima/$2"
}

list() {
	cat "$(host_file "$1" ascii_runtime_measurements)"
}

count() {
	cat "$(host_file "$1" runtime_measurements_count)"
}

violations() {
	cat "$(host_file "$1" violations)"
}

# paths NAME: the last field of every entry of an ima-ng or ima list, without boot_aggregate
paths() {
	list "$1" | awk '$NF != "boot_aggregate" { print $NF }'
}

# n_of NAME PATH: how many entries name this path
n_of() {
	list "$1" | awk -v p="$2" '{ for (i = 4; i <= NF; i++) if ($i == p) { n++; break } }
		END { print n + 0 }'
}

# sha256_of NAME PATH: the file's digest that the newest entry of the path holds
sha256_of() {
	list "$1" | awk -v p="$2" '$5 == p { sub(/^sha256:/, "", $4); d = $4 } END { print d }'
}

# lists_agree NAME: every variant of the lists says the same, digests, counts and PCRs too.
lists_agree() {
	python3 "$vsec_source/tests/lib/ima-list-check.py" --all "$(host_file "$1" .)"
}

# policy NAME RULE...: loads one policy set by builtins alone; prints what the shell says.
policy() {
	local name=$1 rules
	shift

	printf -v rules '%s\n' "$@"
	# one write(2) a rule, as the file wants it
	within "$name" "exec 9>$ima/policy || exit 1
while IFS= read -r rule; do printf '%s\\n' \"\$rule\" >&9 || bad=1; done <<'RULES'
${rules%$'\n'}
RULES
exec 9>&-
exit \${bad:-0}"
}
