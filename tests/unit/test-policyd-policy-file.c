/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the writes of one open of `policy` make of a set, as recorded from Linux 6.1
 * (ima-policy-file-6.1.txt), with ABI's deviations. */
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "policyd/files/policy-set.h"
#include "unit.h"

static struct policy_set set;
static struct ima_reason reason;

static void setup(void)
{
	memset(&set, 0, sizeof(set));
}

static void teardown(void)
{
	policy_set_done(&set);
}

/* result: bytes taken, or the errno. */
static const struct {
	const char *bytes;
	size_t n;
	int result;
	size_t n_rules;
} writes[] = {
#define W(bytes, result, n_rules)                                                                  \
	{                                                                                          \
		bytes, sizeof(bytes) - 1, result, n_rules                                          \
	}
	W("measure func=BPRM_CHECK\n", 24, 1),
	W("measure func=BPRM_CHECK", 23, 1), /* the kernel says 24 */
	/* One write consumes one rule; callers loop. */
	W("measure func=BPRM_CHECK\nmeasure func=FILE_CHECK\n", 24, 1),
	W("\n", 1, 0),
	W("# my policy\nmeasure func=BPRM_CHECK\n", 12, 0),
	W("  \t# indented\n", 14, 0),
	W("bogus\n", -EINVAL, 0),
	W("measure fun", -EINVAL, 0), /* a rule split over two writes */
	/* Behind a NUL the kernel does not look. */
	W("measure func=BPRM_CHECK\0garbage\n", 24, 1),
	W("\0measure\n", 1, 0),
	W("mea\0sure\n", -EINVAL, 0),
	W("measure func=BPRM_CHECK uid=4294967295\n", -EINVAL, 0),
	/* In the grammar, but not enforced here. */
	W("appraise func=BPRM_CHECK\n", -EINVAL, 0),
	W("audit func=BPRM_CHECK\n", -EINVAL, 0),
#undef W
};

START_TEST(test_write)
{
	int r = policy_set_write(&set, writes[_i].bytes, writes[_i].n, &reason);

	ck_assert_msg(r == writes[_i].result, "'%s': %d", writes[_i].bytes, r);
	ck_assert_uint_eq(set.n_rules, writes[_i].n_rules);
	ck_assert_int_eq(set.spoiled, r < 0 ? r : 0);
	ck_assert_uint_eq(set.n_bytes, r < 0 ? 0 : (unsigned)r);
	if (r < 0)
		ck_assert_str_ne(reason.text, "");
}
END_TEST

static int write_string(const char *bytes)
{
	return policy_set_write(&set, bytes, strlen(bytes), &reason);
}

START_TEST(test_spoiled_set_stays_spoiled)
{
	ck_assert_int_eq(write_string("measure func=BPRM_CHECK\n"), 24);
	ck_assert_int_eq(write_string("bogus\n"), -EINVAL);
	ck_assert_uint_eq(set.n_lines, 2);
	/* The kernel still returns a later good write's length. */
	ck_assert_int_eq(write_string("measure func=FILE_CHECK\n"), 24);
	ck_assert_int_eq(set.spoiled, -EINVAL);
	ck_assert_int_eq(policy_set_spoil(&set, -EACCES), -EACCES);
	ck_assert_int_eq(set.spoiled, -EINVAL); /* the first one tells */
}
END_TEST

START_TEST(test_page)
{
	char line[IMA_RULE_LINE_MAX + 3];

	memset(line, ' ', sizeof(line));
	memcpy(line, "measure func=BPRM_CHECK", 23);
	line[IMA_RULE_LINE_MAX] = '\n';
	ck_assert_int_eq(policy_set_write(&set, line, IMA_RULE_LINE_MAX + 1, &reason),
		IMA_RULE_LINE_MAX + 1);
	line[IMA_RULE_LINE_MAX] = ' ';
	line[IMA_RULE_LINE_MAX + 1] = '\n';
	ck_assert_int_eq(policy_set_write(&set, line, IMA_RULE_LINE_MAX + 2, &reason), -EINVAL);
	ck_assert_int_eq(set.spoiled, -EINVAL);
	ck_assert_uint_eq(set.n_rules, 1);
}
END_TEST

