/* ss(8), and sets of sockets: see ss.h. */
#include "config.h"

#include "ss.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/text.h"

#define PRINTED_MAX 10

void ss_rows_clear(struct ss_rows *r)
{
	free(r->rows);
	*r = (struct ss_rows){0};
}

void ss_rows_add(struct ss_rows *r, enum tcp_state state, const struct tuple *t)
{
	if (r->count % 1024 == 0) {
		r->rows = realloc(r->rows, (r->count + 1024) * sizeof *r->rows);
		if (!r->rows)
			abort();
	}
	r->rows[r->count++] = (struct ss_row){.state = (uint8_t)state, .tuple = *t};
}

static int compare_rows(const void *a, const void *b)
{
	const struct ss_row *x = a, *y = b;
	int order = memcmp(&x->tuple.local, &y->tuple.local, sizeof x->tuple.local);

	if (!order)
		order = memcmp(&x->tuple.remote, &y->tuple.remote, sizeof x->tuple.remote);
	if (!order)
		order = (int)x->tuple.family - (int)y->tuple.family;
	return order ? order : (int)x->state - (int)y->state;
}

void ss_rows_sort(struct ss_rows *r)
{
	if (r->count)
		qsort(r->rows, r->count, sizeof *r->rows, compare_rows);
}

/* ss writes "*:80" for an IPv6 socket that serves both families, "*" for the port 0, and the interface that a socket is bound to behind its address. */
static void read_end(const char *text, struct endpoint *e, uint16_t *family)
{
	const char *port = strrchr(text, ':'), *scope = strchr(text, '%');
	const char *end = scope ? scope : port;
	char whole[ENDPOINT_TEXT_ROOM];
	uint32_t ifindex;

	assert_non_null(port);
	port = strcmp(port, ":*") == 0 ? ":0" : port;
	if (text[0] == '*')
		snprintf(whole, sizeof whole, "[::]%s", port);
	else
		snprintf(whole, sizeof whole, "%.*s%s%s", (int)(end - text), text, scope && strchr(scope, ']') ? "]" : "", port);
	if (endpoint_parse(whole, e, family, &ifindex))
		fail_msg("ss: %s", text);
}

/* Of states that are all one ss does not tell which. */
static void read_row(struct ss_rows *r, const char *line)
{
	char state[32], local[128], peer[128];
	struct tuple t = {0};
	uint16_t family;

	if (sscanf(line, "%31s %*s %*s %127s %127s", state, local, peer) != 3) {
		assert_int_equal(sscanf(line, "%*s %*s %127s %127s", local, peer), 2);
		state[0] = '\0';
	}
	read_end(local, &t.local, &t.family);
	read_end(peer, &t.remote, &family);
	ss_rows_add(r, state_from_name(state), &t);
}

/* A space behind a backslash belongs to the word. */
static size_t word_length(const char *text)
{
	size_t len = 0;

	while (text[len] && text[len] != ' ')
		len += text[len] == '\\' && text[len + 1] ? 2 : 1;
	return len;
}

/* Each word quoted for the shell. */
static void add_words(struct text *command, const char *filter)
{
	while (*filter) {
		const size_t len = word_length(filter);

		if (len)
			text_add(command, " '");
		for (size_t i = 0; i < len; i++) {
			if (filter[i] == '\'')
				text_add(command, "'\\'");
			text_add_char(command, filter[i]);
			if (filter[i] == '\'')
				text_add_char(command, '\'');
		}
		if (len)
			text_add_char(command, '\'');
		filter += len + (filter[len] == ' ');
	}
}

int ss_list(struct ss_rows *r, const char *filter)
{
	struct text command = {0};
	char line[512];
	int status;
	FILE *f;

	text_add(&command, "ss -Htan --");
	add_words(&command, filter);
	text_add(&command, " 2>/dev/null");
	f = popen(text_string(&command), "re");
	assert_non_null(f);
	while (fgets(line, sizeof line, f))
		read_row(r, line);
	status = pclose(f);
	text_fini(&command);
	ss_rows_sort(r);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool ss_rows_same(const struct ss_rows *a, const struct ss_rows *b)
{
	for (size_t i = 0; i < a->count && a->count == b->count; i++)
		if (compare_rows(&a->rows[i], &b->rows[i]))
			return false;
	return a->count == b->count;
}

static void print_row(const char *who, const struct ss_row *r)
{
	char local[ENDPOINT_TEXT_ROOM], remote[ENDPOINT_TEXT_ROOM];

	tuple_format_local(&r->tuple, local);
	tuple_format_remote(&r->tuple, remote);
	print_message("# only %s: %s %s %s\n", who, state_name((enum tcp_state)r->state), local, remote);
}

unsigned ss_rows_differ(const struct ss_rows *ss, const struct ss_rows *synfin)
{
	unsigned different = 0;
	size_t i = 0, j = 0;

	while (i < ss->count || j < synfin->count) {
		int order = i == ss->count ? 1 : j == synfin->count ? -1 : compare_rows(&ss->rows[i], &synfin->rows[j]);

		if (order && different++ < PRINTED_MAX)
			print_row(order < 0 ? "ss" : "synfin", order < 0 ? &ss->rows[i] : &synfin->rows[j]);
		i += order <= 0;
		j += order >= 0;
	}
	return different;
}
