/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* One namespace's view, as policyd keeps it: identity, state file, policy, open handles, measurer.
 * Owner: policyd's loop, through the registry. Limits: VIEW_HANDLES_MAX open handles, IMA_RULES_MAX
 * rules. */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/log.h"
#include "common/loop.h"
#include "policyd/kernel/caller-file.h"
#include "vsecfs/ctl.h"
#include "vsecfs/ima.h"
#include "vsecfs/view.h"

#define VIEWS_MAX        1000 /* vsecfs: libfuse has one of 1,024 pthread keys for each session */
#define VIEW_HANDLES_MAX 1024

struct handle;
struct list_file;
struct measurer;
struct reasons;
struct policyd;

/* Open handles and the last number given to one, policyd/handle.c. */
struct handle_set {
	struct handle *first;
	uint32_t n[2]; /* by enum proto_face */
	uint32_t last;
};

struct view {
	struct policyd *policyd;
	struct view *next; /* registry */
	uint32_t serial;
	uint64_t id, id64; /* 0 until bound */
	uint64_t userns;   /* inode number of the owning user namespace; 0 until bound */
	uint32_t root_uid, root_gid;
	struct ima_idmap *uids, *gids; /* of that user namespace; NULL is the identity */
	int32_t init_pid;
	bool detaching; /* the host is unmounting it */
	char name[VIEW_NAME_MAX], at[CTL_PATH_MAX];
	dev_t dev;          /* of the superblock, in mountinfo */
	int fuse_fd;        /* kept so that a new vsecfs can take over */
	int spare_mount_fd; /* the mount, while the container has it unmounted (unmounted.c); else
			       -1 */
	int member_fd;      /* then: a process whose end may be the namespace\'s */
	struct loop_source member_source;
	struct loop_timer member_timer; /* where no process is in the namespace, but it lives */
	struct list_file *list;         /* state file: head and measurement list */
	struct view_head *head;         /* = the mapped head of list */
	struct ima_policy *policy;
	uint32_t n_dropped; /* rules over IMA_RULES_MAX */
	struct handle_set handles;
	struct handle *policy_writer;
	struct caller_file_hung hung; /* children that read files for its policy */
	struct measurer *measurer;    /* NULL: idle */
	struct reasons *reasons;      /* what last_error tells */
	uint64_t n_refusals;          /* ever */
	struct log_rate log_rate;     /* of what this container makes us log */
};

struct view_options {
	uint32_t root_uid, root_gid;
	bool explicit_activation;
	const char *name;
	enum ima_hash hash;
	enum ima_template template;
};

/* Makes a view that waits for its namespace: creates the state file below runtime_dir_fd, and
 * activates it unless asked not to. 0; -errno of the file's creation. */
int view_new(struct policyd *policyd, int runtime_dir_fd, uint32_t serial,
	const struct view_options *options, struct view **ret_view);
/* Ends the measurer, closes and removes everything. Accepts NULL. */
void view_free(struct view *view);

/* The view belongs to the mount namespace of pid from now on: ids, user namespace, maps are read
 * from /proc. 0; -ESRCH; -EEXIST if already bound; -errno of reading /proc. */
int view_bind(struct view *view, pid_t pid);

/* The id maps that rules of this namespace are read and shown with. */
static inline struct ima_ids view_ids(const struct view *view)
{
	return (struct ima_ids){view->uids, view->gids};
}

/* Fixes hash and template and enters the boot aggregate. 0; -EBUSY the second time; -ENOMEM. */
int view_activate(struct view *view);

/* Notes a refusal for `vsecfs/last_error` and the host's log. file: name in the view; rule: number
 * in the set, from 1, or 0; grant: which one forbade it, or NULL. */
void view_refuse(struct view *view, const char *file, unsigned rule,
	const struct ima_reason *reason, const char *grant);