START_TEST(test_offsets)
{
	ck_assert_int_eq(policy_set_at(&set, 0, false, &reason), 0);
	ck_assert_int_eq(write_string("measure func=BPRM_CHECK\n"), 24);
	ck_assert_int_eq(policy_set_at(&set, 24, false, &reason), 0);
	ck_assert_int_eq(policy_set_at(&set, 100, true, &reason), 0);
	ck_assert_int_eq(policy_set_at(&set, 124, true, &reason), 0);
	ck_assert_int_eq(set.spoiled, 0);
	ck_assert_int_eq(policy_set_at(&set, 100, false, &reason), -EINVAL);
	ck_assert_int_eq(set.spoiled, -EINVAL);
	ck_assert_int_eq(policy_set_at(&set, 0, false, &reason), -EINVAL);
	ck_assert_int_eq(policy_set_at(&set, 99, true, &reason), 0);
}
END_TEST

static const struct {
	const char *bytes;
	size_t n;
	int result;
	size_t n_rules;
} files[] = {
#define F(bytes, result, n_rules)                                                                  \
	{                                                                                          \
		bytes, sizeof(bytes) - 1, result, n_rules                                          \
	}
	F("measure func=BPRM_CHECK\n# x\n\nmeasure func=FILE_CHECK\n", 0, 2),
	F("measure func=BPRM_CHECK\nmeasure func=FILE_CHECK", -EINVAL, 2),
	F("measure func=BPRM_CHECK\nbogus\nmeasure func=FILE_CHECK\n", -EINVAL, 1),
	F("", -EINVAL, 0),
	F("measure func=BPRM_CHECK\0\nmeasure func=FILE_CHECK\n", -EINVAL, 1),
#undef F
};

START_TEST(test_file)
{
	int r = policy_set_file(&set, files[_i].bytes, files[_i].n, &reason);

	ck_assert_msg(r == files[_i].result, "%d: %d", _i, r);
	ck_assert_uint_eq(set.n_rules, files[_i].n_rules);
	ck_assert_int_eq(set.spoiled, r);
}
END_TEST

/* Over the limit rules are accepted, dropped and counted, but still must be rules. */
START_TEST(test_limit)
{
	set.n_in_force = IMA_RULES_MAX - 1;
	ck_assert_int_eq(write_string("measure func=BPRM_CHECK\n"), 24);
	ck_assert_uint_eq(set.n_rules, 1);
	ck_assert_int_eq(write_string("measure func=FILE_CHECK\n"), 24);
	ck_assert_int_eq(write_string("measure func=MMAP_CHECK\n"), 24);
	ck_assert_uint_eq(set.n_rules, 1);
	ck_assert_uint_eq(set.n_over, 2);
	ck_assert_int_eq(write_string("bogus\n"), -EINVAL);
	ck_assert_uint_eq(set.n_over, 2);
}
END_TEST

/* Ids of a rule mean the namespace's; the text that is committed has the host's. */
START_TEST(test_ids)
{
	_cleanup_free_ struct ima_idmap *map = NULL;
	const char *text = "         0     100000      65536\n";
	struct ima_policy *policy, *parsed;
	char *preview;
	size_t n;

	ck_assert_int_eq(ima_idmap_parse(text, strlen(text), &map), 0);
	set.ids = (struct ima_ids){map, map};
	ck_assert_int_eq(write_string("measure func=BPRM_CHECK uid=70000\n"), -EINVAL);
	policy_set_done(&set);
	memset(&set, 0, sizeof(set));
	set.ids = (struct ima_ids){map, map};
	ck_assert_int_eq(write_string("measure func=BPRM_CHECK uid=7\n"), 30);
	ck_assert_int_eq(ima_policy_new(&policy), 0);
	ck_assert_int_eq(policy_set_preview(&set, policy, &preview, &n), 0);
	ck_assert_bytes(preview, n, "measure func=BPRM_CHECK uid=100007 \n", (size_t)36);
	ck_assert_int_eq(ima_policy_parse(preview, n, &parsed), 0);
	ck_assert_uint_eq(ima_policy_n_rules(parsed), 1);
	free(preview);
	/* Later sets append. */
	ck_assert_int_eq(policy_set_preview(&set, parsed, &preview, &n), 0);
	ck_assert_bytes(preview, n,
		"measure func=BPRM_CHECK uid=100007 \nmeasure func=BPRM_CHECK uid=100007 \n",
		(size_t)72);
	free(preview);
	ima_policy_free(policy);
	ima_policy_free(parsed);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policyd-policy-file");
	TCase *tc = tcase_create("set");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_write, 0, sizeof(writes) / sizeof(writes[0]));
	tcase_add_test(tc, test_spoiled_set_stays_spoiled);
	tcase_add_test(tc, test_page);
	tcase_add_test(tc, test_offsets);
	tcase_add_loop_test(tc, test_file, 0, sizeof(files) / sizeof(files[0]));
	tcase_add_test(tc, test_limit);
	tcase_add_test(tc, test_ids);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
