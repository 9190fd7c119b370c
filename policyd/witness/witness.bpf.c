/* SPDX-License-Identifier: LGPL-2.1-or-later OR GPL-2.0-only */
/* The independent witness: reports every execution in a namespace that is watched, from the kernel
 * itself. Permission events may have announced it or not: that is what the measurer finds out, so
 * an execution that no mark could see (a memfd, a file system mounted an instant ago) cannot pass
 * unrecorded.
 *
 * A script is reported by its interpreter's file, with the name that execve(2) was given: the
 * script's own file is no longer at hand when the tracepoint fires. (security_bprm_check() would
 * have it, but asks for function tracing, which not every kernel has.)
 *
 * Only the members that are named here are read, relocated by BTF (CO-RE), so one object serves
 * every kernel. */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "witness-event.h"

#define RELOCATED __attribute__((preserve_access_index))

struct ns_common {
	unsigned int inum;
} RELOCATED;
struct user_namespace {
	struct ns_common ns;
} RELOCATED;
struct mnt_namespace {
	struct ns_common ns;
} RELOCATED;
struct pid_namespace {
	struct ns_common ns;
} RELOCATED;
struct nsproxy {
	struct mnt_namespace *mnt_ns;
	struct pid_namespace *pid_ns_for_children;
} RELOCATED;
struct cred {
	struct user_namespace *user_ns;
} RELOCATED;
struct upid {
	int nr;
	struct pid_namespace *ns;
} RELOCATED;
struct pid {
	unsigned int level;
	struct upid numbers[1];
} RELOCATED;
struct task_struct {
	int tgid;
	struct nsproxy *nsproxy;
	const struct cred *real_cred;
	struct pid *thread_pid;
} RELOCATED;
struct super_block {
	unsigned int s_dev;
} RELOCATED;
struct dentry {
	struct super_block *d_sb;
} RELOCATED;
struct vfsmount {
	struct super_block *mnt_sb;
} RELOCATED;
struct mount {
	struct vfsmount mnt;
	int mnt_id;
	__u64 mnt_id_unique; /* Linux 6.8 */
} RELOCATED;
struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
} RELOCATED;
struct file {
	struct path f_path;
} RELOCATED;
struct linux_binprm {
	struct file *file;
	const char *filename, *interp;
} RELOCATED;

/* Namespace inode number (mount, pid or user) -> serial of the view that watches it. Written by
 * policyd. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WITNESS_NAMESPACES_MAX);
	__type(key, __u32);
	__type(value, __u32);
} watched SEC(".maps");

/* Mounts that a view's measurer marked in time. An entry that the kernel drops for want of room
 * only means more reports. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, WITNESS_COVERED_MAX);
	__type(key, struct witness_cover);
	__type(value, __u32);
} covered SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, WITNESS_RING_SIZE);
} events SEC(".maps");

/* Events that found the ring full: policyd enters a violation for each jump of it. */
__u64 lost = 0;

static __always_inline __u32 *watching(struct task_struct *task)
{
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	unsigned int level = BPF_CORE_READ(pid, level);
	struct pid_namespace *pid_ns = 0;
	__u32 inum, *serial;

	inum = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
	serial = bpf_map_lookup_elem(&watched, &inum);
	if (serial)
		return serial;
	/* A mount namespace made inside the container (unshare -m) is the container's all the same.
	 */
	bpf_probe_read_kernel(&pid_ns, sizeof(pid_ns),
		(void *)pid + bpf_core_field_offset(struct pid, numbers) +
			level * bpf_core_type_size(struct upid) +
			bpf_core_field_offset(struct upid, ns));
	inum = BPF_CORE_READ(pid_ns, ns.inum);
	serial = bpf_map_lookup_elem(&watched, &inum);
	if (serial)
		return serial;
	inum = BPF_CORE_READ(task, real_cred, user_ns, ns.inum);
	return bpf_map_lookup_elem(&watched, &inum);
}

/* An execution from such a mount is announced: the kernel asked the measurer. */
static __always_inline int is_covered(struct mount *mount, __u32 serial)
{
	struct witness_cover key = {};

	if (!bpf_core_field_exists(mount->mnt_id_unique))
		return 0;
	key.unique_mount_id = BPF_CORE_READ(mount, mnt_id_unique);
	key.serial = serial;
	return bpf_map_lookup_elem(&covered, &key) != 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(witness_exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	__u32 *serial = watching(task);
	struct witness_event *event;
	struct vfsmount *mnt;
	struct mount *mount;
	int script;

	if (!serial)
		return 0;
	script = BPF_CORE_READ(bprm, interp) != BPF_CORE_READ(bprm, filename);
	mnt = BPF_CORE_READ(bprm, file, f_path.mnt);
	mount = (struct mount *)((void *)mnt - bpf_core_field_offset(struct mount, mnt));
	if (!script && is_covered(mount, *serial))
		return 0;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		__sync_fetch_and_add(&lost, 1);
		return 0;
	}
	event->time_ns = bpf_ktime_get_ns();
	event->serial = *serial;
	event->pid = BPF_CORE_READ(task, tgid);
	event->tid = old_pid; /* which thread called execve(2); by now it has the leader's id */
	event->dev = BPF_CORE_READ(bprm, file, f_path.dentry, d_sb, s_dev);
	event->mount_id = BPF_CORE_READ(mount, mnt_id);
	event->script = script;
	bpf_probe_read_kernel_str(
		event->filename, sizeof(event->filename), BPF_CORE_READ(bprm, filename));
	bpf_ringbuf_submit(event, 0);
	return 0;
}

/* GPL: bpf_probe_read_kernel() asks for it; the object is dual-licensed. */
char LICENSE[] SEC("license") = "GPL";
