/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Hashing for templates and PCRs. Owner: this library. Any thread. */
#include <stddef.h>
#include <stdint.h>

#include "vsecfs/ima.h"

/* Writes ima_hash_size(hash) bytes: the hash of a and then b (either may be empty). 0; -ENOMEM,
 * also when libcrypto has no such algorithm. */
int ima_digest(enum ima_hash hash, const void *a, size_t n_a, const void *b, size_t n_b,
	uint8_t *ret_digest);
