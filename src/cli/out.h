/* SPDX-License-Identifier: MIT */
/**
 * DOC: Output of many millions of lines
 *
 * A dump has a line per run of entries, and formatting is what it spends its time
 * with. printf() would take five times as long as these few functions, which know
 * the kinds of numbers that there are.
 */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/** No single piece of text is longer. */
#define CLI_OUT_PIECE 256u

/**
 * struct cli_out - a buffer before a stream
 * @file: where it goes
 * @length: bytes in @text
 * @failed: something could not be written; the rest is thrown away
 */
struct cli_out {
	FILE *file;
	size_t length;
	bool failed;
	char text[65536];
};

/** cli_out_init() - nothing written yet. */
void cli_out_init(struct cli_out *out, FILE *file);

/** cli_out_flush() - hand on what is in the buffer. */
void cli_out_flush(struct cli_out *out);

/**
 * cli_out_finish() - flush all, also the stream
 *
 * Return: 0, or an exit status after a line on stderr.
 */
int cli_out_finish(struct cli_out *out);

/** cli_out_long() - text of any length. */
void cli_out_long(struct cli_out *out, const char *text, size_t length);

/** cli_out_room() - where the next piece goes. */
static inline char *cli_out_room(struct cli_out *out)
{
	if (out->length > sizeof(out->text) - CLI_OUT_PIECE)
		cli_out_flush(out);
	return out->text + out->length;
}

/** cli_out_char() - one character. */
static inline void cli_out_char(struct cli_out *out, char c)
{
	*cli_out_room(out) = c;
	out->length++;
}

/** cli_out_text() - some words. */
static inline void cli_out_text(struct cli_out *out, const char *text)
{
	size_t length = strlen(text);

	if (length > CLI_OUT_PIECE) {
		cli_out_long(out, text, length);
		return;
	}
	memcpy(cli_out_room(out), text, length);
	out->length += length;
}

/** cli_out_spaces() - @n of them; none if it is negative. */
static inline void cli_out_spaces(struct cli_out *out, int n)
{
	if (n <= 0)
		return;
	if (n > (int)CLI_OUT_PIECE)
		n = (int)CLI_OUT_PIECE;
	memset(cli_out_room(out), ' ', (size_t)n);
	out->length += (size_t)n;
}

/** cli_hex_digits() - how many digits @value has. */
static inline int cli_hex_digits(uint64_t value)
{
	return value ? (67 - __builtin_clzll(value)) / 4 : 1;
}

/** cli_out_hex() - 0x... Return: columns. */
static inline int cli_out_hex(struct cli_out *out, uint64_t value)
{
	static const char digit[] = "0123456789abcdef";
	int n = cli_hex_digits(value);
	char *room = cli_out_room(out);

	room[0] = '0';
	room[1] = 'x';
	for (int i = n + 1; i > 1; i--) {
		room[i] = digit[value & 15];
		value >>= 4;
	}
	out->length += (size_t)n + 2;
	return n + 2;
}

/** cli_out_decimal() - a number. Return: columns. */
static inline int cli_out_decimal(struct cli_out *out, uint64_t value)
{
	char text[20];
	int n = 0;

	do {
		text[sizeof(text) - (size_t)++n] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	memcpy(cli_out_room(out), text + sizeof(text) - n, (size_t)n);
	out->length += (size_t)n;
	return n;
}

#endif
