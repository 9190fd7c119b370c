/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "known-readers.h"

void known_readers_add(struct known_readers *known, const struct reader *reader, uint64_t now_ms)
{
	unsigned i = reader->tid % KNOWN_READERS_MAX;

	known->slots[i].reader = *reader;
	known->slots[i].until_ms = now_ms + KNOWN_READERS_MS;
}

bool known_readers_has(
	const struct known_readers *known, const struct reader *reader, uint64_t now_ms)
{
	unsigned i = reader->tid % KNOWN_READERS_MAX;
	const struct reader *slot = &known->slots[i].reader;

	return known->slots[i].until_ms > now_ms && slot->serial == reader->serial &&
	       slot->tid == reader->tid && slot->uid == reader->uid && slot->gid == reader->gid;
}
