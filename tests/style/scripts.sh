#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# No script gives shellcheck anything to say.
. "$(dirname "$0")/../lib/sources.sh"

need_tool shellcheck
n=0 bad=0
while read -r file; do
	n=$((n + 1))
	shellcheck -x -P SCRIPTDIR -S warning "$file" || bad=$((bad + 1))
done < <(sources -name '*.sh' -o -path ./check -o -path ./quickstart -o -path ./bench/run \
	-o -path ./.ci/run)
finish_style "$n" "$bad"
