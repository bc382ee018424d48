/* SPDX-License-Identifier: MIT */
/*
 * Memory of one process, mapped through a descriptor that another one has as well.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "mock.h"

/* The process has ended before anybody needed its pages: there are none. */
static void test_gone(void **state)
{
	uint32_t ioas = mock_ioas();
	struct mock_dev dev;
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		memset(t.buf, 1, PAGE);
		_exit(mock_map(ioas, t.buf, PAGE, START) ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(mock_device(ioas, 0, &dev), -EFAULT);
	assert_int_equal(mock_unmap(ioas, START, PAGE), 0);
	mock_new_device(ioas, 0);
}

/* While it is there they are its pages, not those at the same address here. */
static void test_present(void **state)
{
	uint32_t ioas = mock_ioas();
	int go[2], done[2], status;
	struct mock_dev dev;
	pid_t pid;
	char c = 0;

	assert_int_equal(pipe(go) | pipe(done), 0);
	pid = fork();
	if (!pid) {
		memset(t.buf, 1, PAGE);
		c = (char)mock_map(ioas, t.buf, PAGE, START);
		if (write(done[1], &c, 1) != 1 || read(go[0], &c, 1) != 1)
			_exit(2);
		_exit(mock_check_map((uint32_t)c, START, t.buf, PAGE) ? 1 : 0);
	}
	assert_int_equal(read(done[0], &c, 1), 1);
	assert_int_equal(c, 0);
	dev = mock_new_device(ioas, 0);
	assert_int_equal(mock_check_map(dev.hwpt, START, t.buf, PAGE), -EINVAL);
	c = (char)dev.hwpt;
	assert_int_equal(write(go[1], &c, 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(mock_unmap(ioas, START, PAGE), 0);
	close(go[0]);
	close(go[1]);
	close(done[0]);
	close(done[1]);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, test_setup, test_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_gone),
		TEST(test_present),
	};

	return cmocka_run_group_tests_name("mock-process", tests, NULL, NULL);
}
