/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "inquiry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "readers.h"

#define VIOLATION_PCR 10 /* CONFIG_IMA_MEASURE_PCR_IDX: a rule's pcr= does not move violations */

/* Also where the entry has one: it vanished with its inode if another one bears the number now. */
static bool mark_inode(struct inquiry *inquiry)
{
	struct measurer *measurer = inquiry->measurer;

	inquiry->entry->marked = fanotify_mark(measurer->fanotify_fd, FAN_MARK_ADD, FAN_CLOSE_WRITE,
					 inquiry->file.fd, NULL) == 0;
	return inquiry->entry->marked;
}

/* From here on the content is watched: the mark first, the checks after it, so that every writer is
 * either seen by the checks or announces its close. */
static void watch_content(struct inquiry *inquiry)
{
	struct cache_entry *entry = inquiry->entry;

	inquiry->cacheable = entry != &inquiry->spare && mark_inode(inquiry) &&
			     inquiry->writer == FILE_NO_WRITER;
	if (inquiry->cacheable) {
		clock_gettime(CLOCK_REALTIME_COARSE, &inquiry->clock);
		inquiry->cacheable = file_stat(inquiry->file.fd, &inquiry->file) == 0;
	}
	if (inquiry->cacheable) {
		inquiry->writer = file_writer(inquiry->file.fd);
		inquiry->cacheable = inquiry->writer == FILE_NO_WRITER &&
				     !cache_stamp_fresh(&inquiry->file.stamp, &inquiry->clock);
	}
	if (inquiry->writer == FILE_NO_WRITER && inquiry_mapped_below(inquiry)) {
		inquiry->writer = FILE_WRITER;
		inquiry->cacheable = false;
	}
	entry->valid = entry->digest_current = false;
	entry->elf_known = entry->interp_known = false;
	entry->settled_program = entry->settled_interp = false;
	entry->settled_open = 0;
	entry->stamp = inquiry->file.stamp;
}

int inquiry_begin(struct inquiry *inquiry, struct measurer *measurer, pid_t tid,
	const struct file *file, bool known_write)
{
	struct cache_entry *entry = cache_find(measurer->cache, file->dev, file->ino);
	bool flushed = false;

	inquiry->measurer = measurer;
	inquiry->tid = tid;
	inquiry->file = *file;
	inquiry->failed = inquiry->refused = inquiry->hashed = false;
	inquiry->writers_entered = inquiry->readers_entered = false;
	inquiry->creds_known = inquiry->place_known = false;
	inquiry->n_path = 0;
	/* Looked at even where the entry would be believed: a writer that is at work now changes
	 * bytes through its mapping without a trace, and may be gone before the loader comes. */
	inquiry->writer = known_write ? FILE_WRITER : file_writer(file->fd);
	inquiry->entry = entry;
	inquiry->trusted = entry && entry->valid && cache_stamp_same(&entry->stamp, &file->stamp) &&
			   (known_write || inquiry->writer == FILE_NO_WRITER);
	inquiry->cacheable = inquiry->trusted;
	if (inquiry->trusted)
		return 0;
	if (!entry)
		entry = cache_add(measurer->cache, file->dev, file->ino, &flushed);
	if (flushed && fanotify_mark(measurer->fanotify_fd, FAN_MARK_FLUSH, 0, AT_FDCWD, NULL) < 0)
		return -errno;
	if (!entry) {
		memset(&inquiry->spare, 0, sizeof(inquiry->spare));
		entry = &inquiry->spare;
	}
	inquiry->entry = entry;
	watch_content(inquiry);
	return 0;
}

const struct elf_facts *inquiry_elf(struct inquiry *inquiry)
{
	static const struct elf_facts unclear = {.elf = true, .executable = true};
	struct cache_entry *entry = inquiry->entry;

	if (!entry->elf_known) {
		if (elf_read(inquiry->file.fd, &entry->elf) < 0)
			return &unclear;
		entry->elf_known = true;
	}
	return &entry->elf;
}

bool inquiry_end(struct inquiry *inquiry)
{
	struct cache_entry *entry = inquiry->entry;
	struct file now;

	if (inquiry->trusted && entry->valid)
		return true;
	entry->valid = inquiry->cacheable && file_stat(inquiry->file.fd, &now) == 0 &&
		       cache_stamp_same(&entry->stamp, &now.stamp) &&
		       file_writer(inquiry->file.fd) == FILE_NO_WRITER;
	return entry->valid;
}

