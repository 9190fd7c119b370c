/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-fs-image.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/cleanup.h"

struct view_head *image_head(struct image *image)
{
	return (struct view_head *)image->bytes;
}

void image_init(struct image *image, uint32_t serial)
{
	image->fd = memfd_create("image", MFD_CLOEXEC);
	ck_assert_int_ge(image->fd, 0);
	ck_assert_int_eq(ftruncate(image->fd, VIEW_HEAD_SIZE), 0);
	image->bytes = mmap(NULL, IMAGE_MAX, PROT_READ | PROT_WRITE, MAP_SHARED, image->fd, 0);
	ck_assert_ptr_ne(image->bytes, MAP_FAILED);
	image->end = VIEW_HEAD_SIZE;
	*image_head(image) = (struct view_head){.magic = VIEW_MAGIC,
		.version = VIEW_VERSION,
		.serial = serial,
		.flags = VIEW_ACTIVE,
		.hash = IMA_SHA256,
		.template = IMA_TEMPLATE_NG,
		.root_uid = 100000,
		.root_gid = 200000,
		.name = "demo"};
}

void image_done(struct image *image)
{
	munmap(image->bytes, IMAGE_MAX);
	close_fd(&image->fd);
}

struct view_record *image_add(
	struct image *image, uint32_t pcr, size_t n_ascii_tail, size_t n_binary_tail)
{
	struct view_head *head = image_head(image);
	uint64_t last = atomic_load(&head->last);
	const struct view_record *before =
		last ? (const struct view_record *)(image->bytes + last) : &(struct view_record){0};
	size_t size = (sizeof(struct view_record) + n_ascii_tail + n_binary_tail + 7) / 8 * 8;
	struct view_record *record = (struct view_record *)(image->bytes + image->end);

	ck_assert_uint_le(image->end + size, IMAGE_MAX);
	ck_assert_int_eq(ftruncate(image->fd, (off_t)(image->end + size)), 0);
	*record = (struct view_record){.size = (uint32_t)size,
		.pcr = pcr,
		.number = before->number + 1,
		.violations = before->violations + (pcr == 11),
		.ascii_end = before->ascii_end + 3 + 40 + n_ascii_tail,
		.binary_end = before->binary_end + 4 + 20 + n_binary_tail,
		.n_ascii_tail = (uint32_t)n_ascii_tail,
		.n_binary_tail = (uint32_t)n_binary_tail};
	for (size_t i = 0; i < sizeof(record->digests); i++)
		((uint8_t *)&record->digests)[i] = (uint8_t)(record->number * 31 + i * 7);
	for (size_t i = 0; i < n_ascii_tail; i++)
		record->tails[i] = (uint8_t)('a' + (record->number + i) % 26);
	if (n_ascii_tail)
		record->tails[n_ascii_tail - 1] = '\n';
	for (size_t i = 0; i < n_binary_tail; i++)
		record->tails[n_ascii_tail + i] = (uint8_t)(record->number + i * 3);
	atomic_store(&head->last, image->end);
	image->end += size;
	return record;
}

static void render_one(FILE *f, const struct view_record *record, struct list_variant variant)
{
	static const size_t sizes[] = {20, 32, 48, 64};
	const uint8_t *const digests[] = {record->digests.sha1, record->digests.sha256,
		record->digests.sha384, record->digests.sha512};
	const uint8_t *digest = digests[variant.hash];
	size_t size = sizes[variant.hash];

	if (variant.binary) {
		fwrite(&record->pcr, 4, 1, f); /* the machines that run this are little-endian */
		fwrite(digest, size, 1, f);
		fwrite(record->tails + record->n_ascii_tail, 1, record->n_binary_tail, f);
		return;
	}
	fprintf(f, "%2u ", record->pcr);
	for (size_t i = 0; i < size; i++)
		fprintf(f, "%02x", digest[i]);
	fwrite(record->tails, 1, record->n_ascii_tail, f);
}

char *image_render(struct image *image, struct list_variant variant, size_t *ret_n)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, ret_n);

	ck_assert_ptr_nonnull(f);
	for (uint64_t at = VIEW_HEAD_SIZE; at < image->end;) {
		const struct view_record *record = (const struct view_record *)(image->bytes + at);

		render_one(f, record, variant);
		at += record->size;
	}
	fclose(f);
	return text;
}
