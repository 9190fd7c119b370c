/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "elf-facts.h"

#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

#if defined(__x86_64__)
static const uint16_t native_machines[] = {EM_X86_64, EM_386};
#elif defined(__aarch64__)
static const uint16_t native_machines[] = {EM_AARCH64, EM_ARM};
#elif defined(__riscv)
static const uint16_t native_machines[] = {EM_RISCV};
#elif defined(__powerpc64__)
static const uint16_t native_machines[] = {EM_PPC64, EM_PPC};
#elif defined(__s390x__)
static const uint16_t native_machines[] = {EM_S390};
#else
#error "which ELF machines does this kernel execute itself?"
#endif

static bool is_native(uint16_t machine)
{
	for (size_t i = 0; i < ARRAY_SIZE(native_machines); i++) {
		if (machine == native_machines[i])
			return true;
	}
	return false;
}

/* Unclear: maybe a program, maybe an interpreter, maybe mapped. */
static const struct elf_facts unclear = {.elf = true, .executable = true};

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ELF_NATIVE_DATA ELFDATA2LSB
#else
#define ELF_NATIVE_DATA ELFDATA2MSB
#endif

bool elf_head(
	const uint8_t *bytes, size_t n, struct elf_layout *ret_layout, struct elf_facts *ret_facts)
{
	struct elf_layout layout = {0};
	Elf64_Ehdr wide;
	Elf32_Ehdr narrow;

	*ret_facts = (struct elf_facts){0};
	if (n < SELFMAG || memcmp(bytes, ELFMAG, SELFMAG) != 0)
		return false;
	*ret_facts = unclear;
	/* e_machine stands at one place in both classes. */
	if (n >= offsetof(Elf32_Ehdr, e_machine) + sizeof(uint16_t)) {
		uint16_t machine;

		memcpy(&machine, bytes + offsetof(Elf32_Ehdr, e_machine), sizeof(machine));
		ret_facts->native = is_native(machine);
	}
	if (n < EI_NIDENT || bytes[EI_DATA] != ELF_NATIVE_DATA)
		return false;
	/* The kernel's loader goes by the machine, not by this byte: one that has neither value is
	 * left unclear. */
	if (bytes[EI_CLASS] == ELFCLASS64 && n >= sizeof(wide)) {
		memcpy(&wide, bytes, sizeof(wide));
		layout = (struct elf_layout){true, wide.e_phoff, wide.e_phnum, wide.e_phentsize};
		if (layout.size != sizeof(Elf64_Phdr))
			return false;
	} else if (bytes[EI_CLASS] == ELFCLASS32 && n >= sizeof(narrow)) {
		memcpy(&narrow, bytes, sizeof(narrow));
		layout = (struct elf_layout){
			false, narrow.e_phoff, narrow.e_phnum, narrow.e_phentsize};
		if (layout.size != sizeof(Elf32_Phdr))
			return false;
	} else {
		return false;
	}
	if (!layout.n || layout.n * layout.size > ELF_SEGMENTS_SIZE || layout.offset > INT64_MAX)
		return false;
	*ret_layout = layout;
	return true;
}

static void add_segment(uint32_t type, uint32_t flags, struct elf_facts *facts)
{
	if (type == PT_INTERP)
		facts->interp = true;
	if (type == PT_LOAD && flags & PF_X)
		facts->executable = true;
}

void elf_segments(
	const struct elf_layout *layout, const uint8_t *bytes, size_t n, struct elf_facts *facts)
{
	struct elf_facts found = {.elf = true, .native = facts->native};

	if (n < (size_t)layout->n * layout->size)
		return;
	for (uint32_t i = 0; i < layout->n; i++) {
		const uint8_t *at = bytes + (size_t)i * layout->size;

		if (layout->wide) {
			Elf64_Phdr segment;

			memcpy(&segment, at, sizeof(segment));
			add_segment(segment.p_type, segment.p_flags, &found);
		} else {
			Elf32_Phdr segment;

			memcpy(&segment, at, sizeof(segment));
			add_segment(segment.p_type, segment.p_flags, &found);
		}
	}
	*facts = found;
}

static ssize_t read_at(int fd, void *bytes, size_t n, uint64_t offset)
{
	size_t done = 0;

	while (done < n) {
		ssize_t r = pread(fd, (uint8_t *)bytes + done, n - done, (off_t)(offset + done));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			break;
		done += (size_t)r;
	}
	return (ssize_t)done;
}

int elf_read(int fd, struct elf_facts *ret_facts)
{
	uint8_t first[1024]; /* most program headers lie here already */
	_cleanup_free_ uint8_t *more = NULL;
	const uint8_t *segments = first;
	struct elf_layout layout;
	struct elf_facts facts;
	ssize_t n = read_at(fd, first, sizeof(first), 0);
	size_t n_wanted;

	if (n < 0)
		return (int)n;
	if (elf_head(first, (size_t)n, &layout, &facts)) {
		n_wanted = (size_t)layout.n * layout.size;
		if (layout.offset <= (size_t)n && n_wanted <= (size_t)n - layout.offset) {
			segments = first + layout.offset;
			n = (ssize_t)n_wanted;
		} else {
			segments = more = malloc(n_wanted);
			if (!more)
				return -ENOMEM;
			n = read_at(fd, more, n_wanted, layout.offset);
			if (n < 0 && n != -EINVAL) /* an offset beyond every file is unclear */
				return (int)n;
		}
		elf_segments(&layout, segments, n < 0 ? 0 : (size_t)n, &facts);
	}
	*ret_facts = facts;
	return 0;
}
