/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who writes to the file of an inquiry, beyond what a lease tells. */
#include <linux/magic.h>
#include <string.h>

#include "inquiry.h"
#include "readers.h"

/* A mapping of a file on an overlay holds the file of the layer below open, not the one that we are
 * asked about: once the descriptor is closed no lease tells of it, and what is written through it
 * changes no time that we see before the page is cleaned (on tmpfs: ever). Looked for only when the
 * content is looked at anew, for a mapping needs a writer's open, which closes. */
bool inquiry_mapped_below(const struct inquiry *inquiry)
{
	struct members_of of = marks_members(&inquiry->measurer->marks);

	return file_fsmagic(inquiry->file.fd) == OVERLAYFS_SUPER_MAGIC &&
	       members_any(&of, readers_map_writes, &inquiry->file);
}

/* Was the file changed by somebody who had it not open for writing? A truncate(2) by path does
 * that, and with the times set back only the ctime tells of it; but that one changes at every
 * rename and chmod, too. */
static bool is_other(struct inquiry *inquiry)
{
	const struct cache_entry *entry = inquiry->entry;
	const struct cache_stamp *stamp = &inquiry->file.stamp;
	uint8_t digest[IMA_DIGEST_MAX];
	struct file now;

	if (file_stat(inquiry->file.fd, &now) < 0)
		return true;
	if (cache_stamp_same(stamp, &now.stamp))
		return false;
	return hasher_file(inquiry->measurer->hasher, entry->hash, inquiry->file.fd, stamp->size,
		       digest) < 0 ||
	       memcmp(digest, entry->digest, ima_hash_size(entry->hash)) != 0;
}

/* An opener that is a writer itself is no reason; that a file is open for writing when an open for
 * reading begins, violations() has said already. The kernel looks at what is executed when writers
 * are shut out; here one may overwrite the file's head while its tail is hashed, and close it
 * before the loader comes. */
int inquiry_writers_meanwhile(struct inquiry *inquiry, bool exec)
{
	const struct file *file = &inquiry->file;
	bool before = inquiry->writer == FILE_WRITER;

	if (!inquiry->hashed || inquiry->writers_entered)
		return 0;
	/* In this order: a writer that is gone by now has queued its close. */
	if (!(exec && before) && !is_other(inquiry) &&
		(before || file_writer(file->fd) != FILE_WRITER) &&
		!(inquiry->entry->marked && events_closed_write(inquiry->measurer, file)))
		return 0;
	inquiry->cacheable = false;
	inquiry->writers_entered = true;
	return inquiry_violation(inquiry);
}
