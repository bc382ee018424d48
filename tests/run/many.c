/* SPDX-License-Identifier: MIT */
/*
 * Open as many files as the supervisor gives, and end: it has to see every close.
 * With an argument, hand one to a socket's other end before.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include "edu.h"

/* Send the descriptor to standard input, which is a socket. */
static void pass(int fd)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	check(sendmsg(STDIN_FILENO, &msg, 0) == 1);
}

int main(int argc, char **argv)
{
	struct edu e;
	int fd;

	(void)argv;
	edu_open(&e, true);
	if (argc > 1) {
		pass(e.iommu);
		return 0;
	}
	do
		fd = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	while (fd >= 0);
	check(errno == EMFILE || errno == ENFILE);
	return 0;
}
