/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>

static const struct {
	const char *name, *evp_name;
	size_t size, offset;
} hashes[IMA_N_HASHES] = {
	[IMA_SHA1] = {"sha1", "SHA1", 20, offsetof(struct ima_template_digests, sha1)},
	[IMA_SHA256] = {"sha256", "SHA256", 32, offsetof(struct ima_template_digests, sha256)},
	[IMA_SHA384] = {"sha384", "SHA384", 48, offsetof(struct ima_template_digests, sha384)},
	[IMA_SHA512] = {"sha512", "SHA512", 64, offsetof(struct ima_template_digests, sha512)},
};

/* Fetched once: an implicit fetch costs more than the hash of a whole template. */
static EVP_MD *mds[IMA_N_HASHES];
static pthread_once_t mds_once = PTHREAD_ONCE_INIT;

static void fetch(void)
{
	for (size_t i = 0; i < IMA_N_HASHES; i++)
		mds[i] = EVP_MD_fetch(NULL, hashes[i].evp_name, NULL);
}

const char *ima_hash_name(enum ima_hash hash)
{
	return (unsigned)hash < IMA_N_HASHES ? hashes[hash].name : NULL;
}

size_t ima_hash_size(enum ima_hash hash)
{
	return (unsigned)hash < IMA_N_HASHES ? hashes[hash].size : 0;
}

int ima_hash_parse(const char *name, size_t n)
{
	for (int i = 0; i < IMA_N_HASHES; i++) {
		if (strlen(hashes[i].name) == n && !memcmp(hashes[i].name, name, n))
			return i;
	}
	return -EINVAL;
}

const uint8_t *ima_template_digest(const struct ima_template_digests *digests, enum ima_hash hash)
{
	return (const uint8_t *)digests + hashes[hash].offset;
}

int ima_digest(enum ima_hash hash, const void *a, size_t n_a, const void *b, size_t n_b,
	uint8_t *ret_digest)
{
	EVP_MD_CTX *ctx;
	int ok;

	pthread_once(&mds_once, fetch);
	ctx = EVP_MD_CTX_new();
	if (!ctx)
		return -ENOMEM;
	ok = mds[hash] && EVP_DigestInit_ex2(ctx, mds[hash], NULL) &&
	     EVP_DigestUpdate(ctx, a, n_a) && EVP_DigestUpdate(ctx, b, n_b) &&
	     EVP_DigestFinal_ex(ctx, ret_digest, NULL);
	EVP_MD_CTX_free(ctx);
	return ok ? 0 : -ENOMEM;
}
