/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "list-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "common/cleanup.h"

#define STATE_NAME   "state"
#define SLOTS_FIRST  64u
#define ASCII_HEAD   43u /* `"%2d " pcr` with two digits, and 40 hex of a sha1 digest */
#define BINARY_HEAD  24u /* u32 pcr and 20 bytes of a sha1 digest */
#define RECORD_ALIGN 8u

/* Which digests are in the list: open addressing, written here because glibc's hcreate_r() can
 * neither grow nor hash anything but strings, and tsearch() costs an allocation an entry. The
 * record itself is compared in the file when the tags agree. */
struct slot {
	uint32_t at;  /* offset of the record / RECORD_ALIGN; 0: free */
	uint32_t tag; /* high half of the hash */
};

struct list_file {
	char name[16]; /* of the directory */
	int dir_fd;    /* the runtime directory, borrowed */
	int fd, reader_fd;
	struct view_head *head;
	uint64_t end; /* where the next record goes */
	uint64_t n_entries, n_violations, ascii_end, binary_end;
	struct slot *slots;
	uint32_t n_slots, n_used; /* n_slots is a power of two */
	uint64_t seed[2];
};

DEFINE_CLEANUP(cleanup_list, struct list_file, list_file_free)

static void remove_files(int dir_fd, const char *name)
{
	char path[32];

	snprintf(path, sizeof(path), "%s/" STATE_NAME, name);
	unlinkat(dir_fd, path, 0);
	unlinkat(dir_fd, name, AT_REMOVEDIR);
}

