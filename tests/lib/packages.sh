# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Installs from Debian what tests/lib/packages lists. Sourced by quickstart, check and bench/run.

packages_list=$(dirname "${BASH_SOURCE[0]}")/packages

# packages_missing KIND...: names of the packages of these kinds that are not installed.
packages_missing() {
	local kind name kinds=" $* "

	while read -r kind name; do
		case "$kind" in '' | '#'*) continue ;; esac
		[[ $kinds == *" $kind "* ]] || continue
		[[ $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) == installed ]] ||
			echo "$name"
	done <"$packages_list"
}

# packages_install KIND...: installs them, silently if all goes well. A daemon that comes with a
# package is not started.
packages_install() {
	local missing log made_policy="" status=0

	command -v dpkg-query >/dev/null || {
		echo "This is not a Debian system: install by hand what tests/lib/packages lists." >&2
		return 1
	}
	mapfile -t missing < <(packages_missing "$@")
	((${#missing[@]})) || return 0
	echo "Installing from Debian: ${missing[*]}"
	log=$(mktemp)
	if [[ ! -e /usr/sbin/policy-rc.d ]]; then
		printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
		chmod 0755 /usr/sbin/policy-rc.d
		made_policy=1
	fi
	{
		DEBIAN_FRONTEND=noninteractive apt-get -q update &&
			DEBIAN_FRONTEND=noninteractive apt-get -qy --no-install-recommends install \
				"${missing[@]}"
	} >"$log" 2>&1 </dev/null || {
		status=1
		tail -n 20 "$log" >&2
		echo "Could not install: ${missing[*]}" >&2
	}
	[[ -z $made_policy ]] || rm -f /usr/sbin/policy-rc.d
	rm -f "$log"
	return "$status"
}
