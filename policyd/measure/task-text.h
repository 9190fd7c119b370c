/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the text of /proc/TID/syscall and /proc/TID/stack says about a thread that waits for the
 * answer to a permission event. Pure. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Registers of the system call that a thread is blocked in. They are the kernel's copy, saved at
 * entry: no other thread changes them while it waits. */
struct task_syscall {
	bool known; /* false: the thread's mode of access cannot be told from it */
	long number;
	uint64_t args[6];
};

/* Parses /proc/TID/syscall ("running" and everything unexpected: not known).
 *
 * A worker of io_uring starts with a copy of its creator's registers, number and arguments of
 * whatever call that was in, so a hostile creator could make an open for writing look like one for
 * reading. The kernel sets a worker's instruction pointer to 0 (copy_thread()), which no thread
 * that came from user space has: that is not known either. */
void task_parse_syscall(const char *text, struct task_syscall *ret_syscall);

enum task_role {
	TASK_PROGRAM,     /* what execve(2) was asked to run, or the interpreter of a script */
	TASK_INTERPRETER, /* the ELF interpreter (ld.so) of such a program */
	TASK_EITHER,      /* the stack does not tell: to be judged as both */
};

/* Why is this thread opening an executable? text: /proc/TID/stack, innermost frame first. The ELF
 * loader opens the interpreter itself, so load_elf_binary stands between the open and the frame
 * that began the execution; a program is opened by the latter directly. The order matters: an
 * unwinder that guesses may list frames of long ago further out, or on both sides. */
enum task_role task_parse_stack(const char *text);

/* How open(2) and its like open a file, from the flags, as build_open_flags() (fs/open.c). */
struct task_open {
	bool known;
	unsigned mask; /* IMA_MAY_*: acc_mode */
	bool write;    /* FMODE_WRITE */
};
void task_open_mode(const struct task_syscall *syscall, struct task_open *ret_open);

/* Is it execve(2) or execveat(2)? */
bool task_in_exec(const struct task_syscall *syscall);
