/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS_MIN 256u

struct cache {
	size_t max, n;
	uint64_t seed;
	size_t n_buckets; /* a power of two */
	struct cache_entry **buckets;
};

int cache_new(size_t max, uint64_t seed, struct cache **ret_cache)
{
	struct cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return -ENOMEM;
	*cache = (struct cache){.max = max, .seed = seed, .n_buckets = BUCKETS_MIN};
	cache->buckets = calloc(cache->n_buckets, sizeof(*cache->buckets));
	if (!cache->buckets) {
		free(cache);
		return -ENOMEM;
	}
	*ret_cache = cache;
	return 0;
}

static void flush(struct cache *cache)
{
	for (size_t i = 0; i < cache->n_buckets; i++) {
		while (cache->buckets[i]) {
			struct cache_entry *entry = cache->buckets[i];

			cache->buckets[i] = entry->next;
			free(entry);
		}
	}
	cache->n = 0;
}

void cache_free(struct cache *cache)
{
	if (!cache)
		return;
	flush(cache);
	free(cache->buckets);
	free(cache);
}

/* A finalizer of splitmix64: every bit of the number and the seed reaches every bit. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

static struct cache_entry **bucket(const struct cache *cache, uint64_t dev, uint64_t ino)
{
	uint64_t h = mix(mix(ino + cache->seed) + dev);

	return &cache->buckets[h & (cache->n_buckets - 1)];
}

struct cache_entry *cache_find(struct cache *cache, uint64_t dev, uint64_t ino)
{
	struct cache_entry *entry = *bucket(cache, dev, ino);

	while (entry && (entry->dev != dev || entry->ino != ino))
		entry = entry->next;
	return entry;
}

/* Makes the chains short again. Without memory they stay long. */
static void grow(struct cache *cache)
{
	struct cache old = *cache;
	struct cache_entry **buckets;

	if (cache->n < cache->n_buckets)
		return;
	buckets = calloc(cache->n_buckets * 2, sizeof(*buckets));
	if (!buckets)
		return;
	cache->n_buckets *= 2;
	cache->buckets = buckets;
	for (size_t i = 0; i < old.n_buckets; i++) {
		while (old.buckets[i]) {
			struct cache_entry *entry = old.buckets[i], **to;

			old.buckets[i] = entry->next;
			to = bucket(cache, entry->dev, entry->ino);
			entry->next = *to;
			*to = entry;
		}
	}
	free(old.buckets);
}

struct cache_entry *cache_add(struct cache *cache, uint64_t dev, uint64_t ino, bool *ret_flushed)
{
	struct cache_entry *entry = cache_find(cache, dev, ino), **to;

	*ret_flushed = false;
	if (entry)
		return entry;
	if (cache->n >= cache->max) {
		flush(cache);
		*ret_flushed = true;
	}
	grow(cache);
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	to = bucket(cache, dev, ino);
	entry->dev = dev;
	entry->ino = ino;
	entry->next = *to;
	*to = entry;
	cache->n++;
	return entry;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool cache_stamp_same(const struct cache_stamp *a, const struct cache_stamp *b)
{
	return a->size == b->size && same_time(&a->mtime, &b->mtime) &&
	       same_time(&a->ctime, &b->ctime) && same_time(&a->btime, &b->btime);
}

bool cache_stamp_same_inode(const struct cache_stamp *a, const struct cache_stamp *b)
{
	if (!a->btime.tv_sec && !a->btime.tv_nsec)
		return cache_stamp_same(a, b);
	return a->size == b->size && same_time(&a->mtime, &b->mtime) &&
	       same_time(&a->btime, &b->btime);
}

bool cache_stamp_fresh(const struct cache_stamp *stamp, const struct timespec *now)
{
	const struct timespec *c = &stamp->ctime;

	if (!c->tv_nsec && c->tv_sec + 2 >= now->tv_sec)
		return true;
	return c->tv_sec > now->tv_sec || (c->tv_sec == now->tv_sec && c->tv_nsec >= now->tv_nsec);
}

bool cache_settled_exec(const struct cache_entry *entry, uint32_t generation, enum task_role role)
{
	if (entry->generation != generation)
		return false;
	return (role == TASK_INTERPRETER || entry->settled_program) &&
	       (role == TASK_PROGRAM || entry->settled_interp);
}

bool cache_settled_open(const struct cache_entry *entry, uint32_t generation, unsigned mask)
{
	return entry->generation == generation && entry->settled_open & 1u << (mask & 15);
}

static void begin_generation(struct cache_entry *entry, uint32_t generation)
{
	if (entry->generation == generation)
		return;
	entry->generation = generation;
	entry->settled_program = entry->settled_interp = false;
	entry->settled_open = 0;
}

void cache_settle_exec(struct cache_entry *entry, uint32_t generation, enum task_role role)
{
	begin_generation(entry, generation);
	if (role != TASK_INTERPRETER)
		entry->settled_program = true;
	if (role != TASK_PROGRAM)
		entry->settled_interp = true;
}

void cache_settle_open(struct cache_entry *entry, uint32_t generation, unsigned mask)
{
	begin_generation(entry, generation);
	entry->settled_open |= (uint16_t)(1u << (mask & 15));
}

void cache_set_digest(struct cache_entry *entry, enum ima_hash hash, const uint8_t *digest,
	const struct cache_stamp *stamp)
{
	size_t n = ima_hash_size(hash);

	if (!entry->has_digest || entry->hash != hash || memcmp(entry->digest, digest, n) != 0 ||
		!cache_stamp_same_inode(&entry->digest_stamp, stamp))
		entry->measured = 0;
	memcpy(entry->digest, digest, n);
	entry->hash = hash;
	entry->digest_stamp = *stamp;
	entry->has_digest = entry->digest_current = true;
}
