/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The boot aggregate of TPMs that do not exist: trees as sysfs shows them. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "policyd/kernel/boot-aggregate.h"
#include "unit.h"

static char dir[] = "/tmp/test-boot-aggregate.XXXXXX";
static int dir_fd;

static void setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(dir_fd, 0);
	ck_assert_int_eq(mkdirat(dir_fd, "class", 0755), 0);
	ck_assert_int_eq(mkdirat(dir_fd, "class/tpm", 0755), 0);
	ck_assert_int_eq(mkdirat(dir_fd, "class/tpm/tpm0", 0755), 0);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void teardown(void)
{
	close(dir_fd);
	ck_assert_int_eq(nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* Every byte of register i is 0x10 * bank + i. */
static uint8_t fill(enum ima_hash hash, unsigned pcr)
{
	return (uint8_t)(0xa0 + 0x10 * hash + pcr);
}

static void make_bank(enum ima_hash hash)
{
	char path[64];

	snprintf(path, sizeof(path), "class/tpm/tpm0/pcr-%s", ima_hash_name(hash));
	ck_assert_int_eq(mkdirat(dir_fd, path, 0755), 0);
	for (unsigned i = 0; i < 24; i++) {
		_cleanup_close_ int fd = -1;

		snprintf(path, sizeof(path), "class/tpm/tpm0/pcr-%s/%u", ima_hash_name(hash), i);
		fd = openat(dir_fd, path, O_WRONLY | O_CREAT, 0644);
		for (size_t k = 0; k < ima_hash_size(hash); k++)
			ck_assert_int_eq(dprintf(fd, "%02X", fill(hash, i)), 2);
		ck_assert_int_eq(dprintf(fd, "\n"), 1);
	}
}

static void expect(enum ima_hash hash, unsigned n_pcrs, uint8_t *ret_digest)
{
	uint8_t all[10 * IMA_DIGEST_MAX];
	size_t size = ima_hash_size(hash);

	for (unsigned i = 0; i < n_pcrs; i++)
		memset(all + i * size, fill(hash, i), size);
	ck_assert_int_eq(EVP_Digest(all, n_pcrs * size, ret_digest, NULL,
				 EVP_get_digestbyname(ima_hash_name(hash)), NULL),
		1);
}

#define BANK(hash) (1u << (hash))

static const struct {
	unsigned banks;
	enum ima_hash asked;
	enum ima_template template;
	enum ima_hash hash;
	unsigned n_pcrs; /* 0: zeros */
} cases[] = {
	{0, IMA_SHA256, IMA_TEMPLATE_NG, IMA_SHA256, 0},
	{0, IMA_SHA1, IMA_TEMPLATE_IMA, IMA_SHA1, 0},
	{BANK(IMA_SHA1) | BANK(IMA_SHA256), IMA_SHA256, IMA_TEMPLATE_NG, IMA_SHA256, 10},
	/* Without 8 and 9: a sha1 aggregate is that of old kernels. */
	{BANK(IMA_SHA1) | BANK(IMA_SHA256), IMA_SHA1, IMA_TEMPLATE_NG, IMA_SHA1, 8},
	{BANK(IMA_SHA384), IMA_SHA384, IMA_TEMPLATE_NG, IMA_SHA384, 10},
	/* Not the bank that was asked for: sha256, else sha1. */
	{BANK(IMA_SHA1) | BANK(IMA_SHA256), IMA_SHA512, IMA_TEMPLATE_SIG, IMA_SHA256, 10},
	{BANK(IMA_SHA1), IMA_SHA512, IMA_TEMPLATE_NG, IMA_SHA1, 8},
	{BANK(IMA_SHA256), IMA_SHA1, IMA_TEMPLATE_NG, IMA_SHA256, 10},
	{BANK(IMA_SHA384), IMA_SHA256, IMA_TEMPLATE_NG, IMA_SHA256, 0},
	/* The template ima holds sha1 alone. */
	{BANK(IMA_SHA256), IMA_SHA1, IMA_TEMPLATE_IMA, IMA_SHA1, 0},
	{BANK(IMA_SHA1) | BANK(IMA_SHA256), IMA_SHA1, IMA_TEMPLATE_IMA, IMA_SHA1, 8},
};

START_TEST(test_aggregate)
{
	uint8_t digest[IMA_DIGEST_MAX] = {0};
	struct boot_aggregate boot;

	for (int h = 0; h < IMA_N_HASHES; h++) {
		if (cases[_i].banks & BANK(h))
			make_bank((enum ima_hash)h);
	}
	if (cases[_i].n_pcrs)
		expect(cases[_i].hash, cases[_i].n_pcrs, digest);
	ck_assert_int_eq(
		boot_aggregate_read(dir_fd, cases[_i].asked, cases[_i].template, &boot), 0);
	ck_assert_int_eq(boot.hash, cases[_i].hash);
	ck_assert_mem_eq(boot.digest, digest, sizeof(digest));
	for (unsigned i = 0; i < VIEW_PCRS; i++) {
		bool sha1 = i < 10 && cases[_i].banks & BANK(IMA_SHA1);
		bool sha256 = i < 10 && cases[_i].banks & BANK(IMA_SHA256);

		ck_assert_uint_eq(boot.pcrs.sha1[i][19], sha1 ? fill(IMA_SHA1, i) : 0);
		ck_assert_uint_eq(boot.pcrs.sha256[i][31], sha256 ? fill(IMA_SHA256, i) : 0);
	}
}
END_TEST

/* text of register 3 */
static const char *const broken[] = {"", "00\n", "zz", NULL};

START_TEST(test_broken)
{
	struct boot_aggregate boot;

	make_bank(IMA_SHA256);
	if (broken[_i]) {
		_cleanup_close_ int fd =
			openat(dir_fd, "class/tpm/tpm0/pcr-sha256/3", O_WRONLY | O_TRUNC);

		ck_assert_int_ge(dprintf(fd, "%s", broken[_i]), 0);
	} else {
		ck_assert_int_eq(unlinkat(dir_fd, "class/tpm/tpm0/pcr-sha256/3", 0), 0);
	}
	ck_assert_int_eq(boot_aggregate_read(dir_fd, IMA_SHA256, IMA_TEMPLATE_NG, &boot), -EIO);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policyd-boot-aggregate");
	TCase *tc = tcase_create("boot aggregate");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_aggregate, 0, ARRAY_SIZE(cases));
	tcase_add_loop_test(tc, test_broken, 0, ARRAY_SIZE(broken));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
