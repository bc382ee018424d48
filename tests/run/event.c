/* SPDX-License-Identifier: MIT */
/* Interrupts arrive on the client's eventfd, one for each. */
#include <poll.h>
#include <sys/eventfd.h>

#include "edu.h"

#define IOVA 0x10000000ul

int main(void)
{
	char *p = anonymous(PAGE, MAP_PRIVATE);
	int first = eventfd(0, EFD_CLOEXEC), fd = eventfd(0, EFD_NONBLOCK);
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	uint64_t n;
	struct edu e;
	int i;

	check(first >= 0 && fcntl(first, F_GETFD) == FD_CLOEXEC);
	check(fd >= 0 && fcntl(fd, F_GETFL) & O_NONBLOCK);
	edu_open(&e, true);
	check(!edu_map(&e, p, PAGE, IOVA));
	check(!edu_msi(&e, fd));
	check(read(fd, &n, 8) < 0 && errno == EAGAIN);
	for (i = 0; i < 3; i++)
		edu_run(&e, EDU_BUFFER, IOVA, 64, 2 | 4);
	check(poll(&ready, 1, 1000) == 1);
	check(read(fd, &n, 8) == 8 && n == 3);
	check(!edu_msi(&e, first));
	edu_run(&e, EDU_BUFFER, IOVA, 64, 2 | 4);
	check(read(fd, &n, 8) < 0 && errno == EAGAIN);
	check(read(first, &n, 8) == 8 && n == 1);
	/* Not with Bus Master off. */
	check(!edu_msi(&e, fd));
	edu_bus_master(&e, false);
	edu_run(&e, EDU_BUFFER, IOVA, 64, 2 | 4);
	check(read(fd, &n, 8) < 0 && errno == EAGAIN);
	return 0;
}
