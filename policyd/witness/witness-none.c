/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "witness.h"

#include <errno.h>

int witness_new(struct policyd *policyd, struct witness **ret_witness)
{
	(void)policyd;
	(void)ret_witness;
	return -EOPNOTSUPP;
}

void witness_free(struct witness *witness)
{
	(void)witness;
}

int witness_watch(struct witness *witness, struct view *view)
{
	(void)witness;
	(void)view;
	return 0;
}

void witness_cover(struct witness *witness, const struct view *view, uint64_t unique_mount_id)
{
	(void)witness;
	(void)view;
	(void)unique_mount_id;
}

void witness_unwatch(struct witness *witness, struct view *view)
{
	(void)witness;
	(void)view;
}
