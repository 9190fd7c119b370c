/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* `vsecctl policy check`: its verdicts are those of the policy file that would be written to, in
 * both readings of a line. */
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "ctl/verdict.h"
#include "unit.h"

#define TEXT(s) s, sizeof(s) - 1

static const struct ima_ids identity;

static const struct {
	const char *bytes;
	size_t n;
	int enforced, grammar; /* the two verdicts */
} lines[] = {
	{TEXT("measure func=BPRM_CHECK"), 0, 0},
	{TEXT(""), 1, 1},
	{TEXT(" \t"), 1, 1},
	{TEXT("# bogus"), 1, 1},
	{TEXT("bogus"), -EINVAL, -EINVAL},
	{TEXT("audit func=BPRM_CHECK"), -EINVAL, 0},
	{TEXT("measure func=MODULE_CHECK"), -EINVAL, 0},
	{TEXT("measure\0bogus"), 0, 0}, /* a string ends there */
	{TEXT("mea\0sure"), -EINVAL, -EINVAL},
	{TEXT("/etc/passwd"), -ENOTSUP, -ENOTSUP},
	{TEXT(" /etc/passwd"), -EINVAL, -EINVAL}, /* no path: it does not start with it */
	{TEXT("/"), -ENOTSUP, -ENOTSUP},
};

START_TEST(test_line)
{
	struct verdict_rules rules = {.ids = &identity};
	struct ima_reason reason = {0};

	ck_assert_int_eq(
		verdict_line(&rules, lines[_i].bytes, lines[_i].n, &reason), lines[_i].enforced);
	if (lines[_i].enforced == -EINVAL)
		ck_assert_str_ne(reason.text, "");
	rules.grammar = true;
	ck_assert_int_eq(
		verdict_line(&rules, lines[_i].bytes, lines[_i].n, &reason), lines[_i].grammar);
}
END_TEST

/* The kernel takes the first 4095 bytes of a write as a rule; a namespace's file takes none. */
START_TEST(test_page)
{
	struct verdict_rules rules = {.ids = &identity};
	char line[IMA_RULE_LINE_MAX + 6];
	struct ima_reason reason;

	memset(line, ' ', sizeof(line));
	memcpy(line, "measure", 7);
	memcpy(line + IMA_RULE_LINE_MAX, "bogus", 6);
	ck_assert_int_eq(verdict_line(&rules, line, IMA_RULE_LINE_MAX, &reason), 0);
	ck_assert_int_eq(verdict_line(&rules, line, IMA_RULE_LINE_MAX + 1, &reason), -EINVAL);
	rules.grammar = true;
	ck_assert_int_eq(verdict_line(&rules, line, IMA_RULE_LINE_MAX + 5, &reason), 0);
}
END_TEST

static const struct {
	const char *bytes;
	size_t n;
	int enforced, grammar;
	const char *line; /* that the reason names, or NULL */
} files[] = {
	{TEXT("measure\n"), 0, 0, NULL},
	{TEXT("# c\n\nmeasure\ndont_measure\n"), 0, 0, NULL},
	{TEXT("\n"), 0, 0, NULL},
	{TEXT(""), -EINVAL, -EINVAL, NULL},
	{TEXT("measure"), -EINVAL, -EINVAL, "line 1 "},
	{TEXT("measure\nmeasure"), -EINVAL, -EINVAL, "line 2 "},
	{TEXT("measure\nbogus\nmeasure\n"), -EINVAL, -EINVAL, "line 2 "},
	{TEXT("measure\n/etc/passwd\n"), -EINVAL, -EINVAL, "line 2 "}, /* a file names no file */
	{TEXT("measure\n\0\n"), -EINVAL, -EINVAL, "line 2 "},
	{TEXT("measure\naudit\n"), -EINVAL, 0, NULL},
};

START_TEST(test_file)
{
	struct verdict_rules rules = {.ids = &identity};
	struct ima_reason reason = {0};
	/* A copy of its exact length: a sanitizer sees a step beyond it. */
	_cleanup_free_ char *bytes = malloc(files[_i].n + !files[_i].n);

	memcpy(bytes, files[_i].bytes, files[_i].n);
	ck_assert_int_eq(verdict_file(&rules, bytes, files[_i].n, &reason), files[_i].enforced);
	if (files[_i].line)
		ck_assert_int_eq(strncmp(reason.text, files[_i].line, strlen(files[_i].line)), 0);
	rules.grammar = true;
	ck_assert_int_eq(verdict_file(&rules, bytes, files[_i].n, &reason), files[_i].grammar);
}
END_TEST

START_TEST(test_ids_are_read_through_the_map)
{
	_cleanup_free_ struct ima_idmap *map = NULL;
	struct ima_ids ids;
	struct verdict_rules rules = {.ids = &ids};
	struct ima_reason reason;

	ck_assert_int_eq(ima_idmap_parse(TEXT("0 100000 65536\n"), &map), 0);
	ids = (struct ima_ids){.uids = map, .gids = map};
	ck_assert_int_eq(verdict_line(&rules, TEXT("measure uid=65535"), &reason), 0);
	ck_assert_int_eq(verdict_line(&rules, TEXT("measure uid=65536"), &reason), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ctl-verdict");
	TCase *tcase = tcase_create("verdict");

	tcase_add_loop_test(tcase, test_line, 0, (int)ARRAY_SIZE(lines));
	tcase_add_test(tcase, test_page);
	tcase_add_loop_test(tcase, test_file, 0, (int)ARRAY_SIZE(files));
	tcase_add_test(tcase, test_ids_are_read_through_the_map);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
