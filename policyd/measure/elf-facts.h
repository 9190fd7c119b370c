/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the loaders will do with a file, told from its ELF header and program headers. Every byte is
 * the container's; a header that contradicts itself yields the answers that lead to more measuring,
 * never less. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ELF_HEAD_SIZE     64    /* at most, of an ELF header */
#define ELF_SEGMENTS_SIZE 65536 /* as load_elf_phdrs(): no more bytes of program headers */

struct elf_facts {
	bool elf;        /* starts with the magic bytes */
	bool native;     /* this machine's loader takes it, not another program (binfmt_misc) */
	bool interp;     /* names an ELF interpreter: it is a program, not ld.so */
	bool executable; /* a loadable segment is mapped executable */
};

struct elf_layout {
	bool wide; /* 64 bits */
	uint64_t offset;
	uint32_t n, size; /* of the program headers */
};

/* Looks at the first n bytes of a file. true: program headers are to be read from *ret_layout and
 * passed to elf_segments(). false: *ret_facts is final. */
bool elf_head(
	const uint8_t *bytes, size_t n, struct elf_layout *ret_layout, struct elf_facts *ret_facts);
/* n bytes of program headers (fewer than the layout says: the file ends there). *facts: as
 * elf_head() left it. */
void elf_segments(
	const struct elf_layout *layout, const uint8_t *bytes, size_t n, struct elf_facts *facts);

/* Both, with pread(2) on fd. 0 or -errno. */
int elf_read(int fd, struct elf_facts *ret_facts);
