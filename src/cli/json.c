/* SPDX-License-Identifier: MIT */
/* JSON as it comes. */
#include <math.h>
#include <stdio.h>

#include "cli/json.h"

static void new_line(struct cli_json *json)
{
	cli_out_char(json->out, '\n');
	cli_out_spaces(json->out, (int)json->depth);
}

static void begin_value(struct cli_json *json, const char *key)
{
	unsigned int top = json->depth - 1;

	if (json->depth) {
		if (json->some[top])
			cli_out_char(json->out, ',');
		if (json->lines[top])
			new_line(json);
		else if (json->some[top])
			cli_out_char(json->out, ' ');
		json->some[top] = true;
	}
	if (!key)
		return;
	cli_out_char(json->out, '"');
	cli_out_text(json->out, key);
	cli_out_text(json->out, "\": ");
}

static void begin(struct cli_json *json, const char *key, char open, char close,
		  bool lines)
{
	begin_value(json, key);
	cli_out_char(json->out, open);
	json->some[json->depth] = false;
	json->lines[json->depth] = lines;
	json->close[json->depth] = close;
	json->depth++;
}

void cli_json_object(struct cli_json *json, const char *key)
{
	begin(json, key, '{', '}', false);
}

void cli_json_array(struct cli_json *json, const char *key, bool lines)
{
	begin(json, key, '[', ']', lines);
}

void cli_json_end(struct cli_json *json)
{
	json->depth--;
	if (json->lines[json->depth] && json->some[json->depth])
		new_line(json);
	cli_out_char(json->out, json->close[json->depth]);
	if (!json->depth)
		cli_out_char(json->out, '\n');
}

/* RFC 8259, section 7. What is not ASCII is UTF-8 already. */
static void escape(struct cli_out *out, const char *text)
{
	static const char digit[] = "0123456789abcdef";

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\') {
			cli_out_char(out, '\\');
			cli_out_char(out, *text);
		} else if (c < 0x20) {
			cli_out_text(out, "\\u00");
			cli_out_char(out, digit[c >> 4]);
			cli_out_char(out, digit[c & 15]);
		} else {
			cli_out_char(out, *text);
		}
	}
}

void cli_json_text(struct cli_json *json, const char *key, const char *value)
{
	begin_value(json, key);
	if (!value) {
		cli_out_text(json->out, "null");
		return;
	}
	cli_out_char(json->out, '"');
	escape(json->out, value);
	cli_out_char(json->out, '"');
}

void cli_json_number(struct cli_json *json, const char *key, uint64_t value)
{
	begin_value(json, key);
	cli_out_decimal(json->out, value);
}

/* Nine digits. Numbers are the C locale's: the command sets no other. */
void cli_json_real(struct cli_json *json, const char *key, double value)
{
	char text[40];

	if (!isfinite(value)) {
		cli_json_text(json, key, NULL);
		return;
	}
	begin_value(json, key);
	snprintf(text, sizeof(text), "%.9g", value);
	cli_out_text(json->out, text);
}

void cli_json_hex(struct cli_json *json, const char *key, uint64_t value)
{
	begin_value(json, key);
	cli_out_char(json->out, '"');
	cli_out_hex(json->out, value);
	cli_out_char(json->out, '"');
}

void cli_json_bool(struct cli_json *json, const char *key, bool value)
{
	begin_value(json, key);
	cli_out_text(json->out, value ? "true" : "false");
}
