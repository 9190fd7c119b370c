/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot-aggregate.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <openssl/evp.h>

#include "common/cleanup.h"

/* Registers that the boot extends: firmware 0-7, command line and image 8-9. Without those two for
 * sha1, as before Linux 5.8: its aggregates stay comparable. */
#define BOOT_PCRS      10
#define SHA1_BOOT_PCRS 8

struct bank {
	bool present;
	uint8_t pcrs[BOOT_PCRS][IMA_DIGEST_MAX];
};

static int hex_digit(char c)
{
	if (!isxdigit((unsigned char)c))
		return -EIO;
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* The file of one register: hex and perhaps a newline. */
static int read_pcr(int bank_fd, unsigned pcr, size_t n_digest, uint8_t *ret_digest)
{
	_cleanup_close_ int fd = -1;
	char name[4], text[IMA_DIGEST_MAX * 2 + 2];
	ssize_t n;

	snprintf(name, sizeof(name), "%u", pcr % BOOT_PCRS);
	fd = openat(bank_fd, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -EIO;
	n = read(fd, text, sizeof(text));
	if (n > 0 && text[n - 1] == '\n')
		n--;
	if (n != (ssize_t)n_digest * 2)
		return -EIO;
	for (size_t i = 0; i < n_digest; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EIO;
		ret_digest[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

static int read_bank(int sysfs_fd, enum ima_hash hash, struct bank *ret_bank)
{
	_cleanup_close_ int fd = -1;
	char path[64];
	int r;

	*ret_bank = (struct bank){0};
	snprintf(path, sizeof(path), "class/tpm/tpm0/pcr-%s", ima_hash_name(hash));
	fd = openat(sysfs_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -EIO;
	for (unsigned i = 0; i < BOOT_PCRS; i++) {
		r = read_pcr(fd, i, ima_hash_size(hash), ret_bank->pcrs[i]);
		if (r < 0)
			return r;
	}
	ret_bank->present = true;
	return 0;
}

static const EVP_MD *digest_of(enum ima_hash hash)
{
	switch (hash) {
	case IMA_SHA1:
		return EVP_sha1();
	case IMA_SHA384:
		return EVP_sha384();
	case IMA_SHA512:
		return EVP_sha512();
	default:
		return EVP_sha256();
	}
}

static int aggregate(const struct bank *bank, enum ima_hash hash, uint8_t *ret_digest)
{
	uint8_t all[BOOT_PCRS * IMA_DIGEST_MAX];
	unsigned n_pcrs = hash == IMA_SHA1 ? SHA1_BOOT_PCRS : BOOT_PCRS;
	size_t size = ima_hash_size(hash);

	for (unsigned i = 0; i < n_pcrs; i++)
		memcpy(all + i * size, bank->pcrs[i], size);
	return EVP_Digest(all, n_pcrs * size, ret_digest, NULL, digest_of(hash), NULL) ? 0
										       : -ENOMEM;
}

int boot_aggregate_read(int sysfs_fd, enum ima_hash hash, enum ima_template template,
	struct boot_aggregate *ret_aggregate)
{
	enum ima_hash preference[] = {hash, IMA_SHA256, IMA_SHA1};
	struct bank banks[IMA_N_HASHES];
	int r;

	for (int h = 0; h < IMA_N_HASHES; h++) {
		r = read_bank(sysfs_fd, (enum ima_hash)h, &banks[h]);
		if (r < 0)
			return r;
	}
	*ret_aggregate = (struct boot_aggregate){.hash = hash};
	for (unsigned i = 0; i < BOOT_PCRS; i++) {
		memcpy(ret_aggregate->pcrs.sha1[i], banks[IMA_SHA1].pcrs[i], 20);
		memcpy(ret_aggregate->pcrs.sha256[i], banks[IMA_SHA256].pcrs[i], 32);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(preference); i++) {
		if (!banks[preference[i]].present)
			continue;
		/* That template's digest is sha1 and nothing else: zeros, as the kernel. */
		if (template == IMA_TEMPLATE_IMA && preference[i] != IMA_SHA1)
			continue;
		ret_aggregate->hash = preference[i];
		return aggregate(&banks[preference[i]], preference[i], ret_aggregate->digest);
	}
	return 0;
}
