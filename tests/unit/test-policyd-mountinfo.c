/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines of mountinfo, with the names that a container gave its mounts. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/cleanup.h"
#include "policyd/kernel/mountinfo.h"
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
	struct mountinfo mount = {0};
	char text[256], *cursor = text;

	snprintf(text, sizeof(text), "%s", cases[_i].text);
	ck_assert_int_eq(mountinfo_next(&cursor, &mount), cases[_i].result);
	if (cases[_i].result > 0) {
		ck_assert_uint_eq(mount.id, cases[_i].id);
		ck_assert_uint_eq(mount.dev, cases[_i].dev);
		ck_assert_str_eq(mount.point, cases[_i].point);
		ck_assert_str_eq(mount.type, cases[_i].type);
		ck_assert_int_eq(mount.nosuid, cases[_i].nosuid);
	}
	ck_assert_int_eq(mountinfo_next(&cursor, &mount), 0);
}
END_TEST

START_TEST(test_bad_line_hides_no_other)
{
	char text[] = "garbage\n7 1 0:3 / /x rw - ext4 d rw\n";
	struct mountinfo mount;
	char *cursor = text;

	ck_assert_int_eq(mountinfo_next(&cursor, &mount), -EINVAL);
	ck_assert_int_eq(mountinfo_next(&cursor, &mount), 1);
	ck_assert_uint_eq(mount.id, 7);
	ck_assert_int_eq(mountinfo_next(&cursor, &mount), 0);
}
END_TEST

/* A container may have 100,000 mounts, and policyd reads their table in its loop: a parser that
 * looked at the rest of the text for each line would hold everybody up for minutes. */
START_TEST(test_time_is_linear)
{
	static const char line[] = "36 35 98:0 / /mnt rw - tmpfs t rw\n";
	const size_t n_line = sizeof(line) - 1, n_lines = 100000;
	struct timespec before, after;
	struct mountinfo mount;
	char *text = malloc(n_line * n_lines + 1), *at = text;
	size_t n = 0;

	ck_assert_ptr_nonnull(text);
	for (size_t i = 0; i < n_lines; i++)
		memcpy(text + i * n_line, line, n_line);
	text[n_line * n_lines] = '\0';
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	while (mountinfo_next(&at, &mount) > 0)
		n++;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	ck_assert_uint_eq(n, n_lines);
	ck_assert_int_le(after.tv_sec - before.tv_sec, 2);
	free(text);
}
END_TEST

START_TEST(test_view)
{
	char text[] = "105 83 0:54 / /sys/kernel/security rw - fuse.securityfs securityfs rw\n"
		      "106 83 8:1 / /x rw master:4 shared:7 - securityfs securityfs rw\n";
	struct mountinfo mount;
	char *at = text;

	ck_assert_int_eq(mountinfo_next(&at, &mount), 1);
	ck_assert_uint_eq(mount.parent, 83);
	ck_assert_uint_eq(mount.peers, 0);
	ck_assert(mountinfo_dev(&mount) == makedev(0, 54));
	ck_assert(mountinfo_is_view(&mount));
	ck_assert_int_eq(mountinfo_next(&at, &mount), 1);
	ck_assert(mountinfo_dev(&mount) == makedev(8, 1));
	ck_assert(!mountinfo_is_view(&mount));
	ck_assert_uint_eq(mount.peers, 7);
}
END_TEST

START_TEST(test_pseudo)
{
	char proc[] = "proc", ext4[] = "ext4", view[] = "fuse.securityfs", sub[] = "fuse.proc";
	struct mountinfo mount = {.type = proc, .dev = 5};

	ck_assert(mountinfo_is_pseudo(&mount, 0));
	mount.type = ext4;
	ck_assert(!mountinfo_is_pseudo(&mount, 0));
	mount.type = sub;
	ck_assert(!mountinfo_is_pseudo(&mount, 0));
	mount.type = view;
	ck_assert(mountinfo_is_pseudo(&mount, 0));
	/* A container's own FUSE file system under the view's type is no way past the marks. */
	ck_assert(!mountinfo_is_pseudo(&mount, 6));
	ck_assert(mountinfo_is_pseudo(&mount, 5));
	mountinfo_cut_subtype(sub);
	ck_assert_str_eq(sub, "fuse");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policyd-mountinfo");
	TCase *tc = tcase_create("mountinfo");

	tcase_add_loop_test(tc, test_line, 0, ARRAY_SIZE(cases));
	tcase_add_test(tc, test_bad_line_hides_no_other);
	tcase_add_test(tc, test_time_is_linear);
	tcase_add_test(tc, test_view);
	tcase_add_test(tc, test_pseudo);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
