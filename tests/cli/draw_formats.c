/* SPDX-License-Identifier: MIT */
/* Both pictures of the worked example of every format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "../soft/examples.h"
#include "cli/draw.h"
#include "cli/svg.h"

typedef int (*draw_fn)(FILE *out, const struct cli_draw *draw);

static char *picture(const struct example *example, draw_fn draw)
{
	struct soft_root root = example_root(example);
	struct cli_survey survey;
	struct cli_draw what = {
		.root = &root,
		.scope = { .root = &root,
			   .last = UINT64_MAX,
			   .max = CLI_MAX_ENTRIES },
		.name = example->name,
		.survey = &survey,
	};
	char *text = NULL;
	size_t size = 0;
	struct mem mem;
	FILE *out;

	mem_init(&mem);
	example_store(&mem, example);
	what.scope.bus = &mem.bus;
	assert_int_equal(cli_survey(&survey, &what.scope), 0);
	assert_int_equal(survey.bad, 0);
	assert_true(survey.bytes > 0 && survey.nr_used > 0);
	out = open_memstream(&text, &size);
	assert_int_equal(draw(out, &what), 0);
	fclose(out);
	cli_survey_free(&survey);
	mem_fini(&mem);
	return text;
}

static unsigned int count(const char *text, const char *what)
{
	unsigned int n = 0;

	for (text = strstr(text, what); text; text = strstr(text + 1, what))
		n++;
	return n;
}

static void test_tree(void **state)
{
	for (size_t i = 0; i < NR_EXAMPLES; i++) {
		char *text = picture(&examples[i], cli_draw_tree);
		char level[32];

		assert_int_equal(count(text, "<g>"),
				 count(text, "</g>") -
					 count(text, "</g></pattern>"));
		for (unsigned int l = 0; l < example_root(&examples[i]).levels;
		     l++) {
			snprintf(level, sizeof(level), ">level %u<", l);
			assert_int_equal(count(text, level), 1);
		}
		/* The top table is named, and there is a coloured page. */
		assert_true(count(text, ">table 0x") >= 1);
		assert_true(count(text, "pages of") + count(text, "page of"));
		free(text);
	}
}

static void test_map(void **state)
{
	for (size_t i = 0; i < NR_EXAMPLES; i++) {
		char *text = picture(&examples[i], cli_draw_map);

		assert_true(count(text, "each cell ") == 1);
		assert_true(count(text, ">Fragmentation<") == 1);
		free(text);
	}
}

static void check_text(const char *in, const char *out)
{
	char *text = NULL, whole[256];
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	cli_svg_text(f, 1, 2, 3, CLI_INK_TEXT, CLI_LEFT, in);
	fclose(f);
	snprintf(whole, sizeof(whole), ">%s</text>\n", out);
	assert_non_null(strstr(text, whole));
	free(text);
}

/* What is no XML must not get into one. */
static void test_escape(void **state)
{
	check_text("a<b>&\"c", "a&lt;b&gt;&amp;&quot;c");
	check_text("\x01\x1f\n", "???");
	check_text("\xc3\xa4 \xe2\x86\x92 \xf0\x9f\x98\x80",
		   "\xc3\xa4 \xe2\x86\x92 \xf0\x9f\x98\x80");
	check_text("\xc0\xaf \xff \xe2\x86", "?? ? ??");
	check_text("\xed\xa0\x80 \xef\xbf\xbf \xf4\x90\x80\x80",
		   "??? ??? ????");
	assert_int_equal(cli_svg_columns("\xe2\x86\x92x\xff"), 3);
}

static void check_about(uint64_t bytes, const char *text)
{
	struct cli_line line = { 0 };

	cli_add_about(&line, bytes);
	assert_string_equal(line.text, text);
}

static void test_about(void **state)
{
	check_about(0, "0B");
	check_about(4096, "4K");
	check_about(6 * 1024 * 1024 + 4096, "6.0M");
	check_about(UINT64_C(1) << 63, "8E");
	check_about(UINT64_MAX, "16E");
	check_about(1023 * 1024, "1023K");
	check_about((UINT64_C(500) << 30) + 1, "500G");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
