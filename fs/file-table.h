/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The kinds of file as one const row each: what they are called, what they are, who answers for
 * them. A new kind is a number in vsecfs/tree.h, a row here and its handlers. */
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "list-read.h"
#include "vsecfs/tree.h"

struct node;

/* Who decides about an open that the mode has let through. */
enum row_open {
	OPEN_ANYONE, /* nothing more to ask */
	OPEN_READER, /* policyd, once for a reader that opens many (known-readers.h) */
	OPEN_WRITER, /* the same for reading; for writing always policyd */
	OPEN_ASK,    /* always policyd */
};

#define ROW_NEEDS_ACTIVE 1u /* cannot be opened before the view is active */
#define ROW_CHANGES      2u /* attributes are never cached by the kernel: size or content moves */
#define ROW_SEQ          4u /* a seq_file in the kernel: lseek() has no SEEK_DATA at all */

struct file_row {
	enum file_kind kind, parent;
	const char *name; /* NULL: the root of a tree, or called by its view's id */
	mode_t mode;      /* with the type */
	unsigned flags;   /* ROW_* */
	enum row_open open;
	/* The present length; NULL: 0. */
	uint64_t (*size)(const struct node *node);
	/* At most n bytes from offset on: bytes, 0 at the end, -errno. NULL: nothing is read here.
	 */
	ssize_t (*read)(const struct node *node, uint64_t offset, char *buffer, size_t n);
	/* For content_text_size() and _read(): the whole text, fewer than n bytes. Length or
	 * -errno. */
	int (*text)(const struct node *node, char *text, size_t n);
	struct list_variant variant; /* of a list */
	int pcr_bank;                /* enum ima_hash of a PCR file */
	const char *target;          /* of a symlink that is the same everywhere */
	enum file_kind per_view;     /* a directory with one entry of that kind for each view */
};

/* The row of a kind, or NULL if there is none. */
const struct file_row *table_row(enum file_kind kind);
/* The fixed entry called name in the directory of kind parent, or NULL. */
const struct file_row *table_lookup(enum file_kind parent, const char *name);
/* The fixed entry of the directory with the least number above `after` (KIND_NONE: the first), or
 * NULL. Numbers never change, so they serve as readdir offsets. */
const struct file_row *table_next(enum file_kind parent, enum file_kind after);
/* How many of the fixed entries are directories. */
unsigned table_n_subdirs(enum file_kind parent);
