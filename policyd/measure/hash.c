/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hash.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "common/cleanup.h"

struct hasher {
	/* Fetched once: a look-up by name costs more than hashing a small file. */
	EVP_MD *md[IMA_N_HASHES];
	EVP_MD_CTX *context;
	uint8_t *chunk;
};

int hasher_new(struct hasher **ret_hasher)
{
	struct hasher *hasher = calloc(1, sizeof(*hasher));

	if (!hasher)
		return -ENOMEM;
	hasher->context = EVP_MD_CTX_new();
	hasher->chunk = malloc(HASHER_CHUNK);
	if (!hasher->context || !hasher->chunk) {
		hasher_free(hasher);
		return -ENOMEM;
	}
	*ret_hasher = hasher;
	return 0;
}

void hasher_free(struct hasher *hasher)
{
	if (!hasher)
		return;
	for (int i = 0; i < IMA_N_HASHES; i++)
		EVP_MD_free(hasher->md[i]);
	EVP_MD_CTX_free(hasher->context);
	free(hasher->chunk);
	free(hasher);
}

static EVP_MD *fetch(struct hasher *hasher, enum ima_hash hash)
{
	if (!hasher->md[hash])
		hasher->md[hash] = EVP_MD_fetch(NULL, ima_hash_name(hash), NULL);
	return hasher->md[hash];
}

static int update(struct hasher *hasher, int fd, uint64_t n)
{
	uint64_t offset = 0;

	while (offset < n) {
		ssize_t r = pread(
			fd, hasher->chunk, MIN((uint64_t)HASHER_CHUNK, n - offset), (off_t)offset);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			break;
		if (!EVP_DigestUpdate(hasher->context, hasher->chunk, (size_t)r))
			return -ENOMEM;
		offset += (uint64_t)r;
	}
	return 0;
}

int hasher_file(struct hasher *hasher, enum ima_hash hash, int fd, uint64_t n, uint8_t *ret_digest)
{
	EVP_MD *md = fetch(hasher, hash);
	uint8_t digest[EVP_MAX_MD_SIZE];
	int r;

	if (!md)
		return -ENOTSUP;
	if (!EVP_DigestInit_ex2(hasher->context, md, NULL))
		return -ENOMEM;
	if (n > HASHER_CHUNK)
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	r = update(hasher, fd, n);
	if (r < 0)
		return r;
	if (!EVP_DigestFinal_ex(hasher->context, digest, NULL))
		return -ENOMEM;
	for (size_t i = 0; i < ima_hash_size(hash); i++)
		ret_digest[i] = digest[i];
	return 0;
}
