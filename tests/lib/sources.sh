# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# The project's own files, for the style tests. Sourced; changes to the top of the source tree.
set -u
cd "${VSEC_SOURCE:-$(dirname "${BASH_SOURCE[0]}")/../..}" || exit 1

# sources FIND-EXPRESSION...: files of the tree that match, without builds and given data.
sources() {
	find . \( -path './build*' -o -path ./.git -o -path ./.cache \) -prune -o -type f \( "$@" \) \
		-print | LC_ALL=C sort
}

# need_tool NAME: skips the test where the tool is not installed.
need_tool() {
	command -v "$1" >/dev/null && return
	echo "no $1"
	[[ -z ${VSEC_MUST_RUN:-} ]] || exit 1
	exit 77
}

# finish_style N-FILES N-BAD: a check of no file at all is a failure too.
finish_style() {
	echo "$1 files, $2 bad"
	(($1 > 0 && $2 == 0))
	exit
}
