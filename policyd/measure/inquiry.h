/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* One look at one file: what the policy wants of it, and having that entered. Lives as long as an
 * event is in hand. */
#include "decide.h"
#include "measurer.h"

struct inquiry {
	struct measurer *measurer;
	pid_t tid;
	struct file file;
	struct cache_entry *entry;
	struct cache_entry spare; /* where the cache has no room */
	bool trusted;             /* the entry was believed from the start */
	bool cacheable;           /* so far nothing speaks against believing it next time */
	bool clock_known;
	struct timespec clock; /* when reading began */
	enum file_writer writer;
	bool failed;  /* something could not be told or read, and a violation says so */
	bool refused; /* policyd could not enter something: the answer is no */
	bool hashed;  /* the content was read from the first byte to the last */
	bool writers_entered, readers_entered;
	bool creds_known, place_known;
	struct proc_creds creds;
	bool creds_ours;
	struct ima_access access; /* what does not depend on the check */
	struct file_mount mount;
	int n_path; /* in measurer->path; 0: not looked up yet */
};

/* All that return int: 0, or a negative error that ends the process. */

/* fd is borrowed. known_write: the opener itself is a writer, so that one more tells nothing. */
int inquiry_begin(struct inquiry *inquiry, struct measurer *measurer, pid_t tid,
	const struct file *file, bool known_write);
/* The ELF facts of the content. */
const struct elf_facts *inquiry_elf(struct inquiry *inquiry);
/* Puts one check to the policy and does what it says: violations, entry. */
int inquiry_check(struct inquiry *inquiry, const struct decide_check *check);
/* Would the policy measure it? */
bool inquiry_would_measure(struct inquiry *inquiry, const struct decide_check *check);
/* Enters a violation for the file. */
int inquiry_violation(struct inquiry *inquiry);
/* A write to the file begins: a violation if a reader's check measured it and it is still read. */
int inquiry_readers(struct inquiry *inquiry);
/* Does a process of the container write to it by a mapping that no lease tells of? */
bool inquiry_mapped_below(const struct inquiry *inquiry);
/* After the checks: a violation if what was hashed was open for writing meanwhile, for then the
 * digest may be of bytes that the opener does not get. */
int inquiry_writers_meanwhile(struct inquiry *inquiry, bool exec);
/* Looks whether the content stood still; true: what was found out may be remembered. */
bool inquiry_end(struct inquiry *inquiry);
/* Is every PCR extended that the policy could want, or is the decision the same for everybody? */
bool inquiry_settled(const struct inquiry *inquiry);
