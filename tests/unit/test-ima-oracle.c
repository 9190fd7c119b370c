/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every rule of the recording gets the verdict that the kernel gave it, to the errno. A line that
 * starts with '/' names a file that the kernel read; those files are made below a directory of the
 * test's own. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "oracle.h"
#include "unit.h"
#include "vsecfs/ima.h"

static char root[] = "/tmp/vsecfs-oracle-XXXXXX";

static const char *const directories[] = {"tmp", "etc", "proc", "dev", "run", "run/pol"};

#define FILE_OF(path, bytes)                                                                       \
	{                                                                                          \
		path, bytes, sizeof(bytes) - 1                                                     \
	}
static const struct {
	const char *path, *bytes;
	size_t n;
} files[] = {
	FILE_OF("etc/hostname", "host\n"),
	FILE_OF("proc/version", ""), /* as stat(2) tells its size */
	FILE_OF("run/pol/good", "measure func=BPRM_CHECK\n# comment\n\naudit\n"),
	FILE_OF("run/pol/bad", "measure\nbogus\n"),
	FILE_OF("run/pol/nonl", "measure\naudit"),
	FILE_OF("run/pol/empty", ""),
	FILE_OF("run/pol/comment", "# comment\n"),
	FILE_OF("run/pol/nul", "measure\n\0audit\n"),
	FILE_OF("run/pol/crlf", "measure\r\naudit\r\n"),
	FILE_OF("run/pol/perm000", "measure\n"),
	FILE_OF("run/pol/two-abs", "measure\n/run/pol/good\n"),
};

static const char *below_root(char *path, const char *name)
{
	ck_assert_int_lt(snprintf(path, PATH_MAX, "%s/%s", root, name), PATH_MAX);
	return path;
}

static void make_file(const char *name, const char *bytes, size_t n)
{
	char path[PATH_MAX];
	FILE *f = fopen(below_root(path, name), "we");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
	ck_assert_int_eq(fclose(f), 0);
}

static void make_tree(void)
{
	char path[PATH_MAX], longline[9001];

	ck_assert_ptr_nonnull(mkdtemp(root));
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		ck_assert_int_eq(mkdir(below_root(path, directories[i]), 0700), 0);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		make_file(files[i].path, files[i].bytes, files[i].n);
	/* The kernel read it with root's capabilities, which only root has here. */
	if (geteuid() == 0)
		ck_assert_int_eq(chmod(below_root(path, "run/pol/perm000"), 0), 0);
	/* Longer than the page that a rule may have when it is written itself. */
	memset(longline, ' ', sizeof(longline));
	memcpy(longline, "measure", 7);
	longline[sizeof(longline) - 1] = '\n';
	make_file("run/pol/longline", longline, sizeof(longline));
	ck_assert_int_eq(symlink("good", below_root(path, "run/pol/link")), 0);
	ck_assert_int_eq(symlink("/dev/null", below_root(path, "dev/null")), 0);
}

static void remove_tree(void)
{
	static const char *const links[] = {"run/pol/longline", "run/pol/link", "dev/null"};
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		unlink(below_root(path, links[i]));
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		unlink(below_root(path, files[i].path));
	for (size_t i = ARRAY_SIZE(directories); i-- > 0;)
		rmdir(below_root(path, directories[i]));
	ck_assert_int_eq(rmdir(root), 0);
}

/* kernel_read_file_from_path(): regular files with a size, then the grammar of the content. */
static int read_policy(const char *name)
{
	static char bytes[16384];
	char path[PATH_MAX];
	_cleanup_close_ int fd = -1;
	struct stat st;
	ssize_t n;

	fd = open(below_root(path, name), O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size <= 0)
		return -EINVAL;
	n = read(fd, bytes, sizeof(bytes));
	ck_assert_int_eq(n, st.st_size);
	return ima_grammar_file(bytes, (size_t)n, NULL, NULL);
}

