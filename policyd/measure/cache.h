/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What is known of inodes, so that an unchanged one is neither hashed nor judged again. Pure.
 * Owner: the measurer. Limits: a fixed number of inodes; when it is reached everything is forgotten
 * at once, for the marks that guard the entries can only be taken away all together (a forgotten
 * entry has no descriptor to name its inode by), and each inode is hashed at most once more.
 *
 * An entry is believed only while all of this holds:
 *  - device, inode number, size, mtime and ctime are those of the event's descriptor;
 *  - nobody had it open for writing when it was looked at (a write through a shared mapping changes
 *    no time on tmpfs, and on others only with the first write to a page);
 *  - its ctime was older than the kernel's clock when the reading began: a write within the same
 *    tick would leave the same ctime;
 *  - since then no FAN_CLOSE_WRITE came, for which an inode mark was set before those checks. The
 *    close of a writer is queued before any later open, so it is read before it.
 * There is no fanotify *ignore* mark: the kernel would then let the inode's executions through
 * without asking, and one that was opened O_RDWR, written through a shared mapping and closed gives
 * no FAN_MODIFY that would take an ignore mark away. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "elf-facts.h"
#include "task-text.h"
#include "vsecfs/ima.h"

#define CACHE_MAX 65536

/* What must not have changed. */
struct cache_stamp {
	uint64_t size;
	struct timespec mtime, ctime;
	struct timespec btime; /* of the inode's creation; all zero where it has none */
};

struct cache_entry {
	struct cache_entry *next;
	uint64_t dev, ino;
	struct cache_stamp stamp;
	bool valid;  /* the conditions above held, but for those to be checked at each event */
	bool marked; /* FAN_CLOSE_WRITE is set on the inode */
	bool elf_known;
	struct elf_facts elf;
	/* The file that the kernel's stack has shown to be opened as this program's interpreter. */
	bool interp_known;
	uint64_t interp_dev, interp_ino;

	/* The newest digest, kept when the content may have changed: a content that turns out the
	 * same need not be entered again. */
	bool has_digest, digest_current;
	enum ima_hash hash;
	uint8_t digest[IMA_DIGEST_MAX];
	struct cache_stamp digest_stamp;
	uint64_t measured; /* bit of each PCR that was extended with this digest */

	bool maybe_executing; /* an execution is allowed and its end was not seen */
	bool must_measure;    /* a reader's check said measure: writers are looked at (ToMToU) */

	uint32_t generation;   /* of the policy that the rest was decided by */
	bool settled_program;  /* nothing left to do when it is executed */
	bool settled_interp;   /* ... when it is opened as an ELF interpreter */
	uint16_t settled_open; /* ... when it is opened with mask: bit 1 << IMA_MAY_* */
};

struct cache;

/* At most max inodes; seed: random, so that inode numbers cannot be chosen to collide. 0, -ENOMEM.
 */
int cache_new(size_t max, uint64_t seed, struct cache **ret_cache);
void cache_free(struct cache *cache); /* accepts NULL */

/* NULL: not known. */
struct cache_entry *cache_find(struct cache *cache, uint64_t dev, uint64_t ino);
/* The inode's entry, a new and empty one if there is none. Sets *ret_flushed if all others were
 * forgotten for it: every pointer to an entry is then stale. NULL: out of memory. */
struct cache_entry *cache_add(struct cache *cache, uint64_t dev, uint64_t ino, bool *ret_flushed);

/* Is the content surely what it was? */
bool cache_stamp_same(const struct cache_stamp *a, const struct cache_stamp *b);
/* Was the inode itself, whatever its ctime, there before and not written since? Then it is the same
 * file under another name or with another mode, and a number that was given to a new file is told
 * apart by its birth. */
bool cache_stamp_same_inode(const struct cache_stamp *a, const struct cache_stamp *b);
/* Could a write that comes after the clock showed now leave this ctime as it is? A ctime without
 * nanoseconds may be from a file system that keeps whole seconds (two, on FAT). */
bool cache_stamp_fresh(const struct cache_stamp *stamp, const struct timespec *now);

/* Is there nothing left to decide for this use under this policy? */
bool cache_settled_exec(const struct cache_entry *entry, uint32_t generation, enum task_role role);
bool cache_settled_open(const struct cache_entry *entry, uint32_t generation, unsigned mask);
/* Remembers that there is nothing left to decide. */
void cache_settle_exec(struct cache_entry *entry, uint32_t generation, enum task_role role);
void cache_settle_open(struct cache_entry *entry, uint32_t generation, unsigned mask);

/* The content has now this digest: takes it, and forgets what the PCRs were extended with unless it
 * is the same file with the same bytes. */
void cache_set_digest(struct cache_entry *entry, enum ima_hash hash, const uint8_t *digest,
	const struct cache_stamp *stamp);
