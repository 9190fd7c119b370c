/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A list of rules: its text, which is what a measurer is handed, and how many there may be. */
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "unit.h"
#include "vsecfs/ima.h"

static struct ima_rule *rule_of(const char *line)
{
	struct ima_rule *rule = NULL;

	ck_assert_int_eq(ima_rule_parse(line, strlen(line), NULL, &rule, NULL), 0);
	return rule;
}

START_TEST(test_policy_text_round_trip)
{
	static const char want[] = "dont_measure fsmagic=0x9fa0 \nmeasure uid=7 \n";
	struct ima_policy *policy, *again;
	_cleanup_free_ char *text = NULL, *text_again = NULL;
	size_t n, n_again;

	ck_assert_int_eq(ima_policy_new(&policy), 0);
	ck_assert_int_eq(ima_policy_add(policy, rule_of("dont_measure fsmagic=9fa0")), 0);
	ck_assert_int_eq(ima_policy_add(policy, rule_of("measure uid=7")), 0);
	ck_assert_int_eq(ima_policy_format(policy, NULL, &text, &n), 0);
	ck_assert_bytes(text, n, want, strlen(want));
	ck_assert_int_eq(ima_policy_parse(text, n, &again), 0);
	ck_assert_uint_eq(ima_policy_n_rules(again), 2);
	ck_assert_int_eq(ima_policy_format(again, NULL, &text_again, &n_again), 0);
	ck_assert_bytes(text_again, n_again, want, strlen(want));
	ima_policy_free(again);
	ima_policy_free(policy);
}
END_TEST

START_TEST(test_policy_text_is_refused)
{
	static const char *const texts[] = {
		"measure", "measure\nbogus\n", "\n", "# c\nmeasure\n", "measure\n\n"};
	struct ima_policy *policy = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		ck_assert_int_eq(ima_policy_parse(texts[i], strlen(texts[i]), &policy), -EINVAL);
	ck_assert_ptr_null(policy);
	ck_assert_int_eq(ima_policy_parse("", 0, &policy), 0);
	ck_assert_uint_eq(ima_policy_n_rules(policy), 0);
	ima_policy_free(policy);
}
END_TEST

START_TEST(test_policy_holds_1024_rules)
{
	struct ima_policy *policy;

	ck_assert_int_eq(ima_policy_new(&policy), 0);
	for (size_t i = 0; i < IMA_RULES_MAX; i++)
		ck_assert_int_eq(ima_policy_add(policy, rule_of("measure")), 0);
	ck_assert_int_eq(ima_policy_add(policy, rule_of("measure")), -ENOSPC);
	ck_assert_uint_eq(ima_policy_n_rules(policy), IMA_RULES_MAX);
	ima_policy_free(policy);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ima-policy");
	TCase *tcase = tcase_create("policy");

	tcase_add_test(tcase, test_policy_text_round_trip);
	tcase_add_test(tcase, test_policy_text_is_refused);
	tcase_add_test(tcase, test_policy_holds_1024_rules);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
