/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Superblocks and detached mounts. But for mount_is_dead() nothing here ever waits for a FUSE
 * server, ours or another's: no operation of a mounted file system is called. Library code: never
 * logs. */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A new FUSE superblock, and a detached mount of it (nosuid, nodev, noexec) that belongs to whoever
 * holds ret_mount_fd. Both close-on-exec; the FUSE descriptor does not block. 0 or -errno. */
int mount_fuse_new(int *ret_fuse_fd, int *ret_mount_fd);

/* A detached mount of the kernel's own securityfs, read-only. 0; -ENODEV: this kernel has none;
 * otherwise -errno. */
int mount_securityfs(int *ret_mount_fd);

/* The device number of the superblock behind an O_PATH or mount descriptor. 0 or -errno. */
int mount_dev(int fd, dev_t *ret_dev);

/* The id that mountinfo shows for the mount behind an O_PATH descriptor; 0: not known. */
uint64_t mount_id(int fd);

/* Has the FUSE server behind the mount gone? May wait for it without bound: only for a child with a
 * deadline. */
bool mount_is_dead(int fd);

/* Moves the detached mount onto the directory, which must be in the caller's mount namespace, and
 * makes it private. 0 or -errno. */
int mount_move(int mount_fd, int target_fd);

/* Lazily unmounts the mount whose root fd is; proc_fd is /proc. Changes the working directory. 0;
 * -EINVAL: it is not mounted in this namespace, or locked there; otherwise -errno. */
int mount_detach(int proc_fd, int fd);
/* Does the mount namespace of that 64-bit id live? A process, a thread, a descriptor or a bind
 * mount can hold it. 1, 0, or -errno where the kernel cannot tell. */
int mount_namespace_lives(uint64_t id64);
