/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The measurement list as bytes: renders any piece of any variant (ascii or binary, one template
 * digest or another) from the records of a view's state file. Pure: memory in, bytes out. Follows
 * ima_ascii_measurements_show() and ima_measurements_show() of security/integrity/ima/ima_fs.c.
 * Limits: an index of one entry for LIST_INDEX_STEP records, so at most 2 MiB for VIEW_FILE_MAX. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "vsecfs/view.h"

#define LIST_INDEX_STEP 64

/* What one list file shows. */
struct list_variant {
	bool binary;
	enum ima_hash hash; /* which template digest */
};

/* The list as it stood at one moment: it never shows more than the record that `last` named. */
struct list {
	const uint8_t *base;              /* of the state file */
	uint64_t end;                     /* no record reaches beyond */
	const struct view_record *newest; /* NULL: empty */
};

/* Where every LIST_INDEX_STEP-th record begins, learnt while reading. Zeroed it is empty. */
struct list_index {
	struct list_mark *marks;
	size_t n, n_allocated;
};

/* Makes a list of the n bytes at base, of which the record at offset `last` is the newest (0:
 * none). 0. -EAGAIN: the record reaches beyond n, map more of the file. -EIO: no record can be
 * there. */
int list_open(const void *base, uint64_t n, uint64_t last, struct list *ret_list);

/* The newest record's number: how many entries there are. */
uint64_t list_count(const struct list *list);

/* Length of the variant in bytes. */
uint64_t list_size(const struct list *list, struct list_variant variant);

/* Renders at most n bytes from offset on into buffer. The bytes rendered, 0 at the end; -EIO: the
 * records contradict one another. The index is used and extended; memory it cannot get costs only
 * time. */
ssize_t list_read(const struct list *list, struct list_index *index, struct list_variant variant,
	uint64_t offset, void *buffer, size_t n);

/* Forgets what was learnt. */
void list_index_done(struct list_index *index);
