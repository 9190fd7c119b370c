/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "list-read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

#define RECORD_ALIGN 8u

/* Record number i * LIST_INDEX_STEP + 1 begins at `offset` of the state file and at these bytes of
 * the lists with sha1 digests. */
struct list_mark {
	uint64_t offset, ascii_start, binary_start;
};

/* A record with where it begins in the sha1 variants, which is where the one before it ends. */
struct cursor {
	const struct view_record *record;
	struct list_mark at;
	uint64_t number;
};

/* Where the bytes of one read go: `skip` bytes are before it. */
struct out {
	uint8_t *bytes;
	size_t n, room;
	uint64_t skip;
};

/* The record at offset, or NULL where none fits below end: a torn or wrong file must not make us
 * read beyond the mapping. */
static const struct view_record *record_at(const uint8_t *base, uint64_t offset, uint64_t end)
{
	const struct view_record *record;

	if (offset % RECORD_ALIGN || offset < VIEW_HEAD_SIZE || offset > end ||
		end - offset < sizeof(*record))
		return NULL;
	record = (const struct view_record *)(base + offset);
	if (record->size % RECORD_ALIGN || record->size > end - offset ||
		record->size <
			sizeof(*record) + (uint64_t)record->n_ascii_tail + record->n_binary_tail)
		return NULL;
	return record;
}

int list_open(const void *base, uint64_t n, uint64_t last, struct list *ret_list)
{
	const struct view_record *newest;

	if (!last) {
		*ret_list = (struct list){.base = base, .end = VIEW_HEAD_SIZE};
		return 0;
	}
	if (last % RECORD_ALIGN || last < VIEW_HEAD_SIZE || last > VIEW_FILE_MAX)
		return -EIO;
	if (last > n || n - last < sizeof(*newest))
		return -EAGAIN;
	newest = (const struct view_record *)((const uint8_t *)base + last);
	if (newest->size > n - last && newest->size <= VIEW_FILE_MAX - last)
		return -EAGAIN;
	newest = record_at(base, last, n);
	if (!newest || !newest->number)
		return -EIO;
	*ret_list = (struct list){.base = base, .end = last + newest->size, .newest = newest};
	return 0;
}

uint64_t list_count(const struct list *list)
{
	return list->newest ? list->newest->number : 0;
}

/* A byte position of the sha1 variant as one of this variant: each entry before it is longer. */
static uint64_t in_variant(
	struct list_variant variant, uint64_t ascii, uint64_t binary, uint64_t n_entries)
{
	uint64_t longer = ima_hash_size(variant.hash) - ima_hash_size(IMA_SHA1);

	return variant.binary ? binary + n_entries * longer : ascii + n_entries * 2 * longer;
}

uint64_t list_size(const struct list *list, struct list_variant variant)
{
	const struct view_record *newest = list->newest;

	return newest ? in_variant(variant, newest->ascii_end, newest->binary_end, newest->number)
		      : 0;
}

static uint64_t mark_start(
	const struct list_mark *mark, uint64_t number, struct list_variant variant)
{
	return in_variant(variant, mark->ascii_start, mark->binary_start, number - 1);
}

/* The last known place at or before offset. Newer marks than the list may be there, for a list of a
 * later moment was read through the same index; they begin behind every offset of this one. */
static struct cursor cursor_find(
	const struct list_index *index, struct list_variant variant, uint64_t offset)
{
	size_t low = 0, high = index->n;
	struct cursor cursor = {.at = {.offset = VIEW_HEAD_SIZE}, .number = 1};

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (mark_start(&index->marks[mid], mid * LIST_INDEX_STEP + 1, variant) <= offset)
			low = mid + 1;
		else
			high = mid;
	}
	if (low) {
		cursor.at = index->marks[low - 1];
		cursor.number = (low - 1) * LIST_INDEX_STEP + 1;
	}
	return cursor;
}

static void index_learn(struct list_index *index, const struct cursor *cursor)
{
	if (cursor->number != index->n * LIST_INDEX_STEP + 1)
		return;
	if (index->n == index->n_allocated) {
		size_t n = MAX(index->n_allocated * 2, (size_t)4);
		struct list_mark *marks = reallocarray(index->marks, n, sizeof(*marks));

		if (!marks)
			return;
		index->marks = marks;
		index->n_allocated = n;
	}
	index->marks[index->n++] = cursor->at;
}

void list_index_done(struct list_index *index)
{
	free(index->marks);
	*index = (struct list_index){0};
}

/* Looks at the record that the cursor stands on. 1; 0 at the end of the list; -EIO. */
static int cursor_load(struct cursor *cursor, const struct list *list, struct list_index *index)
{
	if (cursor->at.offset == list->end)
		return 0;
	cursor->record = record_at(list->base, cursor->at.offset, list->end);
	if (!cursor->record || cursor->record->number != cursor->number ||
		cursor->record->ascii_end < cursor->at.ascii_start ||
		cursor->record->binary_end < cursor->at.binary_start)
		return -EIO;
	index_learn(index, cursor);
	return 1;
}

