/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli/svg.h"
#include "soft/soft.h"

/*
 * Each class twice: as presentation attributes for white paper, and in the style
 * sheet for dark pages. Page sizes have the same colours on both, light enough for
 * dark text on them.
 */
static const struct {
	const char *name;
	const char *attributes; /* on white */
	const char *dark; /* on dark */
} classes[] = {
	{ "paper", "fill=\"#ffffff\"", "fill:#0d1117" },
	{ "frame", "fill=\"#f6f8fa\" stroke=\"#8c959f\"",
	  "fill:#161b22;stroke:#6e7681" },
	{ "pointer", "fill=\"#d0d7de\" stroke=\"#8c959f\"",
	  "fill:#30363d;stroke:#6e7681" },
	{ "band", "fill=\"#e6eaef\"", "fill:#21262d" },
	{ "many", "fill=\"url(#many)\" stroke=\"#8c959f\"", "stroke:#6e7681" },
	{ "hole", "fill=\"#f0f2f4\"", "fill:#1b2027" },
	{ "bad", "fill=\"#cf222e\" stroke=\"#82071e\"",
	  "fill:#da3633;stroke:#ffdcd7" },
	{ "edge", "fill=\"none\" stroke=\"#57606a\" stroke-width=\"0.6\"",
	  "stroke:#0d1117" },
	{ "break", "fill=\"#57606a\"", "fill:#c9d1d9" },
	{ "bar", "fill=\"#8c959f\"", "fill:#6e7681" },
};

static const char *const inks[][2] = {
	[CLI_INK_TEXT] = { "#1f2328", "#e6edf3" },
	[CLI_INK_DIM] = { "#59636e", "#9198a1" },
	[CLI_INK_FILL] = { "#14181d", "#14181d" },
	[CLI_INK_LIGHT] = { "#ffffff", "#ffffff" },
	[CLI_INK_BAD] = { "#b3131f", "#ff7b72" },
};

/*
 * Small pages are cold, large ones warm; neighbours in the list of usual sizes are
 * far apart. Others take the colour of the next smaller one.
 */
static const struct {
	unsigned int size_lg2;
	const char *colour;
} pages[] = {
	{ 0, "#b8c4d6" },  { 11, "#a8b8e8" }, { 12, "#8ab4f8" },
	{ 13, "#8fd3f4" }, { 14, "#7fdbda" }, { 16, "#6ed3b0" },
	{ 18, "#8bdc9a" }, { 20, "#a6d977" }, { 21, "#c3dc5c" },
	{ 22, "#dfe06a" }, { 24, "#f2d95c" }, { 25, "#f9c74f" },
	{ 29, "#f8ae54" }, { 30, "#f9a26c" }, { 34, "#f48a7a" },
	{ 36, "#f08bab" }, { 39, "#d99be8" }, { 42, "#c29cf2" },
	{ 48, "#b3a1f0" },
};

static const char *page_colour(unsigned int size_lg2)
{
	size_t i = sizeof(pages) / sizeof(pages[0]) - 1;

	while (pages[i].size_lg2 > size_lg2)
		i--;
	return pages[i].colour;
}

/* ---- text ---- */

/* Length of the UTF-8 sequence at @text; 0 = none, or nothing for XML. */
static size_t sequence(const unsigned char *text)
{
	size_t len = *text < 0x80   ? 1
		     : *text < 0xc2 ? 0
		     : *text < 0xe0 ? 2
		     : *text < 0xf0 ? 3
		     : *text < 0xf5 ? 4
				    : 0;

	if (len == 1 && *text < 0x20)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	/* Surrogates, overlong forms and the two that XML does not have. */
	if ((len == 3 && text[0] == 0xe0 && text[1] < 0xa0) ||
	    (len == 3 && text[0] == 0xed && text[1] > 0x9f) ||
	    (len == 3 && text[0] == 0xef && text[1] == 0xbf &&
	     text[2] >= 0xbe) ||
	    (len == 4 && text[0] == 0xf0 && text[1] < 0x90) ||
	    (len == 4 && text[0] == 0xf4 && text[1] > 0x8f))
		return 0;
	return len;
}

