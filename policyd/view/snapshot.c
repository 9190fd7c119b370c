/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "common/cleanup.h"

int snapshot_new(const char *name, const void *bytes, size_t n)
{
	_cleanup_close_ int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t done = 0;

	if (fd < 0)
		return -errno;
	while (done < n) {
		ssize_t k = pwrite(fd, (const char *)bytes + done, n - done, (off_t)done);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return k < 0 ? -errno : -ENOSPC;
		done += (size_t)k;
	}
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
		return -errno;
	return take_fd(&fd);
}
