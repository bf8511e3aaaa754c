/* What synfin has to say about itself: see base/log.h. Owns standard error's lines and the ring in which they wait. */
#include "config.h"

#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/memory.h"
#include "base/message.h"
#include "base/text.h"

#define WAITING_MAX 64

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static bool log_held;
static char *waiting[WAITING_MAX]; /* a ring: the oldest at waiting_first */
static unsigned waiting_first, waiting_count, waiting_dropped;

static void log_print(const char *line)
{
	/* One call, one write: lines of several processes do not mix. */
	fprintf(stderr, "synfin: %s\n", line);
}

/* Under the lock. Owns the line from now on. */
static void log_wait(char *line)
{
	if (waiting_count == WAITING_MAX) {
		free(waiting[waiting_first]);
		waiting_first = (waiting_first + 1) % WAITING_MAX;
		waiting_count--;
		waiting_dropped++;
	}
	waiting[(waiting_first + waiting_count) % WAITING_MAX] = line;
	waiting_count++;
}

void log_line(const char *format, ...)
{
	struct text text = {0};
	char *line;
	va_list args;

	va_start(args, format);
	text_addv(&text, format, args);
	va_end(args);
	/* What a person typed may be quoted in it. */
	line = memory_get(text.len + 1);
	clean_copy(line, text.len + 1, text.bytes, text.len);
	text_fini(&text);

	pthread_mutex_lock(&log_lock);
	if (log_held) {
		log_wait(line);
	} else {
		log_print(line);
		free(line);
	}
	pthread_mutex_unlock(&log_lock);
}

void log_hold(bool hold)
{
	char dropped[128];

	pthread_mutex_lock(&log_lock);
	log_held = hold;
	if (!hold && waiting_dropped > 0) {
		snprintf(dropped, sizeof(dropped), _("messages dropped before these: %u"), waiting_dropped);
		log_print(dropped);
		waiting_dropped = 0;
	}
	for (; !hold && waiting_count > 0; waiting_count--, waiting_first = (waiting_first + 1) % WAITING_MAX) {
		log_print(waiting[waiting_first]);
		free(waiting[waiting_first]);
	}
	pthread_mutex_unlock(&log_lock);
}

void log_lines(const char *text)
{
	while (*text) {
		const size_t len = strcspn(text, "\n");

		log_line("%.*s", (int)len, text);
		text += len + (text[len] == '\n');
	}
}
