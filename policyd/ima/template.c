/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ima_template.c, ima_template_lib.c and the show functions of ima_fs.c: what an event becomes in
 * the ascii and the binary list, and what its template digests are made of. */
#include "digest.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

/* Bytes that are being put together, in a buffer that was made large enough before. */
struct writer {
	uint8_t *bytes;
	size_t n;
};

static void put(struct writer *w, const void *bytes, size_t n)
{
	if (n)
		memcpy(w->bytes + w->n, bytes, n);
	w->n += n;
}

static void put_string(struct writer *w, const char *string)
{
	put(w, string, strlen(string));
}

static void put_u32(struct writer *w, size_t value)
{
	uint32_t le = htole32((uint32_t)value);

	put(w, &le, sizeof(le));
}

static void put_hex(struct writer *w, const uint8_t *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		w->bytes[w->n++] = (uint8_t)digits[bytes[i] >> 4];
		w->bytes[w->n++] = (uint8_t)digits[bytes[i] & 15];
	}
}

/* The name as the list holds it. Blanks separate fields, so the kernel makes them '_'. Here control
 * characters become '_' too: with a newline in a file's name a container would otherwise write
 * lines of its own choice into the ascii list. */
static void put_name(struct writer *w, const char *path, size_t n)
{
	for (size_t i = 0; i < n; i++)
		w->bytes[w->n++] = (unsigned char)path[i] <= 0x20 ? '_' : (uint8_t)path[i];
}

/* Template ima has room for 255 bytes: the kernel falls back to the file's own name. */
static void cut_name(const char **path, size_t *n)
{
	const char *slash = memrchr(*path, '/', *n);

	if (*n <= IMA_IMA_NAME_MAX)
		return;
	if (slash) {
		*n -= (size_t)(slash + 1 - *path);
		*path = slash + 1;
	}
	*n = MIN(*n, (size_t)IMA_IMA_NAME_MAX);
}

/* d|n: no lengths are hashed, the name is filled up to 256 bytes. The binary list has the digest as
 * it is, and the name with its length. */
static int make_ima(const struct ima_event *event, const uint8_t *digest, struct writer *data,
	struct writer *ascii, struct writer *binary)
{
	const char *path = event->path;
	size_t n = event->n_path;

	if (event->hash != IMA_SHA1)
		return -EINVAL;
	cut_name(&path, &n);
	put(data, digest, 20);
	put_name(data, path, n);
	memset(data->bytes + data->n, 0, IMA_IMA_NAME_MAX + 1 - n);
	data->n += IMA_IMA_NAME_MAX + 1 - n;

	put_hex(ascii, digest, 20);
	put_string(ascii, " ");
	put_name(ascii, path, n);

	put(binary, digest, 20);
	put_u32(binary, n);
	put_name(binary, path, n);
	return 0;
}

/* d-ng|n-ng and d-ng|n-ng|sig: each field with its length, hashed as it stands in the list. */
static int make_ng(const struct ima_event *event, const uint8_t *digest, struct writer *data,
	struct writer *ascii, struct writer *binary)
{
	const char *algo = ima_hash_name(event->hash);
	size_t size = ima_hash_size(event->hash);
	bool sig = event->template == IMA_TEMPLATE_SIG;

	if (!algo)
		return -EINVAL;
	put_u32(data, strlen(algo) + 2 + size);
	put_string(data, algo);
	put(data, ":", 2); /* with its NUL */
	put(data, digest, size);
	put_u32(data, event->n_path + 1);
	put_name(data, event->path, event->n_path);
	put(data, "", 1);
	if (sig) {
		put_u32(data, event->n_signature);
		put(data, event->signature, event->n_signature);
	}

	put_string(ascii, algo);
	put_string(ascii, ":");
	put_hex(ascii, digest, size);
	put_string(ascii, " ");
	put_name(ascii, event->path, event->n_path);
	if (sig) {
		put_string(ascii, " ");
		put_hex(ascii, event->signature, event->n_signature);
	}

	put_u32(binary, data->n);
	put(binary, data->bytes, data->n);
	return 0;
}

static int hash_data(const struct writer *data, struct ima_template_digests *ret_digests)
{
	uint8_t *banks[IMA_N_HASHES] = {
		ret_digests->sha1,
		ret_digests->sha256,
		ret_digests->sha384,
		ret_digests->sha512,
	};

	for (int i = 0; i < IMA_N_HASHES; i++) {
		int r = ima_digest((enum ima_hash)i, data->bytes, data->n, NULL, 0, banks[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

static bool valid(const struct ima_event *event)
{
	return ima_template_name(event->template) && event->n_path <= IMA_PATH_MAX &&
	       event->n_signature <= IMA_SIG_MAX &&
	       !(event->n_path && memchr(event->path, '\0', event->n_path));
}

int ima_entry_make(const struct ima_event *event, struct ima_entry *ret_entry)
{
	static const uint8_t zeros[IMA_DIGEST_MAX];
	const uint8_t *digest = event->violation ? zeros : event->digest;
	/* Names of templates and hashes, lengths, a padded digest and name, and an end. */
	size_t space = 1024 + 2 * (IMA_DIGEST_MAX + event->n_signature) + event->n_path;
	_cleanup_free_ uint8_t *data_bytes = NULL, *ascii_bytes = NULL, *binary_bytes = NULL;
	struct ima_entry entry = {.pcr = event->pcr, .violation = event->violation};
	struct writer data, ascii, binary;
	const char *name;
	int r;

	if (!valid(event))
		return -EINVAL;
	data = (struct writer){data_bytes = malloc(space), 0};
	ascii = (struct writer){ascii_bytes = malloc(space), 0};
	binary = (struct writer){binary_bytes = malloc(space), 0};
	if (!data_bytes || !ascii_bytes || !binary_bytes)
		return -ENOMEM;
	name = ima_template_name(event->template);
	put_string(&ascii, " ");
	put_string(&ascii, name);
	put_string(&ascii, " ");
	put_u32(&binary, strlen(name));
	put_string(&binary, name);
	r = (event->template == IMA_TEMPLATE_IMA ? make_ima : make_ng)(
		event, digest, &data, &ascii, &binary);
	if (r < 0)
		return r;
	put_string(&ascii, "\n");
	if (!event->violation) { /* else they stay zeros */
		r = hash_data(&data, &entry.digests);
		if (r < 0)
			return r;
	}
	entry.n_ascii_tail = ascii.n;
	entry.n_binary_tail = binary.n;
	entry.ascii_tail = (char *)take_ptr(ascii_bytes);
	entry.binary_tail = take_ptr(binary_bytes);
	*ret_entry = entry;
	return 0;
}

void ima_entry_done(struct ima_entry *entry)
{
	free(entry->ascii_tail);
	free(entry->binary_tail);
	*entry = (struct ima_entry){0};
}
