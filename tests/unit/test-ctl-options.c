/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values on vsecctl's command line: what they mean, and what is none. */
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "ctl/options.h"
#include "unit.h"
#include "vsecfs/ctl.h"

static const struct {
	const char *text;
	int error;
	uint32_t base, count;
} ranges[] = {
	{"100000:65536", 0, 100000, 65536},
	{"1:1", 0, 1, 1},
	{"1:4294967294", 0, 1, 4294967294}, /* the last id is 4294967294 */
	{"0:65536", -EINVAL, 0, 0},         /* the container's root would be the host's */
	{"2:4294967294", -EINVAL, 0, 0},    /* 4294967295 is no id */
	{"100000:0", -EINVAL, 0, 0},
	{"4294967296:1", -EINVAL, 0, 0},
	{"1:18446744073709551617", -EINVAL, 0, 0}, /* 1, if it wrapped around */
	{"100000", -EINVAL, 0, 0},
	{"100000:", -EINVAL, 0, 0},
	{":65536", -EINVAL, 0, 0},
	{"-1:65536", -EINVAL, 0, 0},
	{"1:-1", -EINVAL, 0, 0},
	{" 1:1", -EINVAL, 0, 0},
	{"1: 1", -EINVAL, 0, 0},
	{"1:1x", -EINVAL, 0, 0},
	{"1:1:1", -EINVAL, 0, 0},
	{"", -EINVAL, 0, 0},
};

START_TEST(test_range)
{
	struct id_range range = {0};

	ck_assert_int_eq(options_range(ranges[_i].text, &range), ranges[_i].error);
	ck_assert_uint_eq(range.base, ranges[_i].base);
	ck_assert_uint_eq(range.count, ranges[_i].count);
}
END_TEST

static const struct {
	const char *text;
	uint64_t max, number; /* 0: -EINVAL */
} numbers[] = {
	{"1", 10, 1},
	{"10", 10, 10},
	{"11", 10, 0},
	{"0", 10, 0},
	{"18446744073709551615", UINT64_MAX, UINT64_MAX},
	{"18446744073709551616", UINT64_MAX, 0},
	{"+1", 10, 0},
	{"-1", UINT64_MAX, 0},
	{"0x1", 10, 0},
	{"1 ", 10, 0},
	{"", 10, 0},
};

START_TEST(test_number)
{
	uint64_t number = 0;

	ck_assert_int_eq(options_number(numbers[_i].text, numbers[_i].max, &number),
		numbers[_i].number ? 0 : -EINVAL);
	ck_assert_uint_eq(number, numbers[_i].number);
}
END_TEST

START_TEST(test_activation_changes_its_own_flag_only)
{
	uint32_t flags = CTL_COMPAT;

	ck_assert_int_eq(options_activation("explicit", &flags), 0);
	ck_assert_uint_eq(flags, CTL_COMPAT | CTL_ACTIVATE_EXPLICIT);
	ck_assert_int_eq(options_activation("Explicit", &flags), -EINVAL);
	ck_assert_uint_eq(flags, CTL_COMPAT | CTL_ACTIVATE_EXPLICIT);
	ck_assert_int_eq(options_activation("auto", &flags), 0);
	ck_assert_uint_eq(flags, CTL_COMPAT);
}
END_TEST

/* policyd ends a peer whose string has bytes behind its NUL. */
START_TEST(test_string_is_padded_with_zeros)
{
	char field[8];

	memset(field, 'x', sizeof(field));
	ck_assert_int_eq(options_string("abc", field, sizeof(field)), 0);
	ck_assert_int_eq(memcmp(field, "abc\0\0\0\0\0", sizeof(field)), 0);
	ck_assert_int_eq(options_string("1234567", field, sizeof(field)), 0);
	ck_assert_int_eq(options_string("12345678", field, sizeof(field)), -EINVAL);
	ck_assert_int_eq(options_string("", field, sizeof(field)), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ctl-options");
	TCase *tcase = tcase_create("options");

	tcase_add_loop_test(tcase, test_range, 0, (int)ARRAY_SIZE(ranges));
	tcase_add_loop_test(tcase, test_number, 0, (int)ARRAY_SIZE(numbers));
	tcase_add_test(tcase, test_activation_changes_its_own_flag_only);
	tcase_add_test(tcase, test_string_is_padded_with_zeros);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
