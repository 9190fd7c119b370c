/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a permission event to an answer. The order is the point: what the list must know is entered
 * before the kernel is answered, so nothing runs that the list does not know. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "inquiry.h"
#include "measurer.h"
#include "task.h"

static uint32_t funcs_of(const struct fanotify_event_metadata *event)
{
	uint32_t funcs = 1u << IMA_FILE_CHECK | 1u << IMA_MMAP_CHECK;

	if (event->mask & FAN_OPEN_EXEC_PERM)
		funcs |= 1u << IMA_BPRM_CHECK | 1u << IMA_CREDS_CHECK;
	return funcs;
}

/* A mount that no scan has seen: a mount namespace was unshared, or something was mounted a moment
 * ago. Its siblings are to be marked before the thread goes on. */
static void look_for_mounts(struct measurer *measurer, const struct file *file)
{
	int r;

	if (!marks_is_new(&measurer->marks, file->mount_id))
		return;
	r = marks_scan(&measurer->marks);
	if (r < 0)
		peer_log(measurer, LOG_WARNING, "mounts of the namespace: %s", strerror(-r));
	if (marks_is_new(&measurer->marks, file->mount_id))
		marks_note_unlisted(&measurer->marks, file->mount_id);
}

static int run_checks(struct inquiry *inquiry, const struct decide_use *use,
	struct decide_check *checks, unsigned *ret_n)
{
	*ret_n = decide_checks(use, checks);
	for (unsigned i = 0; i < *ret_n; i++) {
		int r = inquiry_check(inquiry, &checks[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

/* What is an ELF object without an interpreter of its own opened for? The stack tells, but costs
 * more than the rest of the answer (26 us of 30), and ld.so comes with every execution. So once the
 * stack has shown that the program which this thread announced just before is run by this very
 * interpreter, and neither's content has changed since, the pair is believed.
 *
 * A container may abuse that: an execve(2) of the program that fails after its event, then one of
 * the interpreter itself, which is then not entered as a program. It gains nothing by it. The
 * program is in the list, and whoever executes it runs that interpreter anyway, on whatever code
 * the environment names (LD_PRELOAD), with the same list as here. Any other file stays what the
 * stack says, so no content of its own gets by. */
static enum task_role role_of(
	struct inquiry *inquiry, const struct cache_entry *program, bool settled)
{
	const struct cache_entry *interp = inquiry->entry;

	if (settled)
		return TASK_EITHER;
	/* Without a rule for executions both uses pass the same checks. */
	if (!(inquiry->measurer->needs.funcs & (1u << IMA_BPRM_CHECK | 1u << IMA_CREDS_CHECK)))
		return TASK_INTERPRETER;
	if (program && program->interp_known && inquiry->trusted &&
		program->interp_dev == interp->dev && program->interp_ino == interp->ino)
		return TASK_INTERPRETER;
	return task_role_of(inquiry->measurer->proc_fd, inquiry->tid);
}

/* The program that the thread announced before this file, if its entry is still believed. */
static struct cache_entry *program_before(const struct inquiry *inquiry)
{
	struct measurer *measurer = inquiry->measurer;
	const struct announced_file *last = announced_last(&measurer->announced, inquiry->tid);
	struct cache_entry *entry = NULL;

	if (last)
		entry = cache_find(measurer->cache, last->dev, last->ino);
	return entry && entry->valid && entry->elf_known && entry->elf.interp ? entry : NULL;
}

static void announce(struct inquiry *inquiry, const struct elf_facts *elf)
{
	struct announced_file file = {.mount_id = inquiry->file.mount_id,
		.dev = inquiry->file.dev,
		.ino = inquiry->file.ino,
		.time_ns = marks_now_ns(),
		.script = !elf->native};

	announced_add(&inquiry->measurer->announced, inquiry->tid, &file);
}

static int judge_exec(struct inquiry *inquiry)
{
	struct measurer *measurer = inquiry->measurer;
	struct decide_check checks[DECIDE_CHECKS_MAX];
	struct decide_use use = {.exec = true, .role = TASK_PROGRAM};
	struct cache_entry *program = program_before(inquiry), *entry = inquiry->entry;
	const struct elf_facts *elf = inquiry_elf(inquiry);
	uint32_t generation = measurer->generation;
	unsigned n;
	int r;

	announce(inquiry, elf);
	/* Only an ELF object that names no interpreter itself is taken for one; any other that is
	 * used so is measured as a program, which is one entry too many. */
	if (elf->elf && !elf->interp)
		use.role = role_of(inquiry, program,
			inquiry->trusted && cache_settled_exec(entry, generation, TASK_EITHER));
	if (inquiry->trusted && cache_settled_exec(entry, generation, use.role))
		goto settled;
	use.mapped = elf->elf && elf->executable;
	r = run_checks(inquiry, &use, checks, &n);
	if (r == 0)
		r = inquiry_writers_meanwhile(inquiry, true);
	if (r < 0 || !inquiry_end(inquiry))
		return r;
	if (inquiry_settled(inquiry) && generation == measurer->generation)
		cache_settle_exec(entry, generation, use.role);
settled:
	if (use.role == TASK_INTERPRETER && program) {
		program->interp_known = true;
		program->interp_dev = entry->dev;
		program->interp_ino = entry->ino;
	}
	return 0;
}

static bool all_settled(
	const struct inquiry *inquiry, const struct decide_check *checks, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (!cache_settled_open(
			    inquiry->entry, inquiry->measurer->generation, checks[i].mask))
			return false;
	}
	return true;
}

static int judge_open(struct inquiry *inquiry, const struct task_open *open)
{
	struct measurer *measurer = inquiry->measurer;
	struct decide_check checks[DECIDE_CHECKS_MAX];
	struct decide_use use = {.open = *open};
	uint32_t generation = measurer->generation;
	unsigned n = decide_checks(&use, checks); /* each mode once */
	int r;

	if (inquiry->trusted && all_settled(inquiry, checks, n))
		return open->known && !open->write ? 0 : inquiry_readers(inquiry);
	if (measurer->needs.funcs & 1u << IMA_MMAP_CHECK) {
		const struct elf_facts *elf = inquiry_elf(inquiry);

		use.mapped = elf->elf && elf->executable;
	}
	r = run_checks(inquiry, &use, checks, &n);
	if (r == 0)
		r = inquiry_writers_meanwhile(inquiry, false);
	if (r < 0 || !inquiry_end(inquiry) || !inquiry_settled(inquiry) ||
		generation != measurer->generation)
		return r;
	for (unsigned i = 0; i < n; i++) {
		if (checks[i].func == IMA_FILE_CHECK)
			cache_settle_open(inquiry->entry, generation, checks[i].mask);
	}
	return 0;
}

/* exec: the file is opened to be executed, whichever of the two questions this is. */
static int judge(struct measurer *measurer, const struct fanotify_event_metadata *event,
	const struct file *file, bool exec, const struct task_open *open, bool *ret_allow)
{
	struct inquiry inquiry;
	int r;

	r = inquiry_begin(&inquiry, measurer, event->pid, file, open->known && open->write);
	if (r == 0)
		r = exec ? judge_exec(&inquiry) : judge_open(&inquiry, open);
	*ret_allow = r == 0 && !inquiry.refused;
	if (event->mask & FAN_OPEN_EXEC_PERM && *ret_allow)
		executing_add(measurer, event->pid, file, inquiry.writers_entered);
	return r;
}

/* Not even the kind of file can be told: as a file that cannot be read. */
static int judge_unknown(
	struct measurer *measurer, const struct fanotify_event_metadata *event, bool *ret_allow)
{
	struct file file = {.fd = event->fd};
	struct inquiry inquiry;
	int r = inquiry_begin(&inquiry, measurer, event->pid, &file, false);

	inquiry.cacheable = false;
	if (r == 0)
		r = inquiry_violation(&inquiry);
	*ret_allow = r == 0 && !inquiry.refused;
	return r;
}

int verdict_event(
	struct measurer *measurer, const struct fanotify_event_metadata *event, bool *ret_allow)
{
	bool exec = event->mask & FAN_OPEN_EXEC_PERM;
	struct task_open open = {0};
	struct file file;
	int r;

	*ret_allow = true;
	/* policyd reads a policy file that a container names; it waits for us no more than we for
	 * it. */
	if (measurer->policyd_pid && event->pid == measurer->policyd_pid)
		return 0;
	r = peer_policy_current(measurer);
	if (r < 0)
		return r;
	if (!measurer->policy || !(measurer->needs.funcs & funcs_of(event)))
		return 0;
	if (file_stat(event->fd, &file) < 0)
		return judge_unknown(measurer, event, ret_allow);
	if (!S_ISREG(file.mode))
		return 0;
	look_for_mounts(measurer, &file);
	if (!exec) {
		struct task_syscall call;

		task_syscall_of(measurer->proc_fd, event->pid, &call);
		exec = task_in_exec(&call); /* which opens nothing but what it executes */
		if (executing_is_second(measurer, event->pid, &file, exec))
			return 0;
		task_open_mode(&call, &open);
	}
	return judge(measurer, event, &file, exec, &open, ret_allow);
}

/* What was written may be what an allowed execution finds: the digest is of other bytes then. */
static int executed_meanwhile(
	struct measurer *measurer, const struct fanotify_event_metadata *event, struct file *file)
{
	struct inquiry inquiry;
	int r = inquiry_begin(&inquiry, measurer, event->pid, file, false);

	return r < 0 ? r : inquiry_violation(&inquiry);
}

int verdict_close_write(struct measurer *measurer, const struct fanotify_event_metadata *event)
{
	struct cache_entry *entry;
	struct file file;
	int r = 0;

	if (file_stat(event->fd, &file) < 0)
		return 0;
	entry = cache_find(measurer->cache, file.dev, file.ino);
	if (!entry)
		return 0;
	if (executing_written(measurer, &file) && entry->measured)
		r = executed_meanwhile(measurer, event, &file);
	entry->valid = entry->digest_current = false;
	/* Set again before the content is believed again. */
	if (entry->marked && fanotify_mark(measurer->fanotify_fd, FAN_MARK_REMOVE, FAN_CLOSE_WRITE,
				     event->fd, NULL) == 0)
		entry->marked = false;
	return r;
}
