# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# What every integration test begins with: a policyd of its own in a directory of its own, named
# assertions, and at the end the proof that nothing is left behind. A test is
#
#	. "$(dirname "$0")/../lib/integration.sh"
#	vsec_start
#	session a                       a container that lives until the test ends
#	is "what it shows" "$(within a 'cat /x')" "expected"
#	finish
#
# 77 = skipped; VSEC_MUST_RUN=1 makes that a failure.
set -u

vsec_source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$vsec_source/tests/lib/requirements.sh"
. "$vsec_source/tests/lib/session.sh"

build=${VSEC_BUILD:-$vsec_source/build}
policyd=$build/policyd/policyd
vsecfs=$build/fs/vsecfs
vsecctl=$build/ctl/vsecctl
helpers=$build/tests/integration
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0:exitcode=99}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}

n_passed=0
n_failed=0
failures=()
finished=""
daemon=""
log_allowed=()
tmp=""
log=""

# ---- assertions ----

pass() {
	n_passed=$((n_passed + 1))
	echo "ok    $1"
}

# fail NAME [WHY...]
fail() {
	local text="FAILED  $1"

	shift
	(($# == 0)) || text+=$'\n'$(printf '%s\n' "$@" | head -n 40 | sed 's/^/        /')
	n_failed=$((n_failed + 1))
	failures+=("$text")
	echo "$text"
}

# is NAME GOT WANT
is() {
	if [[ $2 == "$3" ]]; then pass "$1"; else fail "$1" "got:  ${2:0:2000}" "want: ${3:0:2000}"; fi
}

# like NAME GOT REGEX
like() {
	if [[ $2 =~ $3 ]]; then pass "$1"; else fail "$1" "got:  ${2:0:2000}" "want: /$3/"; fi
}

unlike() {
	if [[ $2 =~ $3 ]]; then fail "$1" "got:  ${2:0:2000}" "unwanted: /$3/"; else pass "$1"; fi
}

# works NAME COMMAND...: the command ends with 0.
works() {
	local name=$1 out status

	shift
	out=$("$@" 2>&1)
	status=$?
	if ((status == 0)); then pass "$name"; else fail "$name" "status $status of: $*" "$out"; fi
}

# refused NAME COMMAND...: the command ends with something else, but not by a signal.
refused() {
	local name=$1 out status

	shift
	out=$("$@" 2>&1)
	status=$?
	if ((status > 0 && status < 126)); then
		pass "$name"
	else
		fail "$name" "status $status of: $*" "$out"
	fi
}

# eventually NAME SECONDS COMMAND...: the command succeeds before the time is up.
eventually() {
	local name=$1 end=$((SECONDS + $2 + 1))

	shift 2
	while ((SECONDS < end)); do
		if "$@" >/dev/null 2>&1; then
			pass "$name"
			return 0
		fi
		sleep 0.05
	done
	fail "$name" "not within the time: $*"
	return 1
}

skip() {
	echo "SKIP    $*"
	finished=1
	if [[ -n ${VSEC_MUST_RUN:-} ]]; then exit 1; fi
	exit 77
}

# The test's last line: whatever ends a script before it is a failure.
finish() {
	local session

	for session in "${!session_pid[@]}"; do
		session_end "$session"
	done
	vsec_stop
	finished=1
	echo "$n_passed passed, $n_failed failed"
	((n_failed == 0 && n_passed > 0))
	exit
}

# ---- policyd ----

# A word of this in a daemon's log fails the test, but for lines that log_expect() named.
log_bad='[Ee]rror|[Ww]arning|[Ff]ail|[Aa]ssert|Sanitizer|[Uu]nexpected|[Cc]annot|[Dd]enied|SUMMARY'

# log_expect REGEX: such lines are what the test is about.
log_expect() {
	log_allowed+=(-e "$1")
}

# vsec_start [ARGUMENT...]: policyd, ready to be used.
vsec_start() {
	tmp=$(mktemp -d /tmp/vsec-test.XXXXXX)
	run=$tmp/run
	mnt=$tmp/vsecfs
	log=$tmp/log
	mkdir "$mnt"
	printf '[policyd]\nuser = nobody\n' >"$tmp/policyd.conf" # the user of its own may be missing
	policyd_again "$@"
}

policyd_again() {
	local end=$((SECONDS + 20))

	[[ -x $policyd && -x $vsecfs && -x $vsecctl ]] || skip "nothing built in $build"
	VSEC_TEST=$tmp "$policyd" --foreground --config "$tmp/policyd.conf" --runtime-dir "$run" --mountpoint "$mnt" "$@" \
		>>"$log" 2>&1 </dev/null &
	daemon=$!
	until [[ -S $run/control ]] && ctl list >/dev/null 2>&1 && [[ -d $mnt/ns ]]; do
		if ! kill -0 "$daemon" 2>/dev/null || ((SECONDS > end)); then
			echo "policyd does not start:"
			cat "$log"
			exit 1
		fi
		sleep 0.02
	done
}

ctl() {
	"$vsecctl" --runtime-dir "$run" "$@"
}

# Processes of this test's daemons, told by the environment that policyd was started with.
left_processes() {
	local dir

	for dir in /proc/[0-9]*; do
		grep -qszxF "VSEC_TEST=$tmp" "$dir/environ" && alive "${dir##*/}" && echo "${dir##*/}"
	done
}

# SIGTERM, and then nothing may be left: no process, no mount, no bad word in the log.
vsec_stop() {
	local pid children left status end=$((SECONDS + 15))

	[[ -n $daemon ]] || return 0
	children=$(descendants "$daemon")
	kill -TERM "$daemon" 2>/dev/null
	while alive "$daemon" && ((SECONDS < end)); do sleep 0.02; done
	if alive "$daemon"; then
		fail "policyd ends at SIGTERM"
		kill -KILL "$daemon"
	fi
	wait "$daemon" 2>/dev/null
	status=$?
	daemon=""
	is "policyd's exit status" "$status" 0
	left=""
	for pid in $children $(left_processes); do
		alive "$pid" && left+=" $pid ($(tr '\0' ' ' <"/proc/$pid/cmdline"))"
	done
	is "no process is left" "$left" ""
	is "no mount is left" "$(grep -F " $tmp/" /proc/self/mountinfo)" ""
	log_check
}

log_check() {
	local bad

	bad=$(grep -aE "$log_bad" "$log" | grep -avE -e '^$' "${log_allowed[@]}")
	is "no unexpected word in the log" "$bad" ""
}

# ---- the end ----

tear_down() {
	local status=$? pid point

	trap - EXIT
	for pid in "${session_pid[@]}" ${daemon:+"$daemon"}; do
		kill -KILL "$pid" 2>/dev/null
	done
	if [[ -n ${tmp:-} ]]; then
		for pid in $(left_processes); do kill -KILL "$pid" 2>/dev/null; done
		if ((n_failed > 0)) || [[ -z $finished ]]; then
			echo "---- log of the daemons"
			tail -n 40 "$log" 2>/dev/null
			echo "---- once more, what has failed"
			printf '%s\n' "${failures[@]:0:5}"
		fi
		while read -r point; do umount -l "$point" 2>/dev/null; done \
			< <(awk -v p="$tmp/" 'index($5, p) == 1 { print $5 }' /proc/self/mountinfo | tac)
		rm -rf --one-file-system "$tmp"
	fi
	if [[ -z $finished ]]; then
		echo "the test ended before its end"
		exit 1
	fi
	exit "$status"
}
trap tear_down EXIT
trap 'exit 1' INT TERM HUP

requirements_found=$(requirements_missing) || skip "$requirements_found"
