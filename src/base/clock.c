/* Time: see base/clock.h. Owns the offset between the monotonic clock and UTC. */
#include "config.h"

#include "base/clock.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/digits.h"

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

#define DAY_SECONDS 86400
#define DAYS_OF_400_YEARS 146097

struct date {
	unsigned year, month, day;
};

/*
 * The Gregorian date of a day since 1970, as gmtime_r() has it, which takes a lock and several times as long: a list of a million sockets has some
 * million times in it. Years are counted from March, so that the leap day is a year's last.
 */
static struct date date_of(int64_t days)
{
	int64_t since = days + 719468, era = (since >= 0 ? since : since - (DAYS_OF_400_YEARS - 1)) / DAYS_OF_400_YEARS; /* since 0000-03-01 */
	unsigned of_era = (unsigned)(since - era * DAYS_OF_400_YEARS);
	unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
	unsigned month = (5 * of_year + 2) / 153;

	return (struct date){
		.year = (unsigned)(era * 400) + year + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = of_year - (153 * month + 2) / 5 + 1,
	};
}

static char *put_four(char *out, uint32_t value)
{
	return digits_put_two(digits_put_two(out, value / 100), value % 100);
}

static char *put_six(char *out, uint32_t value)
{
	return digits_put_two(put_four(out, value / 100), value % 100);
}

#define DATE_LEN 10 /* "2026-11-27" */

static void write_date(char out[DATE_LEN], int64_t day)
{
	struct date date = date_of(day);

	/* 64 bits of nanoseconds reach from 1677 to 2262: the year has four digits. */
	out = put_four(out, date.year);
	*out++ = '-';
	out = digits_put_two(out, date.month);
	*out++ = '-';
	digits_put_two(out, date.day);
}

/* Nearly all that is told at a time is of one day. What is kept of it changes no answer. */
static char *put_date(char *out, int64_t day)
{
	static _Thread_local struct {
		int64_t day;
		char text[DATE_LEN];
	} last = {.day = INT64_MIN};

	if (day != last.day) {
		write_date(last.text, day);
		last.day = day;
	}
	memcpy(out, last.text, DATE_LEN);
	return out + DATE_LEN;
}

unsigned clock_format_rfc3339(int64_t ns, char out[CLOCK_RFC3339_ROOM])
{
	int64_t fraction = ns % NS_PER_SECOND, second = ns / NS_PER_SECOND;
	char *at = out;
	int64_t day;
	uint32_t of_day;

	if (fraction < 0) {
		fraction += NS_PER_SECOND;
		second--;
	}
	day = second / DAY_SECONDS - (second % DAY_SECONDS < 0);
	of_day = (uint32_t)(second - day * DAY_SECONDS);
	at = put_date(at, day);
	*at++ = 'T';
	at = digits_put_two(at, of_day / 3600);
	*at++ = ':';
	at = digits_put_two(at, of_day / 60 % 60);
	*at++ = ':';
	at = digits_put_two(at, of_day % 60);
	*at++ = '.';
	at = put_six(at, (uint32_t)(fraction / NS_PER_US));
	*at++ = 'Z';
	*at = '\0';
	return (unsigned)(at - out);
}
