/* SPDX-License-Identifier: MIT */
/* A client that has everything set up and does nothing. */
#include "edu.h"

int main(void)
{
	char *p = anonymous(16 * PAGE, MAP_PRIVATE);
	struct edu e;

	edu_open(&e, true);
	check(!edu_map(&e, p, 16 * PAGE, 0x10000000));
	edu_fill(&e, 0x10000000, PAGE, 1);
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
