/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unmounted.h"

#include <errno.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "list-file.h"
#include "policyd/kernel/member.h"
#include "policyd/kernel/mount.h"
#include "policyd/policyd.h"
#include "policyd/server/server.h"

#define POLL_MS 1000

static int watch(struct view *view);

static int recheck(struct view *view)
{
	if (watch(view) < 0) {
		log_info("view %llu '%s': its namespace is gone", (unsigned long long)view->id,
			view->name);
		server_session_drop(view->policyd, view->serial);
		registry_remove(view->policyd, view);
	}
	return 0;
}

static int on_poll(struct loop_timer *timer, void *userdata)
{
	(void)timer;
	return recheck(userdata);
}

static int on_member_gone(struct loop_source *source, uint32_t events, void *userdata)
{
	(void)source;
	(void)events;
	return recheck(userdata);
}

static void unwatch(struct view *view)
{
	loop_timer_stop(&view->member_timer);
	loop_remove(&view->member_source);
	close_fd(&view->member_fd);
}

/* Waits for the end of some process of the namespace; where there is none, looks now and then
 * whether a descriptor or a mount still holds it, for by that a process can come back to it. 0;
 * -ESRCH; -errno. */
static int watch(struct view *view)
{
	_cleanup_close_ int fd = -1;
	pid_t pid;
	int r;

	unwatch(view);
	fd = member_open(view, &pid);
	if (fd == -ESRCH && mount_namespace_lives(view->id64) > 0)
		return loop_timer_start(
			view->policyd->loop, &view->member_timer, POLL_MS, on_poll, view);
	if (fd < 0)
		return fd;
	r = loop_add(view->policyd->loop, &view->member_source, fd, EPOLLIN, on_member_gone, view);
	if (r < 0)
		return r;
	view->member_fd = take_fd(&fd);
	return 0;
}

int unmounted_keep(struct view *view)
{
	/* Without the 64-bit id a new namespace with this one's number could inherit what was not
	 * meant for it. */
	int r = view->id64 && !view->detaching ? watch(view) : -ESRCH;

	if (r < 0)
		return r;
	if (view->spare_mount_fd >= 0) /* nobody but us can end that one: vsecfs cannot serve it */
		return -EIO;
	/* Through descriptors of the superblock that is gone; the host's go on. */
	handle_drop_face(view, FACE_CONTAINER);
	close_fd(&view->fuse_fd);
	close_fd(&view->spare_mount_fd);
	r = mount_fuse_new(&view->fuse_fd, &view->spare_mount_fd);
	if (r == 0)
		r = mount_dev(view->spare_mount_fd, &view->dev);
	if (r == 0)
		r = server_session_add(view->policyd, view->serial, FACE_CONTAINER, view->fuse_fd,
			list_file_reader(view->list));
	if (r == 0)
		log_warning(
			"view %llu '%s' was unmounted inside; it goes on, and attach puts it back",
			(unsigned long long)view->id, view->name);
	return r;
}

int unmounted_take(struct view *view)
{
	unwatch(view);
	return take_fd(&view->spare_mount_fd);
}

void unmounted_done(struct view *view)
{
	unwatch(view);
	close_fd(&view->spare_mount_fd);
}
