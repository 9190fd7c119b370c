/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What policyd and its measurers keep of root's power. The table in privileges.c names every
 * capability with its reason; nothing outside it survives, neither in the bounding set. */
#include <stddef.h>

enum privileges_role {
	PRIVILEGES_POLICYD,
	PRIVILEGES_MEASURER,
	PRIVILEGES_ENTER, /* the child that steps into a container to place a mount */
	PRIVILEGES_NONE,  /* vsecfs */
};

/* Keeps the role's capabilities (permitted and effective), empties the inheritable and ambient
 * sets, drops the rest from the bounding set and sets no_new_privs. For good. 0; -EPERM: one that
 * the role cannot do without is missing (privileges_missing() names it); otherwise -errno. */
int privileges_drop(enum privileges_role role);

/* The part of it that concerns the bounding set; needs CAP_SETPCAP. 0 or -errno. */
int privileges_bound(enum privileges_role role);

/* Writes "CAP_X (reason), ..." of what the process lacks for the role. How many it lacks. */
unsigned privileges_missing(enum privileges_role role, char *text, size_t n);
