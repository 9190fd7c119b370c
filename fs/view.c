/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "view.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "common/cleanup.h"

#define PCRS_RETRY 1000 /* a writer that overtakes us this often is not a writer */

_Static_assert(sizeof(struct view_head) <= VIEW_HEAD_SIZE, "the head must fit before the entries");

/* Learns the file's length: bytes beyond it must not be touched (SIGBUS), mapped or not. */
static int look(struct view *view)
{
	struct stat st;

	if (fstat(view->fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size < (off_t)VIEW_HEAD_SIZE ||
		(uint64_t)st.st_size > VIEW_FILE_MAX)
		return -EPROTO;
	view->n_file = (size_t)st.st_size;
	return 0;
}

int view_init(struct view *view, int fd, uint32_t serial)
{
	struct view new = {.fd = fd};
	uint32_t head[3]; /* magic, version, serial */
	ssize_t n;
	int r;

	r = look(&new);
	if (r < 0)
		return r;
	n = pread(fd, head, sizeof(head), 0);
	if (n < 0)
		return -errno;
	if (n != sizeof(head) || head[0] != VIEW_MAGIC || head[1] != VIEW_VERSION ||
		head[2] != serial)
		return -EPROTO;
	*view = new;
	return 0;
}

void view_done(struct view *view)
{
	if (view->base)
		munmap(view->base, VIEW_FILE_MAX);
	list_index_done(&view->index);
	if (view->fd >= 0)
		close_fd(&view->fd);
	*view = (struct view){.fd = -1};
}

/* Maps all that the file may ever become, once: address space costs nothing, and a pointer into the
 * mapping stays good while the list grows. */
static int map(struct view *view)
{
	void *base;
	int r;

	if (view->fd < 0)
		return -EBADF;
	r = look(view);
	if (r < 0 || view->base)
		return r;
	base = mmap(NULL, VIEW_FILE_MAX, PROT_READ, MAP_SHARED | MAP_NORESERVE, view->fd, 0);
	if (base == MAP_FAILED)
		return -errno;
	view->base = base;
	return 0;
}

const struct view_head *view_head(struct view *view)
{
	if (!view->base && map(view) < 0)
		return NULL;
	return (const struct view_head *)view->base;
}

int view_list(struct view *view, struct list *ret_list)
{
	const struct view_head *head = view_head(view);
	uint64_t last;
	int r;

	if (!head)
		return -ENOMEM;
	last = atomic_load_explicit(&head->last, memory_order_acquire);
	r = list_open(view->base, view->n_file, last, ret_list);
	if (r != -EAGAIN)
		return r;
	r = map(view);
	if (r < 0)
		return r;
	r = list_open(view->base, view->n_file, last, ret_list);
	return r == -EAGAIN ? -EIO : r;
}

int view_pcrs(struct view *view, struct view_pcrs *ret_pcrs)
{
	for (int i = 0; i < PCRS_RETRY; i++) {
		const struct view_head *head;
		struct list before, after;
		int r;

		r = view_list(view, &before);
		if (r < 0)
			return r;
		head = (const struct view_head *)view->base;
		memcpy(ret_pcrs, &head->pcrs[list_count(&before) & 1], sizeof(*ret_pcrs));
		atomic_thread_fence(memory_order_acquire);
		/* While `last` stands still, only the other half is being written. */
		r = view_list(view, &after);
		if (r < 0)
			return r;
		if (list_count(&before) == list_count(&after))
			return 0;
	}
	return -EIO;
}

uint64_t view_id(struct view *view)
{
	const struct view_head *head;

	if (!view->id) {
		head = view_head(view);
		view->id = head ? atomic_load_explicit(&head->id, memory_order_acquire) : 0;
	}
	return view->id;
}
