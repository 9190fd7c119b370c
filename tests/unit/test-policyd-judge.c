/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who may open what, judged in a /proc of our own making. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "policyd/view/judge.h"
#include "policyd/policyd.h"
#include "unit.h"

#define INIT_USER 4026531837u
#define HOST_MNT  4026531841u
#define VIEW_MNT  5001u
#define VIEW_USER 5002u
#define ADMIN     (1ull << CAP_SYS_ADMIN)
#define MAC       (1ull << CAP_MAC_ADMIN)
#define DAC       (1ull << CAP_DAC_OVERRIDE)

static char dir[] = "/tmp/test-judge.XXXXXX";
static struct policyd policyd;
static struct view view, other;

static void setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	policyd = (struct policyd){.views = &view};
	policyd.proc_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(policyd.proc_fd, 0);
	view = (struct view){.policyd = &policyd,
		.next = &other,
		.serial = 1,
		.id = VIEW_MNT,
		.userns = VIEW_USER,
		.root_uid = 100000,
		.root_gid = 100000};
	other = (struct view){
		.policyd = &policyd, .serial = 2, .id = 6001, .userns = 6002, .root_uid = 200000};
}

static void teardown(void)
{
	static const char *const names[] = {"7/ns/user", "7/ns/mnt", "7/status"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		unlinkat(policyd.proc_fd, names[i], 0);
	unlinkat(policyd.proc_fd, "7/ns", AT_REMOVEDIR);
	unlinkat(policyd.proc_fd, "7", AT_REMOVEDIR);
	close(policyd.proc_fd);
	ck_assert_int_eq(rmdir(dir), 0);
}

static void make_ns(const char *type, unsigned inode)
{
	char path[32], target[32];

	snprintf(path, sizeof(path), "7/ns/%s", type);
	snprintf(target, sizeof(target), "%s:[%u]", type, inode);
	unlinkat(policyd.proc_fd, path, 0);
	ck_assert_int_eq(symlinkat(target, policyd.proc_fd, path), 0);
}

/* Thread 7, as /proc shows it. */
static void make_thread(uint32_t uid, uint64_t caps, unsigned user, unsigned mnt)
{
	_cleanup_close_ int fd = -1;

	mkdirat(policyd.proc_fd, "7", 0755);
	mkdirat(policyd.proc_fd, "7/ns", 0755);
	fd = openat(policyd.proc_fd, "7/status", O_WRONLY | O_CREAT | O_TRUNC, 0644);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_gt(dprintf(fd,
				 "Name:\tx\nUid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n"
				 "CapEff:\t%016llx\nNoNewPrivs:\t0\n",
				 uid, uid, uid, uid, uid, uid, uid, uid, (unsigned long long)caps),
		0);
	make_ns("user", user);
	make_ns("mnt", mnt);
}

static const struct {
	const char *who;
	uint32_t uid;
	uint64_t caps;
	unsigned user, mnt;
	int admin, read; /* what each need gives */
} cases[] = {
	{"the container's root", 100000, ADMIN | MAC, VIEW_USER, VIEW_MNT, 0, 0},
	{"with CAP_MAC_ADMIN alone", 100000, MAC, VIEW_USER, VIEW_MNT, 0, 0},
	{"root without the capabilities", 100000, DAC, VIEW_USER, VIEW_MNT, -EPERM, 0},
	{"a user of the container", 101000, 0, VIEW_USER, VIEW_MNT, -EACCES, -EACCES},
	{"a user with CAP_DAC_OVERRIDE", 101000, DAC, VIEW_USER, VIEW_MNT, -EPERM, -EPERM},
	{"root after unshare -m", 100000, ADMIN, VIEW_USER, 5003, 0, 0},
	{"root of a nested user namespace", 100000, ADMIN | MAC, 5004, VIEW_MNT, -EPERM, -EPERM},
	{"the same in a mount namespace of its own", 100000, ADMIN | MAC, 5004, 5003, -EACCES,
		-EACCES},
	{"the host's root", 0, ADMIN | MAC, INIT_USER, HOST_MNT, 0, 0},
	{"the host's root without CAP_SYS_ADMIN", 0, MAC, INIT_USER, HOST_MNT, -EACCES, -EACCES},
	{"a host's user", 1000, 0, INIT_USER, HOST_MNT, -EACCES, -EACCES},
	/* Another namespace's anything, though a descriptor or /proc path got there. */
	{"another container's root", 200000, ADMIN | MAC, 6002, 6001, -EACCES, -EACCES},
	{"a privileged container's root", 0, ADMIN | MAC, INIT_USER, 6001, -EACCES, -EACCES},
	{"another container in the same user namespace", 100000, ADMIN | MAC, VIEW_USER, 6001,
		-EACCES, -EACCES},
};

START_TEST(test_open)
{
	struct judge_caller caller;
	int admin, reader;

	make_thread(cases[_i].uid, cases[_i].caps, cases[_i].user, cases[_i].mnt);
	admin = judge_open(&view, JUDGE_ADMIN, 7, cases[_i].uid, cases[_i].uid, &caller);
	reader = judge_open(&view, JUDGE_READ, 7, cases[_i].uid, cases[_i].uid, &caller);
	ck_assert_msg(admin == cases[_i].admin, "%s: admin %d", cases[_i].who, admin);
	ck_assert_msg(reader == cases[_i].read, "%s: read %d", cases[_i].who, reader);
}
END_TEST

START_TEST(test_unbound)
{
	struct judge_caller caller;

	make_thread(0, ADMIN, INIT_USER, HOST_MNT);
	view.id = 0;
	ck_assert_int_eq(judge_open(&view, JUDGE_READ, 7, 0, 0, &caller), -EACCES);
}
END_TEST

/* vsecfs names a thread, but the ids that come with it must be that thread's. */
START_TEST(test_liar)
{
	struct judge_caller caller;

	make_thread(100000, ADMIN, VIEW_USER, VIEW_MNT);
	ck_assert_int_eq(judge_open(&view, JUDGE_ADMIN, 7, 0, 100000, &caller), -EACCES);
	ck_assert_int_eq(judge_open(&view, JUDGE_ADMIN, 7, 100000, 0, &caller), -EACCES);
	ck_assert_int_eq(judge_open(&view, JUDGE_ADMIN, 8, 100000, 100000, &caller), -EACCES);
	ck_assert_int_eq(judge_open(&view, JUDGE_ADMIN, 0, 100000, 100000, &caller), -EACCES);
	ck_assert_int_eq(judge_open(&view, JUDGE_ADMIN, -7, 100000, 100000, &caller), -EACCES);
}
END_TEST

/* A new namespace that has got the number of a dead one, whose view a descriptor still reaches. */
START_TEST(test_reused_number)
{
	struct judge_caller caller;

	make_thread(100000, ADMIN, VIEW_USER, VIEW_MNT);
	view.id64 = 1;
	ck_assert_int_eq(judge_open(&view, JUDGE_READ, 7, 100000, 100000, &caller), -EACCES);
}
END_TEST

static const struct {
	uint32_t uid;
	uint64_t caps;
	unsigned user, mnt;
	int result;
} writers[] = {
	{100000, ADMIN, VIEW_USER, VIEW_MNT, 0}, {0, ADMIN, VIEW_USER, VIEW_MNT, -EACCES},
	/* handed to a more privileged process */
	{100000, ADMIN | MAC, VIEW_USER, VIEW_MNT, -EACCES},
	{100000, 0, VIEW_USER, VIEW_MNT, -EACCES}, {100000, ADMIN, INIT_USER, VIEW_MNT, -EACCES},
	{100000, ADMIN, VIEW_USER, 5003, 0},       /* after unshare -m */
	{100000, ADMIN, VIEW_USER, 6001, -EACCES}, /* handed to another container */
};

START_TEST(test_write)
{
	struct judge_caller opened;
	int r;

	make_thread(100000, ADMIN, VIEW_USER, VIEW_MNT);
	ck_assert_int_eq(judge_open(&view, JUDGE_ADMIN, 7, 100000, 100000, &opened), 0);
	make_thread(writers[_i].uid, writers[_i].caps, writers[_i].user, writers[_i].mnt);
	r = judge_write(&view, &opened, 7, writers[_i].uid, writers[_i].uid);
	ck_assert_msg(r == writers[_i].result, "%d: %d", _i, r);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policyd-judge");
	TCase *tc = tcase_create("judge");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_open, 0, ARRAY_SIZE(cases));
	tcase_add_test(tc, test_unbound);
	tcase_add_test(tc, test_liar);
	tcase_add_test(tc, test_reused_number);
	tcase_add_loop_test(tc, test_write, 0, ARRAY_SIZE(writers));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
