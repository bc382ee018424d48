/* SPDX-License-Identifier: MIT */
/* Prints what the tables describe; knows no structure. */
#include "cli/decode.h"

#include <inttypes.h>
#include <string.h>

/* So many elements of an array are shown. */
#define MAX_SHOWN 8u
/* The longest structure that more data can be. */
#define MAX_BYTES 256u
/* A chain of capabilities longer than this is a loop, or as good as one. */
#define MAX_LINKS 16u

static uint64_t get(const uint8_t *bytes, unsigned int size)
{
	uint64_t value = 0;

	/* The layouts are the host's own, and so is the order of bytes. */
	memcpy(&value, bytes, size < 8 ? size : 8);
	return value;
}

static uint64_t get_place(const uint8_t *bytes, size_t len,
			  struct cli_place place)
{
	if ((size_t)place.offset + place.size > len)
		return 0;
	return get(bytes + place.offset, place.size);
}

/* ---- plain values ---- */

static void quoted(const struct cli_decoder *d, const char *text)
{
	fprintf(d->out, d->json ? "\"%s\"" : "%s", text);
}

static void hex(const struct cli_decoder *d, uint64_t value)
{
	fprintf(d->out, d->json ? "\"0x%" PRIx64 "\"" : "0x%" PRIx64, value);
}

static void flags(const struct cli_decoder *d, uint64_t value,
		  const struct cli_name *names)
{
	const char *between = "";

	if (d->json)
		fputc('[', d->out);
	else if (!value)
		fputc('0', d->out);
	for (; names->name; names++) {
		if (!names->value || (value & names->value) != names->value)
			continue;
		fputs(between, d->out);
		quoted(d, names->name);
		between = d->json ? ", " : "|";
		value &= ~names->value;
	}
	if (value) {
		fputs(between, d->out);
		hex(d, value);
	}
	if (d->json)
		fputc(']', d->out);
}

static void enumerated(const struct cli_decoder *d, uint64_t value,
		       const struct cli_name *names)
{
	for (; names->name; names++) {
		if (names->value == value) {
			quoted(d, names->name);
			return;
		}
	}
	hex(d, value);
}

static const struct cli_name no_names[] = { { 0 } };

static void low_and_flags(const struct cli_decoder *d, uint64_t value,
			  const struct cli_name *names)
{
	const struct cli_name *low = names, *high = names;
	uint64_t rest = value & ~UINT64_C(0xffff);

	while (low->name &&
	       (low->value >> 16 || low->value != (value & 0xffff)))
		low++;
	if (d->json)
		fputc('[', d->out);
	if (low->name)
		quoted(d, low->name);
	else
		hex(d, value & 0xffff);
	for (; high->name && rest; high++) {
		if (!(high->value >> 16) || !(rest & high->value))
			continue;
		fputs(d->json ? ", " : "|", d->out);
		quoted(d, high->name);
		rest &= ~high->value;
	}
	if (rest) {
		fputs(d->json ? ", " : "|", d->out);
		hex(d, rest);
	}
	if (d->json)
		fputc(']', d->out);
}

static int64_t sign_extended(uint64_t value, unsigned int bytes)
{
	unsigned int shift = bytes < 8 ? 64 - bytes * 8 : 0;

	return (int64_t)(value << shift) >> shift;
}

void cli_decode_value(const struct cli_decoder *d, uint64_t value,
		      unsigned int bytes, enum cli_show show,
		      const struct cli_name *names)
{
	switch (show) {
	case CLI_SIGNED:
		fprintf(d->out, "%" PRId64, sign_extended(value, bytes));
		break;
	case CLI_FLAGS:
		flags(d, value, names ? names : no_names);
		break;
	case CLI_ENUM:
		enumerated(d, value, names ? names : no_names);
		break;
	case CLI_LOW:
		low_and_flags(d, value, names ? names : no_names);
		break;
	case CLI_DEC:
		fprintf(d->out, "%" PRIu64, value);
		break;
	default:
		hex(d, value);
	}
}

static void byte_array(const struct cli_decoder *d, const uint8_t *bytes,
		       size_t len)
{
	if (d->json)
		fputc('"', d->out);
	for (size_t i = 0; i < len; i++)
		fprintf(d->out, "%02x", bytes[i]);
	if (d->json)
		fputc('"', d->out);
}

/* ---- more structures ---- */

