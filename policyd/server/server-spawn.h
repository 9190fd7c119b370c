/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Finds vsecfs's binary and user, and starts it with its one socket. */
#include <sys/types.h>

#include "policyd/conf.h"

/* Logs what is wrong. log_fd: its stderr, or -1. *ret_socket: policyd's end, non-blocking. 0 or
 * -errno. */
int server_spawn(const struct conf *conf, int log_fd, int *ret_socket, pid_t *ret_pid);
