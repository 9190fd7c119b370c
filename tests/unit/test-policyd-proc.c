/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading /proc: of this process, and of a directory that pretends to be one. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "policyd/kernel/proc.h"
#include "unit.h"

static char dir[64];
static int fake_fd;

static void put(const char *name, const char *text)
{
	int fd = openat(fake_fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (int)strlen(text));
	close(fd);
}

static void setup(void)
{
	strcpy(dir, "/tmp/test-policyd-proc-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	fake_fd = open(dir, O_RDONLY | O_DIRECTORY);
	ck_assert_int_eq(mkdirat(fake_fd, "7", 0700), 0);
	ck_assert_int_eq(mkdirat(fake_fd, "7/ns", 0700), 0);
}

static void teardown(void)
{
	static const char *const files[] = {"7/status", "7/uid_map", "7/gid_map", "7/ns/mnt"};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		unlinkat(fake_fd, files[i], 0);
	unlinkat(fake_fd, "7/ns", AT_REMOVEDIR);
	unlinkat(fake_fd, "7", AT_REMOVEDIR);
	close(fake_fd);
	rmdir(dir);
}

START_TEST(test_own)
{
	_cleanup_close_ int proc_fd = open("/proc", O_RDONLY | O_DIRECTORY);
	struct proc_creds creds;
	struct stat st;
	uint64_t inode;

	ck_assert_int_eq(proc_creds(proc_fd, getpid(), &creds), 0);
	ck_assert_uint_eq(creds.uid, getuid());
	ck_assert_uint_eq(creds.euid, geteuid());
	ck_assert_uint_eq(creds.gid, getgid());
	ck_assert_int_eq(proc_ns(proc_fd, getpid(), "mnt", &inode), 0);
	ck_assert_int_eq(stat("/proc/self/ns/mnt", &st), 0);
	ck_assert_uint_eq(inode, st.st_ino);
}
END_TEST

START_TEST(test_gone)
{
	_cleanup_close_ int proc_fd = open("/proc", O_RDONLY | O_DIRECTORY);
	struct ima_idmap *uids, *gids;
	struct proc_creds creds;
	uint64_t id;
	char *text;
	size_t n;
	const pid_t none = 1 << 30; /* above every pid_max */

	ck_assert_int_eq(proc_creds(proc_fd, none, &creds), -ESRCH);
	ck_assert_int_eq(proc_ns(proc_fd, none, "user", &id), -ESRCH);
	ck_assert_int_eq(proc_mntns_id64(proc_fd, none, &id), -ESRCH);
	ck_assert_int_eq(proc_idmaps(proc_fd, none, &uids, &gids), -ESRCH);
	ck_assert_int_eq(proc_read(proc_fd, none, "status", &text, &n), -ESRCH);
}
END_TEST

START_TEST(test_creds)
{
	struct proc_creds c;

	/* The kernel escapes a thread's name: it forges no line. */
	put("7/status",
		"Name:\tx\\nUid:\\t0\nState:\tS\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t4294967295\n"
		"CapEff:\t00000080000000ff\nNoNewPrivs:\t1\n");
	ck_assert_int_eq(proc_creds(fake_fd, 7, &c), 0);
	ck_assert_uint_eq(c.uid, 1);
	ck_assert_uint_eq(c.euid, 2);
	ck_assert_uint_eq(c.suid, 3);
	ck_assert_uint_eq(c.fsuid, 4);
	ck_assert_uint_eq(c.gid, 5);
	ck_assert_uint_eq(c.egid, 6);
	ck_assert_uint_eq(c.sgid, 7);
	ck_assert_uint_eq(c.fsgid, UINT32_MAX);
	ck_assert_uint_eq(c.cap_effective, 0x80000000ffull);
	ck_assert(c.no_new_privs);
}
END_TEST

START_TEST(test_creds_broken)
{
	static const char *const texts[] = {"", "Uid:\t1\t2\t3\nGid:\t1\t2\t3\t4\nCapEff:\t0\n",
		"Uid:\t1\t2\t3\t4\nCapEff:\t0\n", "Uid:\t1\t2\t3\t4\nGid:\t1\t2\t3\t4\n"};
	struct proc_creds c;

	put("7/status", texts[_i]);
	ck_assert_int_eq(proc_creds(fake_fd, 7, &c), -EIO);
}
END_TEST

static const struct {
	const char *target;
	int result;
	uint64_t inode;
} links[] = {
	{"mnt:[4026531841]", 0, 4026531841},
	{"mnt:[18446744073709551615]", 0, UINT64_MAX},
	{"user:[1]", -EIO, 0},
	{"mnt:[]", -EIO, 0},
	{"mnt:[1", -EIO, 0},
	{"mnt:[1]x", -EIO, 0},
	{"/etc/passwd", -EIO, 0},
};

START_TEST(test_ns)
{
	uint64_t inode = 0;

	ck_assert_int_eq(symlinkat(links[_i].target, fake_fd, "7/ns/mnt"), 0);
	ck_assert_int_eq(proc_ns(fake_fd, 7, "mnt", &inode), links[_i].result);
	ck_assert_uint_eq(inode, links[_i].inode);
}
END_TEST

START_TEST(test_idmaps)
{
	struct ima_idmap *uids = NULL, *gids = NULL;
	uint32_t host;

	put("7/uid_map", "         0     100000      65536\n");
	put("7/gid_map", "         0          0 4294967295\n");
	ck_assert_int_eq(proc_idmaps(fake_fd, 7, &uids, &gids), 0);
	ck_assert(ima_id_to_host(uids, 5, &host));
	ck_assert_uint_eq(host, 100005);
	ck_assert(!ima_id_to_host(uids, 65536, &host));
	ck_assert_ptr_null(gids);
	free(uids);

	/* Not written yet: maps nothing, and is not the identity. */
	put("7/uid_map", "");
	ck_assert_int_eq(proc_idmaps(fake_fd, 7, &uids, &gids), 0);
	ck_assert_ptr_nonnull(uids);
	ck_assert(!ima_id_to_host(uids, 0, &host));
	free(uids);

	put("7/uid_map", "garbage\n");
	ck_assert_int_eq(proc_idmaps(fake_fd, 7, &uids, &gids), -EINVAL);
}
END_TEST

START_TEST(test_read_large)
{
	char *text = malloc(100001), *read_back;
	size_t n;

	memset(text, 'a', 100000);
	text[100000] = '\0';
	put("7/status", text);
	ck_assert_int_eq(proc_read(fake_fd, 7, "status", &read_back, &n), 0);
	ck_assert_uint_eq(n, 100000);
	ck_assert_str_eq(read_back, text);
	free(read_back);
	free(text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policyd-proc");
	TCase *tc = tcase_create("proc");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_own);
	tcase_add_test(tc, test_gone);
	tcase_add_test(tc, test_creds);
	tcase_add_loop_test(tc, test_creds_broken, 0, 4);
	tcase_add_loop_test(tc, test_ns, 0, ARRAY_SIZE(links));
	tcase_add_test(tc, test_idmaps);
	tcase_add_test(tc, test_read_large);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