static void cursor_next(struct cursor *cursor)
{
	cursor->at.ascii_start = cursor->record->ascii_end;
	cursor->at.binary_start = cursor->record->binary_end;
	cursor->at.offset += cursor->record->size;
	cursor->number++;
}

static void put(struct out *out, const void *bytes, size_t n)
{
	if (out->skip >= n) {
		out->skip -= n;
		return;
	}
	bytes = (const uint8_t *)bytes + out->skip;
	n = MIN(n - out->skip, out->room - out->n);
	out->skip = 0;
	memcpy(out->bytes + out->n, bytes, n);
	out->n += n;
}

#define HEX_ROW(h)                                                                                 \
	h "0" h "1" h "2" h "3" h "4" h "5" h "6" h "7" h "8" h "9" h "a" h "b" h "c" h "d" h      \
	  "e" h "f"

static size_t put_hex(char *dest, const uint8_t *bytes, size_t n)
{
	/* Both digits at once: most of a list is hex, and a list is read to the end. */
	static const char pairs[] = HEX_ROW("0") HEX_ROW("1") HEX_ROW("2") HEX_ROW("3") HEX_ROW("4")
		HEX_ROW("5") HEX_ROW("6") HEX_ROW("7") HEX_ROW("8") HEX_ROW("9") HEX_ROW("a")
			HEX_ROW("b") HEX_ROW("c") HEX_ROW("d") HEX_ROW("e") HEX_ROW("f");

	for (size_t i = 0; i < n; i++)
		memcpy(dest + 2 * i, pairs + 2 * bytes[i], 2);
	return 2 * n;
}

/* "%2d " of a PCR, without printf's price. */
static size_t put_pcr(char *dest, uint32_t pcr)
{
	dest[0] = pcr < 10 ? ' ' : (char)('0' + pcr / 10 % 10);
	dest[1] = (char)('0' + pcr % 10);
	dest[2] = ' ';
	return 3;
}

/* The whole line; its length must be what the records' ends say, or offsets would drift. */
static int put_ascii(struct out *out, const struct cursor *cursor, enum ima_hash hash)
{
	const struct view_record *record = cursor->record;
	char head[3 + 2 * IMA_DIGEST_MAX], *dest;
	bool whole;
	size_t n;

	if (record->pcr > 99 || record->ascii_end - cursor->at.ascii_start !=
					3 + 2 * ima_hash_size(IMA_SHA1) + record->n_ascii_tail)
		return -EIO;
	/* Most lines are wanted whole: those are made where they belong. */
	whole = !out->skip && out->room - out->n >= sizeof(head) + record->n_ascii_tail;
	dest = whole ? (char *)out->bytes + out->n : head;
	n = put_pcr(dest, record->pcr);
	n += put_hex(dest + n, ima_template_digest(&record->digests, hash), ima_hash_size(hash));
	if (whole)
		out->n += n;
	else
		put(out, head, n);
	put(out, record->tails, record->n_ascii_tail);
	return 0;
}

static int put_binary(struct out *out, const struct cursor *cursor, enum ima_hash hash)
{
	const struct view_record *record = cursor->record;
	const uint8_t pcr[4] = {(uint8_t)record->pcr, (uint8_t)(record->pcr >> 8),
		(uint8_t)(record->pcr >> 16), (uint8_t)(record->pcr >> 24)};

	if (record->binary_end - cursor->at.binary_start !=
		sizeof(pcr) + ima_hash_size(IMA_SHA1) + record->n_binary_tail)
		return -EIO;
	put(out, pcr, sizeof(pcr));
	put(out, ima_template_digest(&record->digests, hash), ima_hash_size(hash));
	put(out, record->tails + record->n_ascii_tail, record->n_binary_tail);
	return 0;
}

ssize_t list_read(const struct list *list, struct list_index *index, struct list_variant variant,
	uint64_t offset, void *buffer, size_t n)
{
	struct out out = {.bytes = buffer, .room = n};
	struct cursor cursor;
	int r = 0;

	if (!n || offset >= list_size(list, variant))
		return 0;
	cursor = cursor_find(index, variant, offset);
	out.skip = offset - mark_start(&cursor.at, cursor.number, variant);
	while (out.n < out.room && (r = cursor_load(&cursor, list, index)) > 0) {
		uint64_t end = in_variant(variant, cursor.record->ascii_end,
			cursor.record->binary_end, cursor.number);

		if (end <= offset)
			out.skip = offset - end;
		else if (variant.binary)
			r = put_binary(&out, &cursor, variant.hash);
		else
			r = put_ascii(&out, &cursor, variant.hash);
		if (r < 0)
			break;
		cursor_next(&cursor);
	}
	return r < 0 ? r : (ssize_t)out.n;
}
