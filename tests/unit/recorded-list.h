/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The measurement lists in data/ima-lists: what a Debian 6.1 kernel with a TPM wrote, once with
 * each template. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vsecfs/ima.h"

#define RECORDED_MAX 64

/* One entry; pointers into the list's bytes. */
struct recorded_entry {
	unsigned pcr;
	const uint8_t *sha1; /* template digest */
	const uint8_t *tail; /* from the length of the template's name on */
	size_t n_tail;
	const uint8_t *data; /* template data, as it was hashed (but for template ima) */
	size_t n_data;
	char ascii[2048]; /* its line, with the newline */
	size_t n_ascii;
	struct ima_event event; /* what the kernel must have seen */
};

struct recorded_list {
	char *ascii, *binary;
	size_t n_ascii, n_binary;
	unsigned n, n_violations; /* as the kernel counted */
	struct recorded_entry entries[RECORDED_MAX];
};

/* Reads the list of a recording; a failed assertion if it cannot. */
void recorded_load(const char *name, struct recorded_list *ret_list);
void recorded_done(struct recorded_list *list);
/* PCR-10 as the TPM had it: ima_hash_size(hash) bytes. */
void recorded_pcr10(const char *name, enum ima_hash hash, uint8_t *ret_value);