static int open_files(struct list_file *list)
{
	char path[32];

	snprintf(path, sizeof(path), "%s/" STATE_NAME, list->name);
	remove_files(list->dir_fd, list->name); /* of a policyd that was killed */
	if (mkdirat(list->dir_fd, list->name, 0750) < 0)
		return -errno;
	list->fd = openat(
		list->dir_fd, path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (list->fd < 0)
		return -errno;
	list->reader_fd = openat(list->dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return list->reader_fd < 0 ? -errno : 0;
}

/* 0, or -errno; a short write (no space) counts as one. */
static int write_at(int fd, const void *bytes, size_t n, uint64_t at)
{
	ssize_t k;

	do
		k = pwrite(fd, bytes, n, (off_t)at);
	while (k < 0 && errno == EINTR);
	if (k < 0)
		return -errno;
	return (size_t)k == n ? 0 : -ENOSPC;
}

/* The head's pages are written before they are mapped, so that touching them cannot fail. */
static int make_head(struct list_file *list, uint32_t serial)
{
	static const uint8_t zeros[VIEW_HEAD_SIZE];
	void *p;
	int r;

	_Static_assert(sizeof(struct view_head) <= VIEW_HEAD_SIZE, "the head fits");
	r = write_at(list->fd, zeros, sizeof(zeros), 0);
	if (r < 0)
		return r;
	p = mmap(NULL, VIEW_HEAD_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, list->fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	list->head = p;
	list->head->serial = serial;
	list->head->version = VIEW_VERSION;
	list->head->magic = VIEW_MAGIC;
	list->end = VIEW_HEAD_SIZE;
	return 0;
}

int list_file_new(int runtime_dir_fd, uint32_t serial, struct list_file **ret_list)
{
	_cleanup_(cleanup_list) struct list_file *list = calloc(1, sizeof(*list));
	int r;

	if (!list)
		return -ENOMEM;
	list->fd = list->reader_fd = -1;
	snprintf(list->name, sizeof(list->name), "%u", serial);
	list->dir_fd = runtime_dir_fd;
	if (getrandom(list->seed, sizeof(list->seed), 0) != sizeof(list->seed))
		return -EIO;
	r = open_files(list);
	if (r == 0)
		r = make_head(list, serial);
	if (r < 0)
		return r;
	*ret_list = take_ptr(list);
	return 0;
}

void list_file_free(struct list_file *list)
{
	if (!list)
		return;
	if (list->head)
		munmap(list->head, VIEW_HEAD_SIZE);
	remove_files(list->dir_fd, list->name);
	close_fd(&list->fd);
	close_fd(&list->reader_fd);
	free(list->slots);
	free(list);
}

/* A container picks what is measured and could grind digests that fall into one run of slots; the
 * secret seed takes that away from it. */
static uint64_t hash_digest(const struct list_file *list, unsigned pcr, const uint8_t *sha1)
{
	uint64_t words[2];

	memcpy(words, sha1, sizeof(words));
	return (words[0] ^ pcr) * (list->seed[0] | 1) +
	       (words[1] ^ list->seed[1]) * (list->seed[1] | 1);
}

static void put_slot(struct slot *slots, uint32_t n_slots, struct slot slot, uint32_t i)
{
	while (slots[i].at)
		i = (i + 1) & (n_slots - 1);
	slots[i] = slot;
}

/* The tag alone says where a slot goes, so that growing needs no look into the file. */
static uint32_t place(uint32_t tag, uint32_t n_slots)
{
	return (tag ^ tag >> 16) & (n_slots - 1);
}

static int grow_slots(struct list_file *list)
{
	uint32_t n = list->n_slots ? list->n_slots * 2 : SLOTS_FIRST;
	struct slot *slots;

	if ((uint64_t)list->n_used * 4 < (uint64_t)list->n_slots * 3)
		return 0;
	slots = calloc(n, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	for (uint32_t i = 0; i < list->n_slots; i++) {
		if (list->slots[i].at)
			put_slot(slots, n, list->slots[i], place(list->slots[i].tag, n));
	}
	free(list->slots);
	list->slots = slots;
	list->n_slots = n;
	return 0;
}

/* 1: the list has this digest for this PCR; 0: not; -errno of reading the file. */
static int find_digest(const struct list_file *list, uint32_t tag, const struct ima_entry *entry)
{
	for (uint32_t i = place(tag, list->n_slots); list->slots[i].at;
		i = (i + 1) & (list->n_slots - 1)) {
		struct view_record record;
		ssize_t k;

		if (list->slots[i].tag != tag)
			continue;
		k = pread(
			list->fd, &record, sizeof(record), (off_t)list->slots[i].at * RECORD_ALIGN);
		if (k != sizeof(record))
			return k < 0 ? -errno : -EIO;
		if (record.pcr == entry->pcr && memcmp(record.digests.sha1, entry->digests.sha1,
							sizeof(record.digests.sha1)) == 0)
			return 1;
	}
	return 0;
}

/* Writes the record that follows the list as it is; nobody looks there before it is published. */
static int write_record(
	const struct list_file *list, const struct ima_entry *entry, struct view_record *record)
{
	static const uint8_t pad[RECORD_ALIGN];
	size_t n = sizeof(*record) + entry->n_ascii_tail + entry->n_binary_tail;
	size_t n_pad = (RECORD_ALIGN - n % RECORD_ALIGN) % RECORD_ALIGN;
	struct iovec iov[] = {{record, sizeof(*record)}, {entry->ascii_tail, entry->n_ascii_tail},
		{entry->binary_tail, entry->n_binary_tail}, {(void *)pad, n_pad}};
	ssize_t k;

	/* Sums in 64 bits: the tails are at most a few kilobytes (ima_entry_make()). */
	if (n + n_pad > VIEW_FILE_MAX - list->end)
		return -ENOSPC;
	*record = (struct view_record){.size = (uint32_t)(n + n_pad),
		.pcr = entry->pcr,
		.number = list->n_entries + 1,
		.violations = list->n_violations + entry->violation,
		.ascii_end = list->ascii_end + ASCII_HEAD + entry->n_ascii_tail,
		.binary_end = list->binary_end + BINARY_HEAD + entry->n_binary_tail,
		.n_ascii_tail = (uint32_t)entry->n_ascii_tail,
		.n_binary_tail = (uint32_t)entry->n_binary_tail,
		.digests = entry->digests};
	do
		k = pwritev(list->fd, iov, ARRAY_SIZE(iov), (off_t)list->end);
	while (k < 0 && errno == EINTR);
	if (k < 0)
		return -errno;
	return (size_t)k == n + n_pad ? 0 : -ENOSPC;
}

/* Writes the half of the PCRs that is valid after entry number. Entries that name a register beyond
 * the last are in the list alone, as with the kernel, whose TPM refuses them. */
static int extend_pcrs(struct list_file *list, uint64_t number, const struct ima_entry *entry)
{
	struct view_pcrs *to = &list->head->pcrs[number & 1];
	int r;

	*to = list->head->pcrs[~number & 1];
	if (entry->pcr >= VIEW_PCRS)
		return 0;
	r = ima_pcr_extend(IMA_SHA1, to->sha1[entry->pcr], entry);
	return r < 0 ? r : ima_pcr_extend(IMA_SHA256, to->sha256[entry->pcr], entry);
}

static int append_new(struct list_file *list, const struct ima_entry *entry, uint32_t tag)
{
	struct view_record record;
	int r;

	r = write_record(list, entry, &record);
	if (r == 0)
		r = extend_pcrs(list, record.number, entry);
	if (r < 0)
		return r;
	if (!entry->violation) {
		struct slot slot = {(uint32_t)(list->end / RECORD_ALIGN), tag};

		put_slot(list->slots, list->n_slots, slot, place(tag, list->n_slots));
		list->n_used++;
	}
	list->n_entries = record.number;
	list->n_violations = record.violations;
	list->ascii_end = record.ascii_end;
	list->binary_end = record.binary_end;
	/* Release: who sees the new `last` sees the record and the PCRs. */
	atomic_store_explicit(&list->head->last, list->end, memory_order_release);
	list->end += record.size;
	return 0;
}

int list_file_append(struct list_file *list, const struct ima_entry *entry)
{
	uint32_t tag = (uint32_t)(hash_digest(list, entry->pcr, entry->digests.sha1) >> 32);
	int r;

	if (!entry->violation) {
		r = grow_slots(list);
		if (r == 0)
			r = find_digest(list, tag, entry);
		if (r != 0)
			return r;
	}
	return append_new(list, entry, tag);
}

int list_file_start_pcrs(struct list_file *list, const struct view_pcrs *pcrs)
{
	if (list->n_entries)
		return -EBUSY;
	list->head->pcrs[0] = *pcrs;
	return 0;
}

struct view_head *list_file_head(const struct list_file *list)
{
	return list->head;
}

int list_file_reader(const struct list_file *list)
{
	return list->reader_fd;
}

uint64_t list_file_n_entries(const struct list_file *list)
{
	return list->n_entries;
}

uint64_t list_file_n_violations(const struct list_file *list)
{
	return list->n_violations;
}

uint64_t list_file_size(const struct list_file *list)
{
	return list->end;
}