static void members(const struct cli_decoder *d, const struct cli_struct *what,
		    uint64_t addr, const uint8_t *bytes, size_t len,
		    unsigned int way, const uint8_t *before);

static const struct cli_struct *choose(const struct cli_more *more,
				       uint64_t selector)
{
	const struct cli_kind *kind = more->kind;

	while (kind->what && (selector & kind->mask) != kind->value)
		kind++;
	return kind->what;
}

/*
 * An element at @addr, of which @len bytes are the caller's. Return: false if it
 * cannot be read.
 */
static bool element(const struct cli_decoder *d, const struct cli_struct *what,
		    uint64_t addr, size_t len)
{
	uint8_t bytes[MAX_BYTES];

	if (len > what->size)
		len = what->size;
	if (len > sizeof(bytes) || d->read(d->arg, bytes, addr, len))
		return false;
	/* An array of numbers: its elements have one member without a name. */
	if (what->nr == 1 && !what->field->name)
		cli_decode_value(d, get(bytes, what->size), what->size,
				 what->field->show, what->field->names);
	else
		members(d, what, addr, bytes, len, CLI_INOUT, NULL);
	return true;
}

/* "[...]": @count elements at @addr, @step bytes apart. */
static void elements(const struct cli_decoder *d, const struct cli_struct *what,
		     uint64_t addr, uint64_t count, uint64_t step)
{
	fputc('[', d->out);
	for (uint64_t i = 0; i < count; i++) {
		if (i)
			fputs(", ", d->out);
		if (i == MAX_SHOWN ||
		    !element(d, what, addr + i * step, (size_t)step)) {
			quoted(d, "...");
			break;
		}
	}
	fputc(']', d->out);
}

/* What a pointer to @addr (or the place itself) leads to, if anything is known. */
static void lead(const struct cli_decoder *d, const struct cli_more *more,
		 uint64_t addr, const uint8_t *bytes, size_t len)
{
	const struct cli_struct *what =
		choose(more, get_place(bytes, len, more->selector));
	uint64_t count = 1, step = what ? what->size : 0;

	if (more->count.size)
		count = get_place(bytes, len, more->count);
	if (more->bytes.size && get_place(bytes, len, more->bytes) < step)
		step = get_place(bytes, len, more->bytes);
	if (more->total.size && get_place(bytes, len, more->total) < step)
		step = get_place(bytes, len, more->total);
	if (!what || !addr || !step) {
		hex(d, addr);
		return;
	}
	if (more->count.size)
		elements(d, what, addr, count,
			 more->bytes.size ? get_place(bytes, len, more->bytes)
					  : step);
	else if (!element(d, what, addr, (size_t)step))
		hex(d, addr);
}

/* Links of struct vfio_info_cap_header: id, version, offset of the next. */
static void chain(const struct cli_decoder *d, const struct cli_more *more,
		  uint64_t base, uint64_t at, uint64_t total)
{
	struct {
		uint16_t id, version;
		uint32_t next;
	} head;

	fputc('[', d->out);
	for (unsigned int i = 0; at && i < MAX_LINKS; i++) {
		const struct cli_struct *what;

		if (at + sizeof(head) > total ||
		    d->read(d->arg, &head, base + at, sizeof(head)))
			break;
		if (i)
			fputs(", ", d->out);
		what = choose(more, head.id);
		if (what) {
			fprintf(d->out, d->json ? "{\"%s\": " : "%s",
				what->name);
			element(d, what, base + at, (size_t)(total - at));
			if (d->json)
				fputc('}', d->out);
		} else {
			hex(d, head.id);
		}
		at = head.next;
	}
	fputc(']', d->out);
}

/* ---- members ---- */

/* A part of the structure itself, which a selector gives its meaning: a union. */
static bool is_union(const struct cli_field *f)
{
	return f->show == CLI_FOLLOWING && f->way == CLI_INOUT;
}

static const struct cli_struct *union_of(const struct cli_field *f,
					 const uint8_t *bytes, size_t len)
{
	const struct cli_struct *what =
		choose(f->more, get_place(bytes, len, f->more->selector));

	return what && f->offset + (size_t)what->size <= len ? what : NULL;
}

