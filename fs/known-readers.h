/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Threads that policyd has just let read the lists of a view. Ids alone prove nothing, for many
 * containers have the same ones, so every reader is judged; but a reader that opens file after file
 * is asked about once in KNOWN_READERS_MS, too short a time for its number to come to another
 * container's thread. Owner: the session that the files were reached through. Limits:
 * KNOWN_READERS_MAX; newer ones take the place of older ones. */
#include <stdbool.h>
#include <stdint.h>

#define KNOWN_READERS_MAX 8
#define KNOWN_READERS_MS  100

/* Who, and whose files. */
struct reader {
	uint32_t serial, tid, uid, gid;
};

struct known_readers {
	struct {
		struct reader reader;
		uint64_t until_ms; /* on CLOCK_MONOTONIC; 0: none */
	} slots[KNOWN_READERS_MAX];
};

/* now_ms: on CLOCK_MONOTONIC. */
void known_readers_add(struct known_readers *known, const struct reader *reader, uint64_t now_ms);
bool known_readers_has(
	const struct known_readers *known, const struct reader *reader, uint64_t now_ms);
