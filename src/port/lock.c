/* SPDX-License-Identifier: MIT */
/*
 * Locks of the hosted port: one word, a futex where there is contention.
 */
#include <uiommu/port.h>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The word's values; sleepers wait for it to change from WAITED. */
enum {
	LOCK_FREE,
	LOCK_HELD,
	LOCK_WAITED, /* held, and somebody may sleep */
};

static uint32_t *lock_word(struct port_lock *lock)
{
	return (uint32_t *)&lock->word[0];
}

void port_lock(struct port_lock *lock)
{
	uint32_t *word = lock_word(lock);
	uint32_t free = LOCK_FREE;

	if (__atomic_compare_exchange_n(word, &free, LOCK_HELD, false,
					__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	while (__atomic_exchange_n(word, LOCK_WAITED, __ATOMIC_ACQUIRE) !=
	       LOCK_FREE)
		syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, LOCK_WAITED, NULL,
			NULL, 0);
}

void port_unlock(struct port_lock *lock)
{
	uint32_t *word = lock_word(lock);

	if (__atomic_exchange_n(word, LOCK_FREE, __ATOMIC_RELEASE) ==
	    LOCK_WAITED)
		syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}
