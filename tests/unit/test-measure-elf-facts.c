/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ELF headers as a hostile container would write them: what is unclear leads to more measuring. */
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "policyd/measure/elf-facts.h"
#include "unit.h"

struct image {
	Elf64_Ehdr head;
	Elf64_Phdr segments[3];
};

static struct image image_new(void)
{
	struct image image = {0};

	memcpy(image.head.e_ident, ELFMAG, SELFMAG);
	image.head.e_ident[EI_CLASS] = ELFCLASS64;
	image.head.e_ident[EI_DATA] = ELFDATA2LSB;
	image.head.e_machine = EM_X86_64;
	image.head.e_phoff = sizeof(Elf64_Ehdr);
	image.head.e_phentsize = sizeof(Elf64_Phdr);
	image.head.e_phnum = 3;
	image.segments[0] = (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R | PF_X};
	image.segments[1] = (Elf64_Phdr){.p_type = PT_INTERP};
	image.segments[2] = (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R | PF_W};
	return image;
}

static struct elf_facts read_bytes(const void *bytes, size_t n)
{
	struct elf_facts facts;
	int fd = memfd_create("image", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, n), (ssize_t)n);
	ck_assert_int_eq(elf_read(fd, &facts), 0);
	close(fd);
	return facts;
}

static void assert_unclear(const struct elf_facts *facts)
{
	ck_assert(facts->elf && facts->executable && !facts->interp);
}

START_TEST(test_plain)
{
	struct image image = image_new();
	struct elf_facts facts = read_bytes(&image, sizeof(image));

	ck_assert(facts.elf && facts.interp && facts.executable);
	image.segments[1].p_type = PT_NOTE; /* an interpreter itself, or a static program */
	image.segments[0].p_flags = PF_R;   /* nothing to execute */
	facts = read_bytes(&image, sizeof(image));
	ck_assert(facts.elf && !facts.interp && !facts.executable);
}
END_TEST

START_TEST(test_no_elf)
{
	struct elf_facts facts = read_bytes("#!/bin/sh\n", 10);

	ck_assert(!facts.elf && !facts.native);
	facts = read_bytes("", 0);
	ck_assert(!facts.elf);
	facts = read_bytes("\x7f"
			   "EL",
		3);
	ck_assert(!facts.elf);
}
END_TEST

START_TEST(test_far_segments)
{
	struct image image = image_new();
	size_t n = 200000 + sizeof(image.segments);
	uint8_t *bytes = calloc(1, n);
	struct elf_facts facts;

	image.head.e_phoff = 200000;
	memcpy(bytes, &image.head, sizeof(image.head));
	memcpy(bytes + 200000, image.segments, sizeof(image.segments));
	facts = read_bytes(bytes, n);
	ck_assert(facts.interp && facts.executable);
	facts = read_bytes(bytes, n - 1); /* the last one is cut off */
	assert_unclear(&facts);
	free(bytes);
}
END_TEST

START_TEST(test_every_length)
{
	struct image image = image_new();

	for (size_t n = SELFMAG; n < sizeof(image); n++) {
		struct elf_facts facts = read_bytes(&image, n);

		assert_unclear(&facts);
	}
}
END_TEST

static void spoil(struct image *image, int how)
{
	switch (how) {
	case 0:
		image->head.e_phoff = UINT64_MAX;
		break;
	case 1:
		image->head.e_phoff = INT64_MAX;
		break;
	case 2:
		image->head.e_phnum = 0;
		break;
	case 3:
		image->head.e_phnum = UINT16_MAX;
		break;
	case 4:
		image->head.e_phentsize = 0;
		break;
	case 5:
		image->head.e_phentsize = 1;
		break;
	case 6:
		image->head.e_ident[EI_CLASS] = 7;
		break;
	case 7:
		image->head.e_ident[EI_DATA] = ELFDATA2MSB;
		break;
	case 8: /* program headers of the other class */
		image->head.e_ident[EI_CLASS] = ELFCLASS32;
		break;
	}
}

START_TEST(test_contradictions)
{
	struct image image = image_new();
	struct elf_facts facts;

	spoil(&image, _i);
	facts = read_bytes(&image, sizeof(image));
	assert_unclear(&facts);
}
END_TEST

START_TEST(test_any_byte)
{
	struct image image = image_new();
	uint8_t *bytes = (uint8_t *)&image;

	/* Nothing to assert but that it ends, and that a file with the magic bytes stays an ELF
	 * object; the sanitizers watch. */
	for (size_t i = SELFMAG; i < sizeof(image.head); i++) {
		uint8_t old = bytes[i];

		for (int value = 0; value < 256; value += 5) {
			struct elf_facts facts = {0};
			struct elf_layout layout;

			bytes[i] = (uint8_t)value;
			if (elf_head(bytes, sizeof(image), &layout, &facts)) {
				ck_assert_uint_le(layout.n * layout.size, ELF_SEGMENTS_SIZE);
				elf_segments(&layout, bytes, sizeof(image), &facts);
			}
			ck_assert(facts.elf);
		}
		bytes[i] = old;
	}
}
END_TEST

#ifdef __x86_64__
START_TEST(test_machine)
{
	struct image image = image_new();
	struct elf_facts facts = read_bytes(&image, sizeof(image));

	ck_assert(facts.native);
	image.head.e_machine = EM_AARCH64; /* qemu's, by binfmt_misc */
	facts = read_bytes(&image, sizeof(image));
	ck_assert(facts.elf && facts.interp && !facts.native);
}
END_TEST
#endif

int main(void)
{
	Suite *suite = suite_create("measure-elf-facts");
	TCase *tc = tcase_create("elf-facts");

	tcase_add_test(tc, test_plain);
	tcase_add_test(tc, test_no_elf);
	tcase_add_test(tc, test_far_segments);
	tcase_add_test(tc, test_every_length);
	tcase_add_loop_test(tc, test_contradictions, 0, 9);
	tcase_add_test(tc, test_any_byte);
#ifdef __x86_64__
	tcase_add_test(tc, test_machine);
#endif
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
