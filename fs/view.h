/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A view's state file as vsecfs reads it: mapped read-only at first use, so that an idle view costs
 * no memory. What policyd wrote is checked before it is believed.
 * Owner: the session of that view. */
#include <stddef.h>
#include <stdint.h>

#include "list-read.h"
#include "vsecfs/view.h"

struct view {
	int fd; /* -1: none (the host face) */
	uint8_t *base;
	size_t n_file; /* the file was at least that long; no byte beyond is touched */
	uint64_t id;   /* once known; it never changes after */
	struct list_index index;
};

/* Takes fd on success. 0; -EPROTO: not a state file of this view; -errno of fstat(2), pread(2). */
int view_init(struct view *view, int fd, uint32_t serial);
/* Harmless on a done view, and on one that is zeroed but for fd = -1. */
void view_done(struct view *view);

/* The head, mapped; NULL if that fails. */
const struct view_head *view_head(struct view *view);
/* The list as it stands now. 0; -EIO: contradicts itself; -errno of mapping. */
int view_list(struct view *view, struct list *ret_list);
/* The PCRs after the newest entry. 0; -EIO, -errno of mapping. */
int view_pcrs(struct view *view, struct view_pcrs *ret_pcrs);
/* The mount-namespace inode number, 0 while the view waits for its namespace. */
uint64_t view_id(struct view *view);
