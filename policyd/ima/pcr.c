/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ima_pcr_extend() and what a TPM makes of it. */
#include "digest.h"

#include <string.h>

int ima_pcr_extend(enum ima_hash hash, uint8_t *value, const struct ima_entry *entry)
{
	uint8_t digest[IMA_DIGEST_MAX], extended[IMA_DIGEST_MAX];
	size_t size = ima_hash_size(hash);
	int r;

	/* A violation is zeros in the list and ones in the PCR, so that no list of other entries
	 * ever verifies against it. */
	if (entry->violation)
		memset(digest, 0xff, size);
	else
		memcpy(digest, ima_template_digest(&entry->digests, hash), size);
	r = ima_digest(hash, value, size, digest, size, extended);
	if (r < 0)
		return r;
	memcpy(value, extended, size);
	return 0;
}
