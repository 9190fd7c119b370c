/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "measurer.h"

#include <errno.h>
#include <sys/sysmacros.h>

#include "common/cleanup.h"
#include "policyd/kernel/member.h"

int measurer_send_target(struct measurer *m)
{
	/* The view itself is never marked: the kernel would ask about reading of the list. */
	struct measure_target target = {
		.pid = m->target, .view_dev = major(m->view->dev) << 20 | minor(m->view->dev)};

	return wire_send(&m->wire, MEASURE_TARGET, 0, &target, NULL, 0, NULL, 0);
}

static int on_target_gone(struct loop_source *source, uint32_t events, void *userdata)
{
	struct measurer *m = userdata;

	(void)source;
	(void)events;
	(void)measurer_find_target(m);
	if (m->pid && measurer_send_target(m) < 0)
		measurer_lost(m, "cannot be told its namespace");
	return 0;
}

void measurer_drop_target(struct measurer *m)
{
	loop_remove(&m->target_source);
	close_fd(&m->target_pid_fd);
	m->target = 0;
}

int measurer_find_target(struct measurer *m)
{
	_cleanup_close_ int fd = -1;
	pid_t pid;
	int r;

	measurer_drop_target(m);
	fd = member_open(m->view, &pid);
	if (fd < 0)
		return fd;
	r = loop_add(m->view->policyd->loop, &m->target_source, fd, EPOLLIN, on_target_gone, m);
	if (r < 0)
		return r;
	m->target = pid;
	m->target_pid_fd = take_fd(&fd);
	return 0;
}