static void escaped(FILE *out, const char *text)
{
	const unsigned char *c = (const unsigned char *)text;
	size_t len;

	for (; *c; c += len ? len : 1) {
		len = sequence(c);
		if (!len)
			fputc('?', out);
		else if (*c == '&')
			fputs("&amp;", out);
		else if (*c == '<')
			fputs("&lt;", out);
		else if (*c == '>')
			fputs("&gt;", out);
		else if (*c == '"')
			fputs("&quot;", out);
		else
			fwrite(c, 1, len, out);
	}
}

unsigned int cli_svg_columns(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;
	unsigned int n = 0;
	size_t len;

	for (; *c; c += len ? len : 1, n++)
		len = sequence(c);
	return n;
}

double cli_svg_text_width(unsigned int chars, double size)
{
	return chars * size * CLI_SVG_ADVANCE;
}

void cli_svg_text(FILE *out, double x, double y, double size, enum cli_ink ink,
		  enum cli_anchor anchor, const char *text)
{
	static const char *const anchors[] = {
		[CLI_LEFT] = "",
		[CLI_CENTRE] = " text-anchor=\"middle\"",
		[CLI_RIGHT] = " text-anchor=\"end\"",
	};

	if (!*text)
		return;
	fprintf(out,
		"<text x=\"%.1f\" y=\"%.1f\" font-size=\"%g\" class=\"i%u\" "
		"fill=\"%s\"%s>",
		x, y, size, (unsigned int)ink, inks[ink][0], anchors[anchor]);
	escaped(out, text);
	fputs("</text>\n", out);
}

/* ---- areas ---- */

static void rect(FILE *out, double x, double y, double width, double height)
{
	fprintf(out,
		"<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" ",
		x, y, width, height);
}

void cli_svg_page(FILE *out, double x, double y, double width, double height,
		  unsigned int size_lg2)
{
	rect(out, x, y, width, height);
	fprintf(out, "fill=\"%s\"/>\n", page_colour(size_lg2));
}

void cli_svg_prot(FILE *out, double x, double y, double width, double height,
		  unsigned int prot)
{
	if ((prot & 7) == (SOFT_READ | SOFT_WRITE))
		return;
	rect(out, x, y, width, height);
	fprintf(out, "fill=\"url(#p%u)\"/>\n", prot & 7);
}

void cli_svg_box(FILE *out, double x, double y, double width, double height,
		 const char *class)
{
	size_t i = 0;

	while (strcmp(classes[i].name, class))
		i++;
	rect(out, x, y, width, height);
	fprintf(out, "class=\"%s\" %s/>\n", class, classes[i].attributes);
}

void cli_svg_line(FILE *out, double x1, double y1, double x2, double y2)
{
	fprintf(out,
		"<path class=\"line\" d=\"M%.1f %.1fL%.1f %.1f\" "
		"stroke=\"#8c959f\" fill=\"none\"/>\n",
		x1, y1, x2, y2);
}

/* Distinct from each other for most eyes; on white, and on dark. */
static const char *const series_colours[CLI_SVG_SERIES][2] = {
	{ "#0969da", "#58a6ff" }, { "#bc4c00", "#f0883e" },
	{ "#1a7f37", "#3fb950" }, { "#8250df", "#bc8cff" },
	{ "#bf3989", "#f778ba" }, { "#1b7c83", "#39c5cf" },
};

void cli_svg_series(FILE *out)
{
	fputs("<style>\n@media (prefers-color-scheme: dark) {\n", out);
	for (unsigned int i = 0; i < CLI_SVG_SERIES; i++)
		fprintf(out, ".c%u{stroke:%s}\n.d%u{fill:%s}\n", i,
			series_colours[i][1], i, series_colours[i][1]);
	fputs("}\n</style>\n", out);
}

void cli_svg_curve(FILE *out, const struct cli_point *point, size_t n,
		   unsigned int series, bool dashed)
{
	fprintf(out,
		"<path class=\"c%u\" stroke=\"%s\" stroke-width=\"2\" "
		"stroke-linejoin=\"round\" fill=\"none\"%s d=\"",
		series, series_colours[series][0],
		dashed ? " stroke-dasharray=\"5 4\" stroke-opacity=\"0.75\""
		       : "");
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%c%.1f %.1f", i ? 'L' : 'M', point[i].x,
			point[i].y);
	fputs("\"/>\n", out);
}

