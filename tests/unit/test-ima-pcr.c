/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Virtual PCRs: replaying a recorded list gives what the recorded machine's TPM held. */
#include <openssl/evp.h>
#include <string.h>

#include "common/cleanup.h"
#include "recorded-list.h"
#include "unit.h"

static const struct {
	const char *recording;
	enum ima_hash bank;
} cases[] = {
	{"ima-sha1", IMA_SHA1},
	{"ima-sha1", IMA_SHA256},
	{"ng-sha1", IMA_SHA1},
	{"ng-sha1", IMA_SHA256},
	{"sig-sha256", IMA_SHA1},
	{"sig-sha256", IMA_SHA256},
};

/* The kernel's digest of the name that has a newline, which ours does not have: computed here from
 * the recorded data. */
static void kernel_digests(const struct recorded_entry *recorded, struct ima_template_digests *ret)
{
	uint8_t padded[20 + 256] = {0};
	const uint8_t *data = recorded->data;
	size_t n = recorded->n_data;

	if (!data) { /* template ima */
		memcpy(padded, recorded->event.digest, 20);
		memcpy(padded + 20, recorded->event.path, recorded->event.n_path);
		data = padded;
		n = sizeof(padded);
	}
	ck_assert(EVP_Digest(data, n, ret->sha1, NULL, EVP_sha1(), NULL));
	ck_assert(EVP_Digest(data, n, ret->sha256, NULL, EVP_sha256(), NULL));
	ck_assert_mem_eq(ret->sha1, recorded->sha1, 20);
}

START_TEST(test_replay_gives_the_recorded_pcr)
{
	static struct recorded_list list;
	uint8_t value[IMA_DIGEST_MAX] = {0}, want[IMA_DIGEST_MAX];

	recorded_load(cases[_i].recording, &list);
	recorded_pcr10(cases[_i].recording, cases[_i].bank, want);
	for (unsigned i = 0; i < list.n; i++) {
		const struct ima_event *event = &list.entries[i].event;
		struct ima_entry entry;

		ck_assert_uint_eq(event->pcr, 10);
		ck_assert_int_eq(ima_entry_make(event, &entry), 0);
		if (memchr(event->path, '\n', event->n_path))
			kernel_digests(&list.entries[i], &entry.digests);
		ck_assert_int_eq(ima_pcr_extend(cases[_i].bank, value, &entry), 0);
		ima_entry_done(&entry);
	}
	ck_assert_mem_eq(value, want, ima_hash_size(cases[_i].bank));
	recorded_done(&list);
}
END_TEST

/* An entry that is a violation can not be replaced by one with a digest of zeros. */
START_TEST(test_violation_extends_ones)
{
	struct ima_entry entry = {.violation = true};
	uint8_t value[32] = {0}, want[32], zeros_extended[32] = {0}, bytes[64] = {0};

	memset(bytes + 32, 0xff, 32);
	ck_assert(EVP_Digest(bytes, sizeof(bytes), want, NULL, EVP_sha256(), NULL));
	ck_assert_int_eq(ima_pcr_extend(IMA_SHA256, value, &entry), 0);
	ck_assert_mem_eq(value, want, 32);
	entry.violation = false;
	ck_assert_int_eq(ima_pcr_extend(IMA_SHA256, zeros_extended, &entry), 0);
	ck_assert_mem_ne(zeros_extended, want, 32);
}
END_TEST

START_TEST(test_a_violation_has_no_digest)
{
	struct ima_event event = {.template = IMA_TEMPLATE_NG,
		.hash = IMA_SHA256,
		.violation = true,
		.digest = {1, 2, 3},
		.path = "/f",
		.n_path = 2};
	static const struct ima_template_digests zeros;
	struct ima_entry entry;

	ck_assert_int_eq(ima_entry_make(&event, &entry), 0);
	ck_assert_mem_eq(&entry.digests, &zeros, sizeof(zeros));
	ck_assert_ptr_null(memmem(entry.ascii_tail, entry.n_ascii_tail, "010203", 6));
	ima_entry_done(&entry);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ima-pcr");
	TCase *tcase = tcase_create("pcr");

	tcase_add_loop_test(tcase, test_replay_gives_the_recorded_pcr, 0, (int)ARRAY_SIZE(cases));
	tcase_add_test(tcase, test_violation_extends_ones);
	tcase_add_test(tcase, test_a_violation_has_no_digest);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
