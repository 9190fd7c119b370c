/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "executing.h"

#include "measurer.h"
#include "task.h"

static struct executing_thread *place(struct measurer *measurer, pid_t tid)
{
	return &measurer->executing.threads[(unsigned)tid % EXECUTING_MAX];
}

static bool is_about(const struct executing_thread *thread, const struct file *file)
{
	return thread->tid && thread->dev == file->dev && thread->ino == file->ino;
}

void executing_add(struct measurer *measurer, pid_t tid, const struct file *file, bool told)
{
	struct executing_thread *thread = place(measurer, tid);
	struct cache_entry *entry;

	if (!thread->tid)
		measurer->executing.n++;
	if (thread->tid && thread->tid != tid && !thread->told) {
		entry = cache_find(measurer->cache, thread->dev, thread->ino);
		if (entry)
			entry->maybe_executing = true;
	}
	*thread = (struct executing_thread){
		.tid = tid, .dev = file->dev, .ino = file->ino, .told = told};
}

bool executing_is_second(
	struct measurer *measurer, pid_t tid, const struct file *file, bool in_exec)
{
	struct executing_thread *thread = place(measurer, tid);

	if (thread->tid != tid || !is_about(thread, file) || thread->second)
		return false;
	thread->second = true;
	return in_exec;
}

bool executing_written(struct measurer *measurer, const struct file *file)
{
	struct cache_entry *entry = cache_find(measurer->cache, file->dev, file->ino);
	bool result = entry && entry->maybe_executing;

	if (entry)
		entry->maybe_executing = false;
	for (unsigned i = 0; i < EXECUTING_MAX && measurer->executing.n; i++) {
		struct executing_thread *thread = &measurer->executing.threads[i];

		if (!is_about(thread, file) || thread->told)
			continue;
		thread->told = result = true;
	}
	return result;
}

void executing_sweep(struct measurer *measurer)
{
	for (unsigned i = 0; i < EXECUTING_MAX && measurer->executing.n; i++) {
		struct executing_thread *thread = &measurer->executing.threads[i];

		if (!thread->tid)
			continue;
		if (thread->out) {
			thread->tid = 0;
			measurer->executing.n--;
		} else {
			thread->out = !task_maybe_in_exec(measurer->proc_fd, thread->tid);
		}
	}
}
