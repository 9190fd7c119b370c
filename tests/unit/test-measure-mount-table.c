/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines of mountinfo, with the names that a container gave its mounts. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "policyd/measure/mount-table.h"
#include "unit.h"

static const struct {
	const char *text;
	int result;
	uint64_t id, dev;
	const char *point, *type;
	bool nosuid;
} cases[] = {
	{"27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n", 1, 27, 254ull << 20, "/", "ext4",
		false},
	{"1 2 0:45 / /run rw,nosuid,nodev shared:3 master:4 - tmpfs t rw", 1, 1, 45, "/run",
		"tmpfs", true},
	{"1 2 0:45 / /a\\040b\\011c\\134d\\012e rw - tmpfs t rw\n", 1, 1, 45, "/a b\tc\\d\ne",
		"tmpfs", false},
	/* What is no escape stays, and an escaped NUL does not end the name early. */
	{"1 2 0:45 / /a\\04 rw - tmpfs t rw\n", 1, 1, 45, "/a\\04", "tmpfs", false},
	{"1 2 0:45 / /a\\000b rw - tmpfs t rw\n", 1, 1, 45, "/a\\000b", "tmpfs", false},
	{"1 2 0:45 / /a\\777b rw - tmpfs t rw\n", 1, 1, 45, "/a\\777b", "tmpfs", false},
	{"1 2 0:45 / /x rw,nosuidx - fuse.sshfs t rw\n", 1, 1, 45, "/x", "fuse.sshfs", false},
	/* A mount point called "-" is no separator. */
	{"1 2 0:45 / - rw - tmpfs t rw\n", 1, 1, 45, "-", "tmpfs", false},
	{"1 2 0:45 / /x rw tmpfs t rw\n", -EINVAL, 0, 0, NULL, NULL, false},
	{"1 2 0:45 / /x rw -\n", -EINVAL, 0, 0, NULL, NULL, false},
	{"1 2 0:45 /\n", -EINVAL, 0, 0, NULL, NULL, false},
	{"1 2 045 / /x rw - tmpfs t rw\n", -EINVAL, 0, 0, NULL, NULL, false},
	{"-1 2 0:45 / /x rw - tmpfs t rw\n", -EINVAL, 0, 0, NULL, NULL, false},
	{"1 2 0:9999999999 / /x rw - tmpfs t rw\n", -EINVAL, 0, 0, NULL, NULL, false},
	{"99999999999999999999999 2 0:1 / /x rw - tmpfs t rw\n", -EINVAL, 0, 0, NULL, NULL, false},
	{"\n", -EINVAL, 0, 0, NULL, NULL, false},
	{"", 0, 0, 0, NULL, NULL, false},
};

START_TEST(test_line)
{
	struct mount_table_line line = {0};
	char text[256], *cursor = text;

	snprintf(text, sizeof(text), "%s", cases[_i].text);
	ck_assert_int_eq(mount_table_next(&cursor, &line), cases[_i].result);
	if (cases[_i].result > 0) {
		ck_assert_uint_eq(line.id, cases[_i].id);
		ck_assert_uint_eq(line.dev, cases[_i].dev);
		ck_assert_str_eq(line.point, cases[_i].point);
		ck_assert_str_eq(line.type, cases[_i].type);
		ck_assert_int_eq(line.nosuid, cases[_i].nosuid);
	}
	ck_assert_int_eq(mount_table_next(&cursor, &line), 0);
}
END_TEST

START_TEST(test_bad_line_hides_no_other)
{
	char text[] = "garbage\n7 1 0:3 / /x rw - ext4 d rw\n";
	struct mount_table_line line;
	char *cursor = text;

	ck_assert_int_eq(mount_table_next(&cursor, &line), -EINVAL);
	ck_assert_int_eq(mount_table_next(&cursor, &line), 1);
	ck_assert_uint_eq(line.id, 7);
	ck_assert_int_eq(mount_table_next(&cursor, &line), 0);
}
END_TEST

START_TEST(test_pseudo)
{
	char proc[] = "proc", ext4[] = "ext4", view[] = "fuse.securityfs", sub[] = "fuse.proc";
	struct mount_table_line line = {.type = proc, .dev = 5};

	ck_assert(mount_table_is_pseudo(&line, 0));
	line.type = ext4;
	ck_assert(!mount_table_is_pseudo(&line, 0));
	line.type = sub;
	ck_assert(!mount_table_is_pseudo(&line, 0));
	line.type = view;
	ck_assert(mount_table_is_pseudo(&line, 0));
	/* A container's own FUSE file system under the view's type is no way past the marks. */
	ck_assert(!mount_table_is_pseudo(&line, 6));
	ck_assert(mount_table_is_pseudo(&line, 5));
	mount_table_cut_subtype(sub);
	ck_assert_str_eq(sub, "fuse");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("measure-mount-table");
	TCase *tc = tcase_create("mount-table");

	tcase_add_loop_test(tc, test_line, 0, ARRAY_SIZE(cases));
	tcase_add_test(tc, test_bad_line_hides_no_other);
	tcase_add_test(tc, test_pseudo);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
