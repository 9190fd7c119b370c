/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A state file made for tests, and what its lists must read as, rendered in the plainest way. */
#include <stddef.h>
#include <stdint.h>

#include "fs/list-read.h"
#include "vsecfs/view.h"

#define IMAGE_MAX (1 << 20)

struct image {
	uint8_t *bytes; /* IMAGE_MAX of them */
	uint64_t end;   /* where the next record goes */
	int fd;         /* a memfd with the same bytes; view_init() may be given a duplicate */
};

struct view_head *image_head(struct image *image);
/* An empty list. Aborts the test if it cannot. */
void image_init(struct image *image, uint32_t serial);
void image_done(struct image *image);
/* Appends an entry whose tails have these lengths, as policyd would: the record, then `last`. */
struct view_record *image_add(
	struct image *image, uint32_t pcr, size_t n_ascii_tail, size_t n_binary_tail);
/* The whole list as it is now, malloc'd. */
char *image_render(struct image *image, struct list_variant variant, size_t *ret_n);
