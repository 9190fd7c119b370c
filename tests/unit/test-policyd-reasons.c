/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text of `vsecfs/last_error`. */
#include <stdio.h>
#include <string.h>

#include "policyd/view/reasons.h"
#include "unit.h"

static const struct timespec when = {.tv_sec = 1700000000, .tv_nsec = 5999999};

static const struct {
	const char *file;
	unsigned rule;
	struct ima_reason reason;
	const char *grant;
	const char *line;
} cases[] = {
	{"policy", 3, {"bogus", "no such word"}, NULL,
		"1700000000.005 policy 3 \"bogus\" \"no such word\" -\n"},
	{"hash", 0, {"", "not a value"}, "readonly",
		"1700000000.005 hash - \"\" \"not a value\" readonly\n"},
	/* What a container wrote forges neither a line nor a field. */
	{"policy", 1, {"a\n1 policy 2 \"", "tab\there\\"}, NULL,
		"1700000000.005 policy 1 \"a\\x0a1 policy 2 \\x22\" \"tab\\x09here\\x5c\" -\n"},
	{"policy", 1, {"\xff\x01", "x"}, NULL, "1700000000.005 policy 1 \"\\xff\\x01\" \"x\" -\n"},
};

START_TEST(test_line)
{
	struct reasons *reasons;
	char *text;
	size_t n;

	ck_assert_int_eq(reasons_new(&reasons), 0);
	reasons_add(
		reasons, &when, cases[_i].file, cases[_i].rule, &cases[_i].reason, cases[_i].grant);
	ck_assert_int_eq(reasons_format(reasons, &text, &n), 0);
	ck_assert_str_eq(text, cases[_i].line);
	ck_assert_uint_eq(n, strlen(cases[_i].line));
	ck_assert_uint_eq(reasons_size(reasons), n);
	free(text);
	reasons_free(reasons);
}
END_TEST

START_TEST(test_empty)
{
	struct reasons *reasons;
	char *text;
	size_t n;

	ck_assert_int_eq(reasons_new(&reasons), 0);
	ck_assert_int_eq(reasons_format(reasons, &text, &n), 0);
	ck_assert_uint_eq(n, 0);
	ck_assert_str_eq(text, "");
	free(text);
	reasons_free(reasons);
	reasons_free(NULL);
}
END_TEST

/* The last ones stay, oldest first, and the size is theirs alone. */
START_TEST(test_ring)
{
	struct reasons *reasons;
	char *text, *line, *rest = NULL;
	unsigned expected = 1000 - REASONS_MAX;
	size_t n;

	ck_assert_int_eq(reasons_new(&reasons), 0);
	for (unsigned i = 1; i <= 1000; i++) {
		struct ima_reason reason = {.text = "x"};

		reasons_add(reasons, &when, "policy", i, &reason, NULL);
	}
	ck_assert_int_eq(reasons_format(reasons, &text, &n), 0);
	ck_assert_uint_eq(n, strlen(text));
	ck_assert_uint_eq(n, reasons_size(reasons));
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		unsigned rule;

		ck_assert_int_eq(sscanf(line, "%*s policy %u", &rule), 1);
		ck_assert_uint_eq(rule, ++expected);
	}
	ck_assert_uint_eq(expected, 1000);
	free(text);
	reasons_free(reasons);
}
END_TEST

/* The longest field there is, every byte of it quoted, is not cut. */
START_TEST(test_longest)
{
	struct reasons *reasons;
	struct ima_reason reason;
	char *text;
	size_t n;

	memset(&reason, '"', sizeof(reason));
	reason.token[sizeof(reason.token) - 1] = reason.text[sizeof(reason.text) - 1] = '\0';
	ck_assert_int_eq(reasons_new(&reasons), 0);
	reasons_add(reasons, &when, "policy", 1, &reason, NULL);
	ck_assert_int_eq(reasons_format(reasons, &text, &n), 0);
	ck_assert_uint_eq(n, strlen("1700000000.005 policy 1 \"\" \"\" -\n") +
				     4 * (sizeof(reason.token) + sizeof(reason.text) - 2));
	free(text);
	reasons_free(reasons);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policyd-reasons");
	TCase *tc = tcase_create("reasons");

	tcase_add_loop_test(tc, test_line, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tc, test_empty);
	tcase_add_test(tc, test_ring);
	tcase_add_test(tc, test_longest);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
