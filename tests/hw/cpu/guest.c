/* SPDX-License-Identifier: MIT */
/*
 * Console, TAP, table memory and the second CPU: what needs no architecture. Also all
 * that the library wants of its surroundings (<uiommu/port.h>).
 */
#include <stdarg.h>

#include "guest.h"

/* ---- What compilers emit on their own ----------------------------------- */

void *memset(void *to, int c, size_t n);
void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
int memcmp(const void *a, const void *b, size_t n);

void *memset(void *to, int c, size_t n)
{
	volatile char *p = to;

	while (n--)
		*p++ = (char)c;
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	const volatile char *s = from;
	volatile char *p = to;

	if (p < s)
		while (n--)
			*p++ = *s++;
	else
		while (n--)
			p[n] = s[n];
	return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	return memmove(to, from, n);
}

int memcmp(const void *a, const void *b, size_t n)
{
	const volatile unsigned char *p = a, *q = b;

	for (; n; n--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

/* ---- Console ---------------------------------------------------------------- */

static void puts_(const char *s)
{
	while (*s)
		machine_putc(*s++);
}

static void put_number(uint64_t n, unsigned int radix)
{
	char digits[24];
	unsigned int i = sizeof(digits);

	digits[--i] = 0;
	do {
		digits[--i] = "0123456789abcdef"[n % radix];
		n /= radix;
	} while (n);
	puts_(digits + i);
}

static void put_signed(int64_t n)
{
	if (n < 0)
		machine_putc('-');
	put_number(n < 0 ? 0 - (uint64_t)n : (uint64_t)n, 10);
}

static void vsay(const char *format, va_list *args)
{
	for (; *format; format++) {
		bool wide = false;

		if (*format != '%') {
			machine_putc(*format);
			continue;
		}
		while (*++format == 'l')
			wide = true;
		switch (*format) {
		case 's':
			puts_(va_arg(*args, const char *));
			break;
		case 'c':
			machine_putc((char)va_arg(*args, int));
			break;
		case 'd':
			put_signed(wide ? va_arg(*args, int64_t)
					: va_arg(*args, int));
			break;
		case 'u':
		case 'x':
			put_number(wide ? va_arg(*args, uint64_t)
					: va_arg(*args, unsigned int),
				   *format == 'u' ? 10 : 16);
			break;
		default:
			machine_putc(*format);
		}
	}
}

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsay(format, &args);
	va_end(args);
}

/* ---- TAP ---------------------------------------------------------------------- */

static struct {
	unsigned int number;
	const char *walker;
	const char *name;
	bool failed;
	bool quiet;
	bool any_failed;
} tap;

void tap_begin(const char *walker, const char *name)
{
	tap.walker = walker;
	tap.name = name;
	tap.failed = false;
	tap.quiet = false;
	say("# %s: %s\n", walker, name);
}

void tap_end(void)
{
	say("%s %u - %s: %s\n", tap.failed ? "not ok" : "ok", ++tap.number,
	    tap.walker, tap.name);
	tap.any_failed |= tap.failed;
}

void tap_skip(const char *walker, const char *name, const char *why)
{
	say("ok %u - %s: %s # SKIP %s\n", ++tap.number, walker, name, why);
}

void tap_quiet(void)
{
	tap.quiet = true;
}

void tap_done(void)
{
	say("1..%u\n", tap.number);
	machine_exit(tap.any_failed);
}

bool check(bool good, const char *format, ...)
{
	va_list args;

	if (good && tap.quiet)
		return good;
	say(good ? "#   " : "# WRONG: ");
	va_start(args, format);
	vsay(format, &args);
	va_end(args);
	say("\n");
	tap.failed |= !good;
	return good;
}

/* ---- Table memory ----------------------------------------------------------- */

#define POOL_SIZE   (8u << 20)
#define POOL_UNIT   10 /* log2 of the smallest piece */
#define POOL_UNITS  (POOL_SIZE >> POOL_UNIT)
#define POOL_POISON 0xa5

static uint8_t pool[POOL_SIZE] __attribute__((aligned(1 << 20)));
static uint8_t pool_used[POOL_UNITS];
static size_t pool_bytes;

/* The first place that is free and aligned; only the first CPU makes tables. */
static void *pool_alloc(const struct pt_runtime *rt, unsigned int size_lg2,
			gfp_t gfp)
{
	size_t units = size_lg2 > POOL_UNIT ? 1u << (size_lg2 - POOL_UNIT) : 1;
	size_t at, i;

	for (at = 0; at + units <= POOL_UNITS; at += units) {
		for (i = 0; i < units && !pool_used[at + i]; i++)
			;
		if (i < units)
			continue;
		memset(pool_used + at, 1, units);
		memset(pool + (at << POOL_UNIT), 0, units << POOL_UNIT);
		pool_bytes += units << POOL_UNIT;
		return pool + (at << POOL_UNIT);
	}
	return NULL;
}

static void pool_free(const struct pt_runtime *rt, void *table,
		      unsigned int size_lg2)
{
	size_t units = size_lg2 > POOL_UNIT ? 1u << (size_lg2 - POOL_UNIT) : 1;
	size_t at = (size_t)((uint8_t *)table - pool) >> POOL_UNIT;

	memset(table, POOL_POISON, units << POOL_UNIT);
	memset(pool_used + at, 0, units);
	pool_bytes -= units << POOL_UNIT;
}

static const struct pt_runtime pool_runtime = { .alloc = pool_alloc,
						.free = pool_free };

const struct pt_runtime *guest_runtime(void)
{
	return &pool_runtime;
}

size_t guest_tables(void)
{
	return pool_bytes;
}

/* ---- <uiommu/port.h> ----------------------------------------------------------- */

const struct pt_runtime *port_default_runtime(void)
{
	return &pool_runtime;
}

void port_lock(struct port_lock *lock)
{
	while (__atomic_exchange_n(&lock->word[0], 1, __ATOMIC_ACQUIRE))
		machine_relax();
}

void port_unlock(struct port_lock *lock)
{
	__atomic_store_n(&lock->word[0], 0, __ATOMIC_RELEASE);
}

void port_warn(const char *what, const char *file, int line)
{
	check(false, "%s:%d: %s", file, line, what);
}

/* ---- The second CPU ------------------------------------------------------------ */

static struct {
	void (*fn)(void *arg);
	void *arg;
	bool started;
} second;

void __attribute__((weak)) machine_start_second(void)
{
}

void second_start(void (*fn)(void *arg), void *arg)
{
	if (!second.started)
		machine_start_second();
	second.started = true;
	second.arg = arg;
	__atomic_store_n(&second.fn, fn, __ATOMIC_RELEASE);
}

void second_wait(void)
{
	while (__atomic_load_n(&second.fn, __ATOMIC_ACQUIRE))
		machine_relax();
}

void guest_second(void)
{
	void (*fn)(void *arg);

	while (true) {
		fn = __atomic_load_n(&second.fn, __ATOMIC_ACQUIRE);
		if (!fn) {
			machine_relax();
			continue;
		}
		fn(second.arg);
		__atomic_store_n(&second.fn, NULL, __ATOMIC_RELEASE);
	}
}

uint64_t guest_random(uint64_t *state)
{
	uint64_t x = *state += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}
