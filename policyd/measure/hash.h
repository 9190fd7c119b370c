/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Digests of whole files with libcrypto. Owner: the measurer. Limits: one buffer of
 * HASHER_CHUNK bytes. */
#include <stdint.h>

#include "vsecfs/ima.h"

#define HASHER_CHUNK (512 * 1024)

struct hasher;

/* 0 or -ENOMEM. */
int hasher_new(struct hasher **ret_hasher);
void hasher_free(struct hasher *hasher); /* accepts NULL */

/* Hashes the first n bytes of fd (its size when it was opened, as ima_calc_file_hash()); a file
 * that has become shorter is hashed as far as it goes. ret_digest takes ima_hash_size(hash) bytes.
 * 0; -errno of pread(2); -ENOTSUP: libcrypto does not have the hash; -ENOMEM. */
int hasher_file(struct hasher *hasher, enum ima_hash hash, int fd, uint64_t n, uint8_t *ret_digest);