static bool follows(const struct cli_field *f, const uint8_t *bytes, size_t len,
		    unsigned int way, const uint8_t *before)
{
	const struct cli_struct *what;

	if (!is_union(f))
		return choose(f->more,
			      get_place(bytes, len, f->more->selector)) != NULL;
	what = union_of(f, bytes, len);
	return what && cli_decode_any(what, bytes + f->offset, what->size, way,
				      before ? before + f->offset : NULL);
}

static bool wanted(const struct cli_field *f, const uint8_t *bytes, size_t len,
		   unsigned int way, const uint8_t *before)
{
	const uint8_t *at = bytes + f->offset;

	if ((size_t)f->offset + f->size > len)
		return false;
	if (is_union(f))
		return follows(f, bytes, len, way, before);
	if (way == CLI_CHANGED)
		return f->way == CLI_INOUT && before &&
		       memcmp(at, before + f->offset, f->size);
	if (!(f->way & way))
		return false;
	if (f->show == CLI_ZERO)
		return get(at, f->size) != 0;
	if (f->show == CLI_CHAIN)
		return get(at, f->size) != 0;
	if (f->show == CLI_FOLLOWING)
		return follows(f, bytes, len, way, before);
	/* Both ways: the answer says only what has changed. */
	return !before || f->way != CLI_INOUT ||
	       memcmp(at, before + f->offset, f->size);
}

static void member(const struct cli_decoder *d, const struct cli_field *f,
		   uint64_t addr, const uint8_t *bytes, size_t len)
{
	const uint8_t *at = bytes + f->offset;

	switch (f->show) {
	case CLI_BYTES:
		byte_array(d, at, f->size);
		break;
	case CLI_POINTED:
		lead(d, f->more, get(at, f->size), bytes, len);
		break;
	case CLI_FOLLOWING:
		lead(d, f->more, addr + f->offset, bytes, len);
		break;
	case CLI_CHAIN:
		/* argsz, the first member, is what there is room for. */
		chain(d, f->more, addr, get(at, f->size), get(bytes, 4));
		break;
	default:
		cli_decode_value(d, get(at, f->size), f->size, f->show,
				 f->names);
	}
}

static void members(const struct cli_decoder *d, const struct cli_struct *what,
		    uint64_t addr, const uint8_t *bytes, size_t len,
		    unsigned int way, const uint8_t *before)
{
	const char *between = "";

	fputc('{', d->out);
	for (unsigned int i = 0; i < what->nr; i++) {
		const struct cli_field *f = &what->field[i];

		if (!wanted(f, bytes, len, way, before))
			continue;
		fprintf(d->out, d->json ? "%s\"%s\": " : "%s%s=", between,
			f->name);
		if (is_union(f))
			members(d, union_of(f, bytes, len), addr + f->offset,
				bytes + f->offset, len - f->offset, way,
				before ? before + f->offset : NULL);
		else
			member(d, f, addr, bytes, len);
		between = ", ";
	}
	fputc('}', d->out);
}

void cli_decode(const struct cli_decoder *d, const struct cli_struct *what,
		uint64_t addr, const void *bytes, size_t len, unsigned int way,
		const void *before)
{
	members(d, what, addr, bytes, len, way, before);
}

bool cli_decode_any(const struct cli_struct *what, const void *bytes,
		    size_t len, unsigned int way, const void *before)
{
	for (unsigned int i = 0; i < what->nr; i++)
		if (wanted(&what->field[i], bytes, len, way, before))
			return true;
	return false;
}

/* ---- which request ---- */

static const struct cli_request *find(const struct cli_request *list, size_t nr,
				      unsigned int cmd)
{
	for (size_t i = 0; i < nr; i++)
		if (list[i].cmd == cmd)
			return &list[i];
	return NULL;
}

/*
 * The numbers of VFIO's device and container requests are the same in part; an
 * iommufd is a container too.
 */
const struct cli_request *cli_request_find(const char *kind, unsigned int cmd)
{
	bool iommufd = kind && !strcmp(kind, "iommufd");
	const struct cli_request *found = NULL;

	if (iommufd)
		found = find(cli_iommufd_requests, cli_iommufd_nr_requests,
			     cmd);
	if (!found && (iommufd || (kind && strstr(kind, "container"))))
		return find(cli_vfio_container_requests,
			    cli_vfio_container_nr_requests, cmd);
	if (!found)
		found = find(cli_vfio_device_requests,
			     cli_vfio_device_nr_requests, cmd);
	return found;
}
