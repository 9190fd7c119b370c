/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which checks an access passes, in the kernel's order. */
#include <linux/capability.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "policyd/measure/decide.h"
#include "unit.h"

#define R IMA_MAY_READ
#define W IMA_MAY_WRITE
#define X IMA_MAY_EXEC
#define A IMA_MAY_APPEND

#define FILE(m, r, w)                                                                              \
	{                                                                                          \
		IMA_FILE_CHECK, m, r, w, false                                                     \
	}
#define MMAP(r, w)                                                                                 \
	{                                                                                          \
		IMA_MMAP_CHECK, X, r, w, false                                                     \
	}
#define BPRM                                                                                       \
	{                                                                                          \
		IMA_BPRM_CHECK, X, true, false, false                                              \
	}
#define CREDS                                                                                      \
	{                                                                                          \
		IMA_CREDS_CHECK, X, true, false, true                                              \
	}

static const struct {
	struct decide_use use;
	unsigned n;
	struct decide_check checks[DECIDE_CHECKS_MAX];
} cases[] = {
	/* A script is no ELF object: nothing of it is mapped. */
	{{.exec = true, .role = TASK_PROGRAM}, 3, {FILE(X, true, false), BPRM, CREDS}},
	{{.exec = true, .role = TASK_PROGRAM, .mapped = true}, 4,
		{FILE(X, true, false), BPRM, CREDS, MMAP(true, false)}},
	{{.exec = true, .role = TASK_INTERPRETER, .mapped = true}, 2,
		{FILE(X, true, false), MMAP(true, false)}},
	/* What the stack does not tell is judged as both. */
	{{.exec = true, .role = TASK_EITHER, .mapped = true}, 4,
		{FILE(X, true, false), BPRM, CREDS, MMAP(true, false)}},
	{{.open = {true, R, false}}, 1, {FILE(R, true, false)}},
	{{.open = {true, R, false}, .mapped = true}, 2, {FILE(R, true, false), MMAP(true, false)}},
	{{.open = {true, W, true}, .mapped = true}, 1, {FILE(W, false, true)}},
	{{.open = {true, R | W, true}, .mapped = true}, 2,
		{FILE(R | W, false, true), MMAP(false, true)}},
	{{.open = {true, W | A, true}}, 1, {FILE(W | A, false, true)}},
	/* O_RDONLY | O_TRUNC asks to write, but the file is a reader's. */
	{{.open = {true, R | W, false}}, 1, {FILE(R | W, true, false)}},
	{{.open = {false, 0, false}, .mapped = true}, 7,
		{FILE(R, true, true), FILE(W, true, true), FILE(R | W, true, true),
			FILE(R | A, true, true), FILE(W | A, true, true),
			FILE(R | W | A, true, true), MMAP(true, true)}},
};

START_TEST(test_checks)
{
	struct decide_check checks[DECIDE_CHECKS_MAX];
	unsigned n = decide_checks(&cases[_i].use, checks);

	ck_assert_uint_eq(n, cases[_i].n);
	for (unsigned i = 0; i < n; i++) {
		const struct decide_check *want = &cases[_i].checks[i];

		ck_assert_int_eq(checks[i].func, want->func);
		ck_assert_uint_eq(checks[i].mask, want->mask);
		ck_assert_int_eq(checks[i].reader, want->reader);
		ck_assert_int_eq(checks[i].writer, want->writer);
		ck_assert_int_eq(checks[i].after_exec, want->after_exec);
	}
}
END_TEST

static const struct {
	struct decide_file file;
	bool no_new_privs;
	uint32_t euid, egid;
} set_ids[] = {
	{{.mode = 0755, .uid = 7, .gid = 8}, false, 1000, 1000},
	{{.mode = S_ISUID | 0755, .uid = 7, .gid = 8}, false, 7, 1000},
	{{.mode = S_ISGID | 0755, .uid = 7, .gid = 8}, false, 1000, 8},
	/* Without group execution it is mandatory locking, not an id. */
	{{.mode = S_ISGID | 0745, .uid = 7, .gid = 8}, false, 1000, 1000},
	{{.mode = S_ISUID | S_ISGID | 0755, .uid = 7, .gid = 8}, false, 7, 8},
	{{.mode = S_ISUID | S_ISGID | 0755, .uid = 7, .gid = 8, .nosuid = true}, false, 1000, 1000},
	{{.mode = S_ISUID | S_ISGID | 0755, .uid = 7, .gid = 8}, true, 1000, 1000},
};

START_TEST(test_set_ids)
{
	struct proc_creds creds = {.uid = 1000,
		.euid = 1000,
		.suid = 5,
		.gid = 1000,
		.egid = 1000,
		.sgid = 6,
		.no_new_privs = set_ids[_i].no_new_privs};

	decide_creds_after_exec(&set_ids[_i].file, &creds);
	ck_assert_uint_eq(creds.uid, 1000);
	ck_assert_uint_eq(creds.euid, set_ids[_i].euid);
	ck_assert_uint_eq(creds.suid, set_ids[_i].euid);
	ck_assert_uint_eq(creds.gid, 1000);
	ck_assert_uint_eq(creds.egid, set_ids[_i].egid);
	ck_assert_uint_eq(creds.sgid, set_ids[_i].egid);
}
END_TEST

START_TEST(test_foreign_capabilities)
{
	struct proc_creds creds = {.uid = 1, .euid = 2, .cap_effective = 1ull << CAP_SETUID};
	struct ima_access access = {0};

	decide_add_creds(&creds, true, &access);
	ck_assert(access.cap_setuid && !access.cap_setgid);
	ck_assert_uint_eq(access.uid, 1);
	ck_assert_uint_eq(access.euid, 2);
	/* Capabilities in a user namespace that the container made itself are no privilege here. */
	decide_add_creds(&creds, false, &access);
	ck_assert(!access.cap_setuid);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("measure-decide");
	TCase *tc = tcase_create("decide");

	tcase_add_loop_test(tc, test_checks, 0, ARRAY_SIZE(cases));
	tcase_add_loop_test(tc, test_set_ids, 0, ARRAY_SIZE(set_ids));
	tcase_add_test(tc, test_foreign_capabilities);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
