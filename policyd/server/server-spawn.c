/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "server-spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "policyd/kernel/mount.h"
#include "spawn.h"

#define NOBODY  65534
#define LSM_MAX 512

/* The binary: as configured, else that of the build tree policyd itself was started from (an
 * installed one could be of another version), else the installed one. */
static int find_binary(const struct conf *conf, char *path, size_t n_path)
{
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash;

	if (conf->vsecfs) {
		snprintf(path, n_path, "%s", conf->vsecfs);
		return access(path, X_OK) < 0 ? -errno : 0;
	}
	exe[n < 0 ? 0 : n] = '\0';
	slash = strrchr(exe, '/');
	if (slash) {
		*slash = '\0';
		if ((size_t)snprintf(path, n_path, "%s/../fs/vsecfs", exe) < n_path &&
			access(path, X_OK) == 0)
			return 0;
	}
	snprintf(path, n_path, "%s", VSECFS_BINARY);
	return access(path, X_OK) < 0 ? -errno : 0;
}

static void find_user(const struct conf *conf, uid_t *ret_uid, gid_t *ret_gid)
{
	const struct passwd *user = getpwnam(conf->user);

	if (!user)
		log_warning("there is no user '%s': vsecfs runs as %d, as other things may; create "
			    "the user (systemd-sysusers) or name one in policyd.conf",
			conf->user, NOBODY);
	*ret_uid = user ? user->pw_uid : NOBODY;
	*ret_gid = user ? user->pw_gid : NOBODY;
}

/* "VSECFS_LSM=" and what the kernel's securityfs says in lsm; cut to nothing where there is none.
 */
static void read_lsm(char *env, size_t n_env)
{
	_cleanup_close_ int mount_fd = -1, fd = -1;
	size_t at = (size_t)snprintf(env, n_env, "VSECFS_LSM=");
	ssize_t n;

	if (mount_securityfs(&mount_fd) < 0)
		return;
	fd = openat(mount_fd, "lsm", O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, env + at, n_env - at - 1);
	env[at + (size_t)MAX(n, 0)] = '\0';
}

int server_spawn(const struct conf *conf, int log_fd, int *ret_socket, pid_t *ret_pid)
{
	static char *const argv[] = {"vsecfs", "--socket-fd", "3", NULL};
	char path[4352], lsm[LSM_MAX];
	char *const envp[] = {lsm, NULL};
	struct spawn spawn = {.path = path,
		.argv = argv,
		.envp = envp,
		.n_fds = 1,
		.stderr_fd = log_fd,
		.unprivileged = true};
	int pair[2], r;

	r = find_binary(conf, path, sizeof(path));
	if (r < 0) {
		log_error("vsecfs is not at %s: %s; install it, or name it by 'vsecfs =' in "
			  "policyd.conf",
			path, strerror(-r));
		return r;
	}
	find_user(conf, &spawn.uid, &spawn.gid);
	if (spawn.uid == 0) {
		log_error("vsecfs must not run as root: give another 'user =' in policyd.conf");
		return -EINVAL;
	}
	read_lsm(lsm, sizeof(lsm));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		return -errno;
	spawn.fds = &pair[1];
	r = spawn_process(&spawn, ret_pid);
	close(pair[1]);
	if (r < 0) {
		log_error("%s cannot be started: %s", path, strerror(-r));
		close(pair[0]);
		return r;
	}
	*ret_socket = pair[0];
	return 0;
}
