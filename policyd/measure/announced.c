/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "announced.h"

#include "common/cleanup.h"

static size_t slot(pid_t tid)
{
	return (unsigned)tid % ANNOUNCED_MAX;
}

void announced_add(struct announced *announced, pid_t tid, const struct announced_file *file)
{
	struct announced_thread *thread = &announced->threads[slot(tid)];

	if (thread->tid != tid)
		*thread = (struct announced_thread){.tid = tid};
	thread->files[thread->n++ % ANNOUNCED_FILES_MAX] = *file;
}

const struct announced_file *announced_last(const struct announced *announced, pid_t tid)
{
	const struct announced_thread *thread = &announced->threads[slot(tid)];
	const struct announced_file *file;

	if (tid <= 0 || thread->tid != tid || !thread->n)
		return NULL;
	file = &thread->files[(thread->n - 1) % ANNOUNCED_FILES_MAX];
	return file->time_ns ? file : NULL;
}

void announced_take(struct announced *announced, pid_t tid, uint64_t mount_id, uint64_t time_ns,
	struct announced_for *ret_for)
{
	struct announced_thread *thread = &announced->threads[slot(tid)];

	*ret_for = (struct announced_for){0};
	if (tid <= 0 || thread->tid != tid)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(thread->files); i++) {
		struct announced_file *file = &thread->files[i];

		if (!file->time_ns || file->time_ns > time_ns)
			continue;
		ret_for->script |= file->script;
		if (file->mount_id == mount_id) {
			ret_for->mount = true;
			ret_for->time_ns = MAX(ret_for->time_ns, file->time_ns);
		}
		*file = (struct announced_file){0};
	}
}