static int judge(const struct oracle_line *line, struct ima_reason *ret_reason)
{
	char name[PATH_MAX];
	size_t n, used = SIZE_MAX;
	int r = ima_grammar_write(line->bytes, line->n, NULL, &used, ret_reason);

	if (r == 0)
		ck_assert_uint_le(used, line->n);
	if (r != -ENOTSUP)
		return r;
	n = strcspn(line->bytes, "\n");
	n = MIN(n, line->n);
	memcpy(name, line->bytes, n);
	name[n] = '\0';
	return read_policy(name);
}

static void check_line(const struct oracle_line *line, void *userdata)
{
	struct ima_reason reason = {0};
	unsigned *n_wrong = userdata;
	int r = judge(line, &reason);

	if (r != line->error) {
		fprintf(stderr, "line %u: kernel %d, here %d: %.100s (%s: %s)\n", line->number,
			line->error, r, line->escaped, reason.token, reason.text);
		(*n_wrong)++;
	}
	/* A refusal of a rule itself always says why. */
	if (r < 0 && line->bytes[0] != '/')
		ck_assert_msg(reason.text[0], "line %u is refused without a reason", line->number);
}

START_TEST(test_kernel_agrees)
{
	unsigned n_wrong = 0;

	make_tree();
	ck_assert_int_eq(oracle_each(check_line, &n_wrong), ORACLE_LINES);
	remove_tree();
	ck_assert_uint_eq(n_wrong, 0);
}
END_TEST

/* How much of the bytes one write takes. */
static const struct {
	const char *bytes;
	size_t n, used;
} writes[] = {
	{"", 0, 0},
	{"\n", 1, 1},
	{"measure", 7, 7},
	{"measure\n", 8, 8},
	{"measure\naudit\n", 14, 8},
	{"measure\0audit\n", 14, 8},
	{"# c\nmeasure\n", 12, 4},
};

START_TEST(test_one_write_takes_one_line)
{
	size_t used = SIZE_MAX;

	ck_assert_int_eq(ima_grammar_write(writes[_i].bytes, writes[_i].n, NULL, &used, NULL), 0);
	ck_assert_uint_eq(used, writes[_i].used);
}
END_TEST

START_TEST(test_write_is_cut_at_a_page)
{
	static char bytes[2 * IMA_RULE_LINE_MAX];
	size_t used;

	memset(bytes, ' ', sizeof(bytes));
	memcpy(bytes, "measure", 7);
	memcpy(bytes + IMA_RULE_LINE_MAX, "bogus", 5); /* behind the cut: never seen */
	ck_assert_int_eq(ima_grammar_write(bytes, sizeof(bytes), NULL, &used, NULL), 0);
	ck_assert_uint_eq(used, IMA_RULE_LINE_MAX + 1);
	bytes[IMA_RULE_LINE_MAX - 1] = 'x';
	ck_assert_int_eq(ima_grammar_write(bytes, sizeof(bytes), NULL, &used, NULL), -EINVAL);
}
END_TEST

static const struct {
	const char *bytes;
	size_t n;
	int error;
} contents[] = {
	{"measure\n", 8, 0},
	{"\n\n# c\nmeasure\n", 14, 0},
	{"measure\0", 8, 0}, /* the NUL is the last byte, so the size adds up */
	{"", 0, -EINVAL},
	{"measure", 7, -EINVAL},
	{"measure\0\n", 9, -EINVAL},
	{"measure fsmagic=0x10000000000000000\nmeasure", 43, -ERANGE},
};

START_TEST(test_file_counts_every_byte)
{
	ck_assert_int_eq(ima_grammar_file(contents[_i].bytes, contents[_i].n, NULL, NULL),
		contents[_i].error);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ima-oracle");
	TCase *tcase = tcase_create("oracle");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_kernel_agrees);
	tcase_add_loop_test(tcase, test_one_write_takes_one_line, 0, (int)ARRAY_SIZE(writes));
	tcase_add_test(tcase, test_write_is_cut_at_a_page);
	tcase_add_loop_test(tcase, test_file_counts_every_byte, 0, (int)ARRAY_SIZE(contents));
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
