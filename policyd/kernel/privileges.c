/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "privileges.h"

#include <errno.h>
#include <stdio.h>
#include <stdbool.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#include "common/cleanup.h"

#define POLICYD  (1u << PRIVILEGES_POLICYD)
#define MEASURER (1u << PRIVILEGES_MEASURER)
#define ENTER    (1u << PRIVILEGES_ENTER)

/* What each kind of process needs, and what for. */
static const struct privilege {
	cap_value_t cap;
	const char *name;
	unsigned roles;    /* who keeps it */
	unsigned optional; /* whose lack of it only costs a feature */
	const char *reason;
} privileges[] = {
	{CAP_SYS_ADMIN, "CAP_SYS_ADMIN", POLICYD | MEASURER | ENTER, 0,
		"mounts, setns, fanotify groups and marks, /proc/TID/stack"},
	{CAP_SYS_CHROOT, "CAP_SYS_CHROOT", POLICYD | ENTER, 0, "setns to a mount namespace"},
	{CAP_SYS_PTRACE, "CAP_SYS_PTRACE", POLICYD | MEASURER | ENTER, 0,
		"/proc of processes of other users: root, ns, exe, maps"},
	{CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH", POLICYD | MEASURER | ENTER, 0,
		"reaching and reading files that only the container's users may"},
	{CAP_SETUID, "CAP_SETUID", POLICYD, 0, "starting vsecfs as its own user"},
	{CAP_SETGID, "CAP_SETGID", POLICYD, 0, "starting vsecfs as its own group"},
	{CAP_SETPCAP, "CAP_SETPCAP", POLICYD, 0, "starting children with a smaller bounding set"},
	{CAP_KILL, "CAP_KILL", POLICYD, 0, "ending vsecfs, which is another user's process"},
	{CAP_LEASE, "CAP_LEASE", POLICYD | MEASURER, 0,
		"read leases, which tell a measurer that a file has no writer"},
	{CAP_BPF, "CAP_BPF", POLICYD, POLICYD,
		"telling the witness of executions which namespaces are watched"},
};

static bool kept(const struct privilege *p, enum privileges_role role)
{
	return p->roles & 1u << role;
}

static bool needed(const struct privilege *p, enum privileges_role role)
{
	return kept(p, role) && !(p->optional & 1u << role);
}

static bool permitted(cap_t caps, cap_value_t cap)
{
	cap_flag_value_t value = CAP_CLEAR;

	return !cap_get_flag(caps, cap, CAP_PERMITTED, &value) && value == CAP_SET;
}

unsigned privileges_missing(enum privileges_role role, char *text, size_t n)
{
	cap_t caps = cap_get_proc();
	unsigned missing = 0;
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(privileges); i++) {
		const struct privilege *p = &privileges[i];

		if (!needed(p, role) || (caps && permitted(caps, p->cap)))
			continue;
		if (at < n)
			at += (size_t)snprintf(text + at, n - at, "%s%s (%s)", missing ? ", " : "",
				p->name, p->reason);
		missing++;
	}
	cap_free(caps);
	return missing;
}

/* The role's set of what is permitted, in *ret_caps. 0, -EPERM, -errno. */
static int wanted_caps(enum privileges_role role, cap_t *ret_caps)
{
	cap_t now = cap_get_proc(), caps = cap_init();
	int r = now && caps ? 0 : -ENOMEM;

	for (size_t i = 0; i < ARRAY_SIZE(privileges) && r == 0; i++) {
		const struct privilege *p = &privileges[i];

		if (!kept(p, role))
			continue;
		if (!permitted(now, p->cap)) {
			if (needed(p, role))
				r = -EPERM;
		} else if (cap_set_flag(caps, CAP_PERMITTED, 1, &p->cap, CAP_SET) < 0 ||
			   cap_set_flag(caps, CAP_EFFECTIVE, 1, &p->cap, CAP_SET) < 0) {
			r = -errno;
		}
	}
	cap_free(now);
	if (r < 0)
		cap_free(caps);
	else
		*ret_caps = caps;
	return r;
}

/* Else an exec by uid 0 would bring back everything. */
int privileges_bound(enum privileges_role role)
{
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++) {
		bool keep = false;

		for (size_t i = 0; i < ARRAY_SIZE(privileges); i++)
			keep |= privileges[i].cap == cap && kept(&privileges[i], role);
		if (!keep && cap_get_bound(cap) > 0 && cap_drop_bound(cap) < 0)
			return -errno;
	}
	return 0;
}

int privileges_drop(enum privileges_role role)
{
	cap_t caps;
	int r;

	r = wanted_caps(role, &caps);
	if (r < 0)
		return r;
	r = privileges_bound(role);
	if (r == 0 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		r = -errno;
	if (r == 0 && cap_set_proc(caps) < 0)
		r = -errno;
	if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = -errno;
	cap_free(caps);
	return r;
}
