/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /proc/TID/syscall and /proc/TID/stack of a thread that waits for a permission event. The numbers
 * of system calls are x86-64's. */
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>

#include "common/cleanup.h"
#include "policyd/measure/task-text.h"
#include "unit.h"
#include "vsecfs/ima.h"

#define R IMA_MAY_READ
#define W IMA_MAY_WRITE
#define A IMA_MAY_APPEND

static const struct {
	const char *text;
	bool known, in_exec, mode_known;
	unsigned mask;
	bool write;
} calls[] = {
#ifdef __x86_64__
	/* Recorded on Linux 6.18. */
	{"257 0xffffff9c 0x7fe7de52d3e0 0x80000 0x0 0x0 0x0 0x7ffd0c1f5a48 0x7fe7de557a8c\n", true,
		false, true, R, false},
	{"59 0x55d0c9a3a4f8 0x55d0c9a3a510 0x55d0c9a3a528 0x8 0x0 0x0 0x7ffe3f4d8e28 "
	 "0x7f1f0d6c4a37\n",
		true, true, false, 0, false},
	{"322 0x5 0x1 0x1 0x1 0x1000 0x0 0x7ffe3f4d8e28 0x7f1f0d6c4a37\n", true, true, false, 0,
		false},
	{"257 0xffffff9c 0x1 0x1 0x1b6 0x0 0x0 0x7 0x7\n", true, false, true, W, true},
	{"257 0xffffff9c 0x1 0x2 0x1b6 0x0 0x0 0x7 0x7\n", true, false, true, R | W, true},
	/* As build_open_flags(): O_ACCMODE reads and writes, but gives no FMODE_WRITE. */
	{"257 0xffffff9c 0x1 0x3 0x1b6 0x0 0x0 0x7 0x7\n", true, false, true, R | W, false},
	{"257 0xffffff9c 0x1 0x401 0x1b6 0x0 0x0 0x7 0x7\n", true, false, true, W | A, true},
	{"257 0xffffff9c 0x1 0x200 0x1b6 0x0 0x0 0x7 0x7\n", true, false, true, R | W, false},
	{"2 0x1 0x241 0x1b6 0x0 0x0 0x0 0x7 0x7\n", true, false, true, W, true},
	{"85 0x1 0x1b6 0x0 0x0 0x0 0x0 0x7 0x7\n", true, false, true, W, true},
	/* openat2, io_uring_enter, x32's open: what they open with lies elsewhere. */
	{"437 0xffffff9c 0x1 0x1 0x18 0x0 0x0 0x7 0x7\n", true, false, false, 0, false},
	{"426 0x3 0x1 0x1 0x1 0x0 0x0 0x7 0x7\n", true, false, false, 0, false},
	{"1073741826 0x1 0x0 0x0 0x0 0x0 0x0 0x7 0x7\n", true, false, false, 0, false},
	/* A worker of io_uring carries its creator's registers, but no instruction pointer. */
	{"257 0xffffff9c 0x1 0x0 0x0 0x0 0x0 0x0 0x0\n", false, false, false, 0, false},
#endif
	{"running\n", false, false, false, 0, false},
	{"-1 0x7ffd0c1f5a48 0x7fe7de557a8c\n", false, false, false, 0, false},
	{"", false, false, false, 0, false},
	{"257\n", false, false, false, 0, false},
	{"257 0x1 0x2 0x3 0x4 0x5 0x6 0x7\n", false, false, false, 0, false},
	{"257 0x1 0x2 0x3 0x4 0x5 zzz 0x7 0x8\n", false, false, false, 0, false},
	{"99999999999999999999 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n", false, false, false, 0, false},
	{"4294967296 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n", false, false, false, 0, false},
};

START_TEST(test_call)
{
	struct task_syscall call;
	struct task_open open;

	task_parse_syscall(calls[_i].text, &call);
	task_open_mode(&call, &open);
	ck_assert_int_eq(call.known, calls[_i].known);
	ck_assert_int_eq(task_in_exec(&call), calls[_i].in_exec);
	ck_assert_int_eq(open.known, calls[_i].mode_known);
	ck_assert_uint_eq(open.mask, calls[_i].mask);
	ck_assert_int_eq(open.write, calls[_i].write);
}
END_TEST

static const struct {
	const char *text;
	enum task_role role;
} stacks[] = {
	{"[<0>] fanotify_handle_event+0xb97/0x1230\n[<0>] fsnotify+0x2f4/0x9a0\n"
	 "[<0>] do_dentry_open+0x1c4/0x4e0\n[<0>] do_open_execat+0xc6/0x150\n"
	 "[<0>] alloc_bprm+0x23/0x3b0\n[<0>] do_execveat_common.isra.0+0x6c/0x1c0\n",
		TASK_PROGRAM},
	{"[<0>] fanotify_handle_event+0xb97/0x1230\n[<0>] do_open_execat+0xc6/0x150\n"
	 "[<0>] open_exec+0x2d/0x50\n[<0>] load_elf_binary+0x2c1/0x1770\n"
	 "[<0>] bprm_execve+0x2a8/0x6b0\n[<0>] do_execveat_common.isra.0+0x1ad/0x1c0\n",
		TASK_INTERPRETER},
	/* A script's interpreter is executed as a program. */
	{"[<0>] do_open_execat+0xc6/0x150\n[<0>] open_exec+0x2d/0x50\n"
	 "[<0>] load_script+0x21c/0x2b0\n[<0>] bprm_execve+0x2a8/0x6b0\n",
		TASK_PROGRAM},
	/* An older kernel, and names as compilers change them. */
	{"[<0>] do_open_execat+0x1/0x2\n[<0>] bprm_execve.part.0+0x1/0x2\n", TASK_PROGRAM},
	{"[<0>] open_exec+0x1/0x2\n[<0>] load_elf_binary.cold+0x1/0x2\n", TASK_INTERPRETER},
	/* A guessing unwinder shows what an earlier execution left further out. */
	{"[<0>] alloc_bprm+0x23/0x3b0\n[<0>] load_elf_binary+0x2c1/0x1770\n", TASK_PROGRAM},
	/* The name as a part of another one is not it. */
	{"[<0>] my_load_elf_binary2+0x1/0x2\n", TASK_EITHER},
	{"", TASK_EITHER},
	{"\n\n", TASK_EITHER},
	{"[<0>] 0xffffffff81234567\n", TASK_EITHER},
};

START_TEST(test_stack)
{
	ck_assert_int_eq(task_parse_stack(stacks[_i].text), stacks[_i].role);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("measure-task-text");
	TCase *tc = tcase_create("task-text");

	tcase_add_loop_test(tc, test_call, 0, ARRAY_SIZE(calls));
	tcase_add_loop_test(tc, test_stack, 0, ARRAY_SIZE(stacks));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
