/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "judge.h"

#include <errno.h>
#include <linux/capability.h>

#include "policyd/policyd.h"
#include "policyd/kernel/proc.h"

/* The initial user namespace's inode number is fixed (PROC_USER_INIT_INO of linux/proc_ns.h). */
#define INIT_USERNS 0xEFFFFFFDull

#define CAP_BIT(cap) (1ull << (cap))
#define CAPS_ADMIN   (CAP_BIT(CAP_SYS_ADMIN) | CAP_BIT(CAP_MAC_ADMIN))

/* Who thread tid is; the request's own words about it must be the same, or somebody lies. */
static int look_up(const struct view *view, pid_t tid, uint32_t uid, uint32_t gid,
	struct judge_caller *ret_caller)
{
	int proc_fd = view->policyd->proc_fd;
	struct proc_creds creds;
	int r;

	if (tid <= 0) /* a caller outside our pid namespace: nobody we could look up */
		return -EACCES;
	r = proc_creds(proc_fd, tid, &creds);
	if (r == 0)
		r = proc_ns(proc_fd, tid, "user", &ret_caller->userns);
	if (r < 0)
		return r == -ENOMEM ? r : -EACCES;
	if (creds.fsuid != uid || creds.fsgid != gid)
		return -EACCES;
	ret_caller->cap_effective = creds.cap_effective;
	ret_caller->uid = creds.uid;
	ret_caller->euid = creds.euid;
	ret_caller->fsuid = creds.fsuid;
	ret_caller->fsgid = creds.fsgid;
	return 0;
}

/* Inode numbers are reused within milliseconds, and a descriptor can outlive its namespace. */
static int judge_id64(const struct view *view, pid_t tid)
{
	uint64_t id64;
	int r;

	if (!view->id64)
		return 0;
	r = proc_mntns_id64(view->policyd->proc_fd, tid, &id64);
	return r == 0 && id64 == view->id64 ? 0 : -EACCES;
}

/* Belongs the caller to the view's namespace, or to the host's administrators? A namespace that has
 * a view of its own uses that one: a descriptor, a /proc path or a bind mount of another's is
 * refused, whatever it may do there. */
static int judge_membership(const struct view *view, pid_t tid, const struct judge_caller *caller)
{
	const struct view *own;
	uint64_t mntns;
	int r;

	r = proc_ns(view->policyd->proc_fd, tid, "mnt", &mntns);
	if (r < 0)
		return r == -ENOMEM ? r : -EACCES;
	if (mntns == view->id)
		return judge_id64(view, tid);
	own = registry_by_id(view->policyd, mntns);
	if (own && own != view)
		return -EACCES;
	if (caller->userns == INIT_USERNS && (caller->cap_effective & CAP_BIT(CAP_SYS_ADMIN)))
		return 0;
	return caller->userns == view->userns ? 0 : -EACCES;
}

static bool may_administer(const struct view *view, const struct judge_caller *caller)
{
	if (caller->userns != view->userns && caller->userns != INIT_USERNS)
		return false;
	return caller->cap_effective & CAPS_ADMIN;
}

static bool may_read(const struct view *view, const struct judge_caller *caller)
{
	if (caller->userns == view->userns && caller->fsuid == view->root_uid)
		return true;
	return caller->userns == INIT_USERNS && (caller->cap_effective & CAP_BIT(CAP_SYS_ADMIN));
}

/* What the kernel would say of owner and mode before anybody else is asked: lists are 0440, the
 * rest is the owner's, and on the host face the owner is the host's root. */
static bool mode_allows(
	const struct view *view, enum judge_need need, const struct judge_caller *caller)
{
	uint64_t caps = CAP_BIT(CAP_DAC_OVERRIDE);

	if (need == JUDGE_READ)
		caps |= CAP_BIT(CAP_DAC_READ_SEARCH);
	if (caller->fsuid == 0 || caller->fsuid == view->root_uid ||
		(need == JUDGE_READ && caller->fsgid == view->root_gid))
		return true;
	return (caller->userns == view->userns || caller->userns == INIT_USERNS) &&
	       (caller->cap_effective & caps);
}

int judge_open(const struct view *view, enum judge_need need, pid_t tid, uint32_t uid, uint32_t gid,
	struct judge_caller *ret_caller)
{
	struct judge_caller caller = {0};
	int r;

	if (!view->id)
		return -EACCES;
	r = look_up(view, tid, uid, gid, &caller);
	if (r == 0)
		r = judge_membership(view, tid, &caller);
	if (r < 0)
		return r;
	if (!mode_allows(view, need, &caller))
		return -EACCES;
	if (!(need == JUDGE_ADMIN ? may_administer : may_read)(view, &caller))
		return -EPERM;
	*ret_caller = caller;
	return 0;
}

int judge_write(const struct view *view, const struct judge_caller *opened, pid_t tid, uint32_t uid,
	uint32_t gid)
{
	struct judge_caller now = {0};
	int r;

	r = look_up(view, tid, uid, gid, &now);
	if (r == 0)
		r = judge_membership(view, tid, &now);
	if (r < 0)
		return r;
	if (now.userns != opened->userns || now.cap_effective != opened->cap_effective ||
		now.uid != opened->uid || now.euid != opened->euid || now.fsuid != opened->fsuid)
		return -EACCES;
	return 0;
}
