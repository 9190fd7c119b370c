# SPDX-License-Identifier: LGPL-2.1-or-later
# bash completion for vsecctl(1)

_vsecctl_ids() {
	vsecctl "${globals[@]}" list 2>/dev/null | awk 'NR > 1 { print $1 }'
}

_vsecctl() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command='' word i
	local -a globals=()

	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		--runtime-dir)
			globals=("$word" "${COMP_WORDS[++i]}")
			;;
		-*) ;;
		*)
			command=$word
			break
			;;
		esac
	done

	# What the option before the cursor takes.
	case $prev in
	--runtime-dir | --rootfs)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return
		;;
	--activation)
		mapfile -t COMPREPLY < <(compgen -W 'auto explicit' -- "$cur")
		return
		;;
	--at | --name | --userns)
		return
		;;
	esac

	# Behind the command of run, its own words.
	if [[ $command == run ]]; then
		for ((i++; i < COMP_CWORD; i++)); do
			case ${COMP_WORDS[i]} in
			--)
				((i++))
				break
				;;
			--name | --activation | --userns | --rootfs)
				((i++))
				;;
			-*) ;;
			*)
				break
				;;
			esac
		done
		if ((i == COMP_CWORD)) && [[ $cur != -* ]]; then
			mapfile -t COMPREPLY < <(compgen -c -- "$cur")
			return
		elif ((i < COMP_CWORD)); then
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			return
		fi
	fi

	case $command in
	'')
		word='attach detach list show policy run --runtime-dir --version --help'
		;;
	attach)
		word='--at --name --activation --compat --help'
		[[ $cur == -* ]] || word=$(cd /proc && printf '%s ' [0-9]*)
		;;
	detach)
		word=--help
		[[ $cur == -* ]] || word=$(_vsecctl_ids)
		;;
	list)
		word='--json --help'
		;;
	show)
		word='--json --help'
		[[ $cur == -* ]] || word=$(_vsecctl_ids)
		;;
	policy)
		word='check'
		if [[ $cur == -* ]]; then
			word='--grammar --porcelain --userns --help'
		elif [[ " ${COMP_WORDS[*]:0:COMP_CWORD} " == *' check '* ]]; then
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			return
		fi
		;;
	run)
		word='--name --activation --compat --userns --no-userns --rootfs --help --'
		;;
	*)
		return
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$word" -- "$cur")
}

complete -F _vsecctl vsecctl
