/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static int refused_connect(const char *path, int error, struct fault *ret_fault)
{
	switch (error) {
	case -ENOENT:
	case -ECONNREFUSED:
		return fault_say(ret_fault, error,
			"policyd is not running (nobody listens on %s): start it with "
			"'systemctl start policyd' or 'policyd --foreground', or name its "
			"directory with --runtime-dir",
			path);
	case -EACCES:
	case -EPERM:
		return fault_say(ret_fault, error,
			"only root may talk to policyd (%s: %s): try it with sudo", path,
			strerror(-error));
	case -EAGAIN:
		return fault_say(ret_fault, error,
			"policyd is busy (too many connections wait on %s): try again", path);
	default:
		return fault_set(ret_fault, error, "cannot connect to policyd at %s", path);
	}
}

int client_open(struct client *client, const char *runtime_dir, struct fault *ret_fault)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	_cleanup_close_ int fd = -1;
	int n;

	memset(client, 0, sizeof(*client));
	client->wire.fd = -1;
	n = snprintf(address.sun_path, sizeof(address.sun_path), "%s/" CTL_SOCKET, runtime_dir);
	if (n < 0 || n >= (int)sizeof(address.sun_path))
		return fault_set(ret_fault, -ENAMETOOLONG, "--runtime-dir %s", runtime_dir);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fault_set(ret_fault, -errno, "cannot make a socket");
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return refused_connect(address.sun_path, -errno, ret_fault);
	client->buffer = malloc(WIRE_MAX);
	if (!client->buffer)
		return fault_set(ret_fault, -ENOMEM, "cannot talk to policyd");
	wire_init(&client->wire, take_fd(&fd), ctl_ops, ARRAY_SIZE(ctl_ops), CTL_POLICYD);
	return 0;
}

void client_close(struct client *client)
{
	if (!client->buffer)
		return;
	wire_done(&client->wire);
	free(take_ptr(client->buffer));
}

int client_send(struct client *client, uint16_t op, const void *body, struct fault *ret_fault)
{
	int r;

	r = wire_send(&client->wire, op, ++client->cookie, body, NULL, 0, NULL, 0);
	if (r < 0)
		return fault_set(ret_fault, r, "cannot send to policyd");
	return 0;
}

static int refused(const struct ctl_error *error, struct fault *ret_fault)
{
	char text[CTL_TEXT_MAX];

	if (error->error >= 0 || wire_string(text, sizeof(text), error->text, sizeof(text)) < 0)
		return fault_set(ret_fault, -EPROTO, "policyd answered nonsense");
	/* The text may quote what a container chose: it must not forge a line or drive the
	 * terminal.
	 */
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	if (!*text)
		return fault_set(ret_fault, error->error, "policyd refused");
	return fault_say(ret_fault, error->error, "%s", text);
}

static int take_view(struct wire_msg *msg, struct ctl_view *ret_view, int *ret_fd)
{
	const struct ctl_view *view = msg->body;
	char name[sizeof(view->name)], at[sizeof(view->at)];

	if (wire_string(name, sizeof(name), view->name, sizeof(view->name)) < 0 ||
		wire_string(at, sizeof(at), view->at, sizeof(view->at)) < 0)
		return -EPROTO;
	if (ret_fd) {
		if (msg->n_fds != 1)
			return -EPROTO;
		*ret_fd = take_fd(&msg->fds[0]);
	}
	*ret_view = *view;
	return 1;
}

int client_receive(
	struct client *client, struct ctl_view *ret_view, int *ret_fd, struct fault *ret_fault)
{
	struct wire_msg msg;
	int r;

	r = wire_wait(&client->wire, client->buffer, CLIENT_TIMEOUT_MS, &msg);
	if (r == 0)
		return fault_say(ret_fault, -ETIMEDOUT,
			"policyd does not answer: see its log ('journalctl -u policyd')");
	if (r == -EPIPE)
		return fault_say(ret_fault, r,
			"policyd closed the connection: see its log ('journalctl -u policyd')");
	if (r < 0)
		return fault_set(ret_fault, r, "cannot receive from policyd");
	r = -EPROTO;
	if (msg.cookie == client->cookie) {
		if (msg.op->op == CTL_ERROR) {
			r = refused(msg.body, ret_fault);
			wire_msg_done(&msg);
			return r;
		}
		if (msg.op->op == CTL_VIEW)
			r = take_view(&msg, ret_view, ret_fd);
		else if (msg.op->op == CTL_END)
			r = 0;
	}
	wire_msg_done(&msg);
	if (r < 0)
		return fault_say(ret_fault, r,
			"policyd answered nonsense: are vsecctl and policyd of one version?");
	return r;
}

int client_ask(struct client *client, uint16_t op, const void *body, struct ctl_view *ret_view,
	int *ret_fd, struct fault *ret_fault)
{
	int r;

	r = client_send(client, op, body, ret_fault);
	if (r < 0)
		return r;
	r = client_receive(client, ret_view, ret_fd, ret_fault);
	if (r == 0)
		return fault_say(ret_fault, -EPROTO, "policyd answered nothing");
	return MIN(r, 0);
}
