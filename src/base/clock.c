/* Time: see base/clock.h. Owns the offset between the monotonic clock and UTC. */
#include "config.h"

#include "base/clock.h"

#include <pthread.h>
#include <time.h>

static int64_t offset_ns;
static pthread_once_t offset_once = PTHREAD_ONCE_INIT;

static int64_t clock_read_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

static void clock_fix_offset(void)
{
	/* Read on both sides of UTC: being interrupted in between costs half. */
	int64_t before = clock_read_ns(CLOCK_MONOTONIC);
	int64_t utc = clock_read_ns(CLOCK_REALTIME);
	int64_t after = clock_read_ns(CLOCK_MONOTONIC);

	offset_ns = utc - (before + (after - before) / 2);
}

int64_t clock_now_ns(void)
{
	pthread_once(&offset_once, clock_fix_offset);
	return clock_read_ns(CLOCK_MONOTONIC) + offset_ns;
}

int64_t clock_to_monotonic_ns(int64_t ns)
{
	pthread_once(&offset_once, clock_fix_offset);
	return ns - offset_ns;
}

int64_t clock_thread_cpu_ns(void)
{
	return clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
}

/* `value` in exactly `digits` digits. */
static char *put_digits(char *out, int64_t value, unsigned digits)
{
	for (unsigned i = digits; i > 0; i--, value /= 10)
		out[i - 1] = (char)('0' + value % 10);
	return out + digits;
}

unsigned clock_format_rfc3339(int64_t ns, char out[CLOCK_RFC3339_ROOM])
{
	int64_t fraction = ns % NS_PER_SECOND, second = ns / NS_PER_SECOND;
	char *at = out;
	time_t seconds;
	struct tm utc;

	if (fraction < 0) {
		fraction += NS_PER_SECOND;
		second--;
	}
	seconds = (time_t)second;
	gmtime_r(&seconds, &utc);
	/* 64 bits of nanoseconds reach from 1677 to 2262: the year has four digits. */
	at = put_digits(at, utc.tm_year + 1900, 4);
	*at++ = '-';
	at = put_digits(at, utc.tm_mon + 1, 2);
	*at++ = '-';
	at = put_digits(at, utc.tm_mday, 2);
	*at++ = 'T';
	at = put_digits(at, utc.tm_hour, 2);
	*at++ = ':';
	at = put_digits(at, utc.tm_min, 2);
	*at++ = ':';
	at = put_digits(at, utc.tm_sec, 2);
	*at++ = '.';
	at = put_digits(at, fraction / NS_PER_US, 6);
	*at++ = 'Z';
	*at = '\0';
	return (unsigned)(at - out);
}
