#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every source file names its licence in its first lines, and the header files are #pragma once.
. "$(dirname "$0")/../lib/sources.sh"

tag="SPDX-License-Identifier: LGPL-2.1-or-later"
n=0 bad=0
while read -r file; do
	n=$((n + 1))
	if ! head -n 2 "$file" | grep -qF "$tag"; then
		echo "$file: no '$tag' in its first two lines"
		bad=$((bad + 1))
	elif [[ $file == *.h ]] && ! sed -n 2p "$file" | grep -qx '#pragma once'; then
		echo "$file: its second line is not '#pragma once'"
		bad=$((bad + 1))
	fi
done < <(sources -name '*.[ch]' -o -name '*.sh' -o -name '*.py' -o -name meson.build \
	-o -name meson_options.txt -o -path ./check -o -path ./quickstart -o -path ./bench/run \
	-o -path ./.ci/run)
finish_style "$n" "$bad"