bool inquiry_settled(const struct inquiry *inquiry)
{
	const struct ima_needs *needs = &inquiry->measurer->needs;
	const struct cache_entry *entry = inquiry->entry;

	if (inquiry->failed || inquiry->refused)
		return false;
	if (!needs->creds)
		return true;
	return entry->digest_current && (entry->measured & needs->pcrs) == needs->pcrs;
}

/* ---- what the policy looks at ---- */

static void look_up_place(struct inquiry *inquiry)
{
	const struct ima_needs *needs = &inquiry->measurer->needs;
	struct ima_access *access = &inquiry->access;
	const struct file *file = &inquiry->file;

	if (inquiry->place_known)
		return;
	inquiry->place_known = true;
	memset(access, 0, sizeof(*access));
	memset(&inquiry->mount, 0, sizeof(inquiry->mount));
	access->fowner = file->uid;
	access->fgroup = file->gid;
	access->fsmagic = file_fsmagic(file->fd);
	if (needs->fsuuid)
		file_fsuuid(file->fd, access->fsuuid);
	if ((needs->fsname || (needs->creds && file->mode & (S_ISUID | S_ISGID))) &&
		file_mount(inquiry->measurer->proc_fd, inquiry->tid, file, &inquiry->mount) < 0)
		inquiry->mount = (struct file_mount){0};
	access->fsname = inquiry->mount.type;
}

static int look_up_creds(struct inquiry *inquiry)
{
	const struct measurer *measurer = inquiry->measurer;
	uint64_t user_ns = 0;
	int r;

	if (inquiry->creds_known)
		return 0;
	r = proc_creds(measurer->proc_fd, inquiry->tid, &inquiry->creds);
	if (r < 0)
		return r;
	inquiry->creds_ours =
		proc_ns(measurer->proc_fd, inquiry->tid, "user", &user_ns) == 0 &&
		(user_ns == measurer->marks.user_ns || user_ns == measurer->marks.own_user_ns);
	inquiry->creds_known = true;
	return 0;
}

/* 0; -errno: the thread's credentials cannot be told. */
static int fill_access(
	struct inquiry *inquiry, const struct decide_check *check, struct ima_access *access)
{
	int r;

	look_up_place(inquiry);
	*access = inquiry->access;
	access->func = check->func;
	access->mask = check->mask;
	if (!inquiry->measurer->needs.creds)
		return 0;
	r = look_up_creds(inquiry);
	if (r < 0)
		return r;
	if (check->after_exec) {
		struct proc_creds creds = inquiry->creds;
		struct decide_file file = {.mode = inquiry->file.mode,
			.uid = inquiry->file.uid,
			.gid = inquiry->file.gid,
			.nosuid = inquiry->mount.nosuid};

		decide_creds_after_exec(&file, &creds);
		decide_add_creds(&creds, inquiry->creds_ours, access);
	} else {
		decide_add_creds(&inquiry->creds, inquiry->creds_ours, access);
	}
	return 0;
}

bool inquiry_would_measure(struct inquiry *inquiry, const struct decide_check *check)
{
	struct ima_decision decision = {0};
	struct ima_access access;

	if (fill_access(inquiry, check, &access) < 0)
		return true; /* what cannot be told is not let go */
	ima_policy_match(inquiry->measurer->policy, &access, &decision);
	return decision.measure;
}

/* ---- entering ---- */

static int look_up_path(struct inquiry *inquiry)
{
	struct measurer *measurer = inquiry->measurer;

	if (inquiry->n_path)
		return 0;
	inquiry->n_path =
		file_path(measurer->proc_fd, inquiry->tid, &inquiry->file, measurer->path);
	if (inquiry->n_path <= 0) /* an entry must name something */
		inquiry->n_path = snprintf(measurer->path, sizeof(measurer->path), "inode:%llu",
			(unsigned long long)inquiry->file.ino);
	return 0;
}

/* An access that the list does not know is not let through: what policyd cannot enter (its answer
 * says so) is refused. */
static int enter(struct inquiry *inquiry, struct ima_event *event)
{
	struct measurer *measurer = inquiry->measurer;
	int error = 0, r;

	r = look_up_path(inquiry);
	if (r < 0)
		return r;
	event->path = measurer->path;
	event->n_path = (size_t)inquiry->n_path;
	if (event->template == IMA_TEMPLATE_SIG && !event->violation) {
		event->signature = measurer->signature;
		event->n_signature = file_signature(inquiry->file.fd, measurer->signature);
	}
	r = peer_enter(measurer, event, &error);
	if (r == 0 && error < 0)
		inquiry->refused = true;
	return r;
}

