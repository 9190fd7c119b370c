/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "task-text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "vsecfs/ima.h"
#include "common/cleanup.h"

static int parse_word(const char **text, int base, uint64_t *ret_value)
{
	char *end;

	while (**text == ' ')
		(*text)++;
	if (!strchr("0123456789", **text) || !**text)
		return -EINVAL;
	errno = 0;
	*ret_value = strtoull(*text, &end, base);
	if (errno || (*end && *end != ' ' && *end != '\n'))
		return -EINVAL;
	*text = end;
	return 0;
}

void task_parse_syscall(const char *text, struct task_syscall *ret_syscall)
{
	struct task_syscall call = {0};
	uint64_t number, sp, pc;

	*ret_syscall = call;
	if (parse_word(&text, 10, &number) < 0 || number > INT32_MAX)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(call.args); i++) {
		if (parse_word(&text, 16, &call.args[i]) < 0)
			return;
	}
	if (parse_word(&text, 16, &sp) < 0 || parse_word(&text, 16, &pc) < 0)
		return;
	call.number = (long)number;
	call.known = pc != 0;
	*ret_syscall = call;
}

/* Does the frame's line name function, maybe with a compiler's suffix (".isra.0")? */
static bool frame_is(const char *line, size_t n, const char *function)
{
	size_t n_function = strlen(function);

	for (size_t i = 1; i + n_function < n; i++) {
		char before = line[i - 1], after = line[i + n_function];

		if ((before == ' ' || before == '_') && (after == '+' || after == '.') &&
			!memcmp(line + i, function, n_function))
			return true;
	}
	return false;
}

enum task_role task_parse_stack(const char *text)
{
	/* The last three begin an execution: 6.8 and later open the program in alloc_bprm(), older
	 * kernels in bprm_execve(). */
	static const char *const begin[] = {"alloc_bprm", "bprm_execve", "do_execveat_common",
		"do_execveat", "do_execve", "kernel_execve"};

	while (*text) {
		size_t n = strcspn(text, "\n");

		if (frame_is(text, n, "load_elf_binary"))
			return TASK_INTERPRETER;
		for (size_t i = 0; i < ARRAY_SIZE(begin); i++) {
			if (frame_is(text, n, begin[i]))
				return TASK_PROGRAM;
		}
		text += n + (text[n] == '\n');
	}
	return TASK_EITHER;
}

/* The call's open flags. Numbers are those of the native system call table. The i386 table of
 * x86-64 has no call that opens a file under a number used here (2 fork, 85 readlink, 257
 * remap_file_pages), so int 0x80 cannot pass for another open; x32's carry bit 30. openat2(2)'s
 * flags lie in user memory, where another thread can change them after the kernel has read them;
 * io_uring_enter(2) opens in the name of a request: neither is known. */
static bool open_flags(const struct task_syscall *syscall, uint64_t *ret_flags)
{
	if (!syscall->known)
		return false;
	switch (syscall->number) {
#ifdef SYS_open
	case SYS_open:
		*ret_flags = syscall->args[1];
		return true;
#endif
#ifdef SYS_creat
	case SYS_creat:
		*ret_flags = O_CREAT | O_WRONLY | O_TRUNC;
		return true;
#endif
	case SYS_openat:
		*ret_flags = syscall->args[2];
		return true;
	default:
		return false;
	}
}

void task_open_mode(const struct task_syscall *syscall, struct task_open *ret_open)
{
	static const unsigned acc_mode[] = {IMA_MAY_READ, IMA_MAY_WRITE,
		IMA_MAY_READ | IMA_MAY_WRITE, IMA_MAY_READ | IMA_MAY_WRITE};
	uint64_t flags;

	*ret_open = (struct task_open){0};
	if (!open_flags(syscall, &flags))
		return;
	ret_open->known = true;
	ret_open->mask = acc_mode[flags & O_ACCMODE];
	if (flags & O_TRUNC)
		ret_open->mask |= IMA_MAY_WRITE;
	if (flags & O_APPEND)
		ret_open->mask |= IMA_MAY_APPEND;
	ret_open->write = (flags & O_ACCMODE) == O_WRONLY || (flags & O_ACCMODE) == O_RDWR;
}

bool task_in_exec(const struct task_syscall *syscall)
{
	if (!syscall->known)
		return false;
	return syscall->number == SYS_execve || syscall->number == SYS_execveat;
}
