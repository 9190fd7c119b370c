/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "announced.h"

static struct announced_thread *slot(struct announced *announced, pid_t tid)
{
	return &announced->threads[(unsigned)tid % ANNOUNCED_MAX];
}

void announced_add(struct announced *announced, pid_t tid, const struct announced_file *file)
{
	struct announced_thread *thread = slot(announced, tid);

	if (thread->tid != tid)
		*thread = (struct announced_thread){.tid = tid};
	thread->script |= file->script;
	thread->mount_ids[thread->n++ % ANNOUNCED_MOUNTS_MAX] = file->mount_id;
	thread->dev = file->dev;
	thread->ino = file->ino;
}

bool announced_last(
	const struct announced *announced, pid_t tid, uint64_t *ret_dev, uint64_t *ret_ino)
{
	const struct announced_thread *thread = &announced->threads[(unsigned)tid % ANNOUNCED_MAX];

	if (!tid || thread->tid != tid)
		return false;
	*ret_dev = thread->dev;
	*ret_ino = thread->ino;
	return true;
}

static void take(
	struct announced *announced, pid_t tid, uint64_t mount_id, struct announced_for *found)
{
	struct announced_thread *thread = slot(announced, tid);

	if (thread->tid != tid)
		return;
	for (unsigned i = 0; i < ANNOUNCED_MOUNTS_MAX && i < thread->n; i++)
		found->mount |= thread->mount_ids[i] == mount_id;
	found->script |= thread->script;
	thread->tid = 0;
}

void announced_take(struct announced *announced, pid_t pid, pid_t tid, uint64_t mount_id,
	struct announced_for *ret_for)
{
	*ret_for = (struct announced_for){0};
	take(announced, pid, mount_id, ret_for);
	if (tid != pid)
		take(announced, tid, mount_id, ret_for);
}