int inquiry_violation(struct inquiry *inquiry)
{
	const struct view_head *head = inquiry->measurer->head;
	struct ima_event event = {.template = atomic_load(&head->template),
		.hash = atomic_load(&head->hash),
		.pcr = VIOLATION_PCR,
		.violation = true};

	return enter(inquiry, &event);
}

/* A file that cannot be read (a file system of the container's own that fails, a disk that does) is
 * let through, as the kernel does without appraisal, but not in silence. */
static int fail(struct inquiry *inquiry)
{
	if (inquiry->failed)
		return 0;
	inquiry->failed = true;
	return inquiry_violation(inquiry);
}

/* The digest in the namespace's hash: what tells one content from another. */
static int need_digest(struct inquiry *inquiry)
{
	struct measurer *measurer = inquiry->measurer;
	struct cache_entry *entry = inquiry->entry;
	enum ima_hash hash = atomic_load(&measurer->head->hash);
	uint8_t digest[IMA_DIGEST_MAX];
	int r;

	if (entry->digest_current && entry->hash == hash)
		return 0;
	if (file_is_hollow(&inquiry->file))
		return -EFBIG;
	r = hasher_file(measurer->hasher, hash, inquiry->file.fd, inquiry->file.stamp.size, digest);
	if (r < 0)
		return r;
	inquiry->hashed = true;
	/* The facts were believed before these bytes were read: look again at the end. */
	inquiry->entry->valid = false;
	cache_set_digest(entry, hash, digest, &inquiry->file.stamp);
	return 0;
}

static int measure(struct inquiry *inquiry, const struct ima_decision *decision)
{
	struct measurer *measurer = inquiry->measurer;
	struct cache_entry *entry = inquiry->entry;
	struct ima_event event = {.pcr = decision->pcr};
	uint64_t bit = 1ull << (decision->pcr & 63);
	int r = need_digest(inquiry);

	if (r < 0)
		return fail(inquiry);
	if (entry->measured & bit)
		return 0;
	event.template = decision->template >= 0 ? (enum ima_template)decision->template
						 : atomic_load(&measurer->head->template);
	event.hash = event.template == IMA_TEMPLATE_IMA ? IMA_SHA1 : entry->hash;
	if (event.hash == entry->hash)
		memcpy(event.digest, entry->digest, ima_hash_size(entry->hash));
	else
		r = hasher_file(measurer->hasher, event.hash, inquiry->file.fd,
			inquiry->file.stamp.size, event.digest);
	if (r < 0)
		return fail(inquiry);
	r = enter(inquiry, &event);
	if (r == 0 && !inquiry->refused)
		entry->measured |= bit;
	return r;
}

int inquiry_readers(struct inquiry *inquiry)
{
	if (!inquiry->entry->must_measure || inquiry->readers_entered ||
		!readers_exist(inquiry->measurer->proc_fd, &inquiry->file))
		return 0;
	inquiry->readers_entered = true;
	return inquiry_violation(inquiry);
}

/* ima_rdwr_violation_check(): one entry an event and kind. */
static int violations(struct inquiry *inquiry, const struct decide_check *check, bool measured)
{
	int r = 0;

	if (check->func != IMA_FILE_CHECK && check->func != IMA_MMAP_CHECK)
		return 0;
	if (check->writer)
		r = inquiry_readers(inquiry);
	if (r < 0 || !check->reader || !measured)
		return r;
	inquiry->entry->must_measure = true;
	if (inquiry->writer != FILE_WRITER || inquiry->writers_entered)
		return 0;
	inquiry->writers_entered = true;
	return inquiry_violation(inquiry);
}

int inquiry_check(struct inquiry *inquiry, const struct decide_check *check)
{
	struct ima_decision decision = {0};
	struct ima_access access;
	int r;

	if (fill_access(inquiry, check, &access) < 0)
		return fail(inquiry);
	ima_policy_match(inquiry->measurer->policy, &access, &decision);
	r = violations(inquiry, check, decision.measure);
	if (r == 0 && decision.measure)
		r = measure(inquiry, &decision);
	return r;
}