void cli_svg_dot(FILE *out, double x, double y, unsigned int series)
{
	fprintf(out,
		"<circle class=\"d%u\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.6\" "
		"fill=\"%s\"/>\n",
		series, x, y, series_colours[series][0]);
}

void cli_svg_group(FILE *out, const char *tip)
{
	fputs("<g><title>", out);
	escaped(out, tip);
	fputs("</title>\n", out);
}

void cli_svg_group_end(FILE *out)
{
	fputs("</g>\n", out);
}

/* ---- the whole ---- */

/* One pattern for each set of permissions but read and write. */
static void patterns(FILE *out)
{
	static const char *const drawn[8] = {
		/* none: dots */
		[0] = ("<circle cx=\"3\" cy=\"3\" r=\"1.1\" fill=\"#14181d\" "
		       "fill-opacity=\"0.55\"/>"),
		/* read: one diagonal */
		[SOFT_READ] = "<path d=\"M-1 7L7 -1M-1 1L1 -1M5 7L7 5\"/>",
		/* write: the other one */
		[SOFT_WRITE] = "<path d=\"M-1 -1L7 7M5 -1L7 1M-1 5L1 7\"/>",
		[SOFT_READ | SOFT_WRITE] = NULL,
		/* with execute: upright lines as well */
		[SOFT_EXEC] = "<path d=\"M3 0V6\"/>",
		[SOFT_READ | SOFT_EXEC] =
			"<path d=\"M-1 7L7 -1M-1 1L1 -1M5 7L7 5M3 0V6\"/>",
		[SOFT_WRITE | SOFT_EXEC] =
			"<path d=\"M-1 -1L7 7M5 -1L7 1M-1 5L1 7M3 0V6\"/>",
		[SOFT_READ | SOFT_WRITE | SOFT_EXEC] =
			"<path d=\"M3 0V6M0 3H6\"/>",
	};

	fputs("<defs>\n", out);
	for (unsigned int i = 0; i < 8; i++)
		if (drawn[i])
			fprintf(out,
				"<pattern id=\"p%u\" width=\"6\" height=\"6\" "
				"patternUnits=\"userSpaceOnUse\"><g "
				"stroke=\"#14181d\" stroke-opacity=\"0.45\" "
				"stroke-width=\"1\" fill=\"none\">%s</g>"
				"</pattern>\n",
				i, drawn[i]);
	fputs("<pattern id=\"many\" width=\"4\" height=\"4\" "
	      "patternUnits=\"userSpaceOnUse\"><rect width=\"4\" height=\"4\" "
	      "class=\"pm\" fill=\"#f6f8fa\"/><rect width=\"2\" height=\"4\" "
	      "class=\"pn\" fill=\"#d0d7de\"/></pattern>\n</defs>\n",
	      out);
}

static void style(FILE *out)
{
	fputs("<style>\n@media (prefers-color-scheme: dark) {\n", out);
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		fprintf(out, ".%s{%s}\n", classes[i].name, classes[i].dark);
	for (unsigned int i = 0; i < sizeof(inks) / sizeof(inks[0]); i++)
		fprintf(out, ".i%u{fill:%s}\n", i, inks[i][1]);
	fputs(".line{stroke:#6e7681}\n.pm{fill:#161b22}\n.pn{fill:#30363d}\n"
	      "}\n</style>\n",
	      out);
}

void cli_svg_begin(FILE *out, double width, double height, const char *title)
{
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" "
		"height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" "
		"font-family=\"'DejaVu Sans Mono', Menlo, Consolas, "
		"monospace\">\n<title>",
		width, height, width, height);
	escaped(out, title);
	fputs("</title>\n", out);
	style(out);
	patterns(out);
	cli_svg_box(out, 0, 0, width, height, "paper");
}

void cli_svg_end(FILE *out)
{
	fputs("</svg>\n", out);
}
