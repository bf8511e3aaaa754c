/* Ladders as documents: golden ones, and that any is well-formed. */
#include "config.h"

#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/message.h"
#include "golden.h"
#include "ladder_lives.h"
#include "show/export.h"

#define NOW LIFE_AT(110)

/* The view of a life, as of a program with this name. */
static void view_of(struct ladder_view *v, const struct life *life, const char *comm)
{
	struct model *m = model_new(1);
	const struct holder holder = {.pid = 4821, .fd = 5, .start_ticks = 1};
	struct holder named = holder;
	const struct event held = {.kind = EVENT_UPDATE, .t_ns = LIFE_AT(40), .conn = life->conn, .holder_count = 1, .holders = &named};

	snprintf(named.comm, sizeof(named.comm), "%s", comm);
	life_tell(m, life->steps, life->count);
	model_apply(m, &held);
	ladder_view_init(v, false);
	ladder_view_show(v, m, life->conn, LADDER_VIEW_ALL, NOW);
	model_free(m);
}

static const struct life *life_called(const char *name)
{
	const struct life *life = lives;

	while (strcmp(life->name, name) != 0)
		life++;
	return life;
}

static void test_golden(void **state)
{
	static const char *const names[] = {"graceful_pair", "close_wait", "refused", "simultaneous_close", "listener"};
	struct ladder_view v;

	(void)state;
	for (unsigned kind = 0; kind < EXPORT_KINDS; kind++)
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			static const char *const endings[EXPORT_KINDS] = {"txt", "mmd", "svg"};
			struct text document = {0};
			char file[96];

			view_of(&v, life_called(names[i]), "curl");
			export_ladder(&v, (enum export_kind)kind, &glyphs_unicode, NOW, &document);
			snprintf(file, sizeof(file), "export_%s.%s", names[i], endings[kind]);
			golden_check(file, text_string(&document));
			text_fini(&document);
		}
}

/* ---- SVG ---- */

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == ':';
}

/* An entity, at the '&'. Returns what follows it. */
static const char *pass_entity(const char *s)
{
	static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;"};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strncmp(s, known[i], strlen(known[i])) == 0)
			return s + strlen(known[i]);
	fail_msg("a stray '&': %.20s", s);
	return s;
}

/* The attributes of a tag, each once and quoted. Returns the '>' or the '/' of "/>". */
static const char *pass_attributes(const char *s)
{
	while (*s == ' ') {
		const char *name = ++s;

		while (is_name(*s))
			s++;
		assert_true(s > name);
		assert_int_equal(*s++, '=');
		assert_int_equal(*s++, '"');
		while (*s != '"') {
			assert_true(*s && *s != '<');
			s = *s == '&' ? pass_entity(s) : s + 1;
		}
		s++;
	}
	return s;
}

#define DEPTH_MAX 8

/* Well-formed: one root, tags that close what was opened, no character that XML does not have. */
static void check_xml(const char *s)
{
	char open[DEPTH_MAX][16];
	unsigned depth = 0, roots = 0;

	while (*s) {
		const char *name;
		size_t len = 0;

		if (*s != '<') {
			assert_true(*s != '>' || depth > 0);
			assert_true((unsigned char)*s >= ' ' || *s == '\n');
			s = *s == '&' ? pass_entity(s) : s + 1;
			continue;
		}
		name = s[1] == '/' ? s + 2 : s + 1;
		while (is_name(name[len]))
			len++;
		assert_in_range(len, 1, sizeof(open[0]) - 1);
		if (s[1] == '/') {
			assert_true(depth > 0 && strlen(open[depth - 1]) == len && strncmp(open[depth - 1], name, len) == 0);
			depth--;
			s = name + len;
		} else {
			roots += depth == 0;
			assert_true(depth < DEPTH_MAX);
			snprintf(open[depth++], sizeof(open[0]), "%.*s", (int)len, name);
			s = pass_attributes(name + len);
			if (*s == '/') {
				depth--;
				s++;
			}
		}
		assert_int_equal(*s++, '>');
	}
	assert_int_equal(depth, 0);
	assert_int_equal(roots, 1);
}

/* ---- Mermaid ---- */

/* Every line is one of those that a sequence diagram has, and no words have a character that Mermaid takes for its own. */
static void check_mermaid(const char *s)
{
	static const char lines[] = "^(sequenceDiagram|    %% [0-9TZ:.-]+|    participant [LR] as [^;%]+|    Note (over L(,R)?|left of L|right of R): [^;%]+"
				    "|    [LR](->>|-->>|-x|--x|-\\)|--\\))[LR]: [^;%]+)$";
	regex_t form;

	assert_int_equal(regcomp(&form, lines, REG_EXTENDED | REG_NOSUB), 0);
	assert_true(strncmp(s, "sequenceDiagram\n", 16) == 0);
	while (*s) {
		const size_t len = strcspn(s, "\n");
		char line[512], *code;

		snprintf(line, sizeof(line), "%.*s", (int)len, s);
		/* codes are allowed, and nothing else with a '#' */
		for (code = line; (code = strchr(code, '#'));) {
			const size_t digits = strspn(code + 1, "0123456789abcdefghijklmnopqrstuvwxyz");

			assert_true(digits > 0 && code[1 + digits] == ';');
			memset(code, '_', digits + 2);
		}
		if (regexec(&form, line, 0, NULL, 0) != 0)
			fail_msg("no line of Mermaid: %s", line);
		s += len + (s[len] == '\n');
	}
	regfree(&form);
}

static void test_any_life_is_well_formed(void **state)
{
	static const char *const comms[] = {"curl", "a<b>&\"c\"'d'", "x;y#z%%q", "불여우", ""};

	(void)state;
	for (const struct life *life = lives; life->name; life++)
		for (size_t i = 0; i < sizeof(comms) / sizeof(comms[0]); i++) {
			struct text document = {0};
			struct ladder_view v;

			view_of(&v, life, comms[i]);
			export_svg(&v, &document);
			check_xml(text_string(&document));
			text_clear(&document);
			export_mermaid(&v, &document);
			check_mermaid(text_string(&document));
			text_fini(&document);
		}
}

static void test_names(void **state)
{
	char name[EXPORT_NAME_ROOM];
	struct ladder_view v;

	(void)state;
	view_of(&v, life_called("close_wait"), "curl");
	assert_string_equal(export_file_name(&v, EXPORT_SVG, 1, name), "synfin-curl-41812-443.svg");
	assert_string_equal(export_file_name(&v, EXPORT_MERMAID, 12, name), "synfin-curl-41812-443-12.mmd");
	view_of(&v, life_called("close_wait"), "../../etc/x y");
	assert_string_equal(export_file_name(&v, EXPORT_TEXT, 1, name), "synfin-.._.._etc_x_y-41812-443.txt");
	/* Words of any script; what is cut short, invisible or no letter is none. */
	snprintf(v.comm, sizeof(v.comm), "한글 서버-2");
	assert_string_equal(export_file_name(&v, EXPORT_TEXT, 1, name), "synfin-한글_서버_2-41812-443.txt");
	snprintf(v.comm, sizeof(v.comm), "é/cafe\u0301 हिन्दी ٣");
	assert_string_equal(export_file_name(&v, EXPORT_TEXT, 1, name), "synfin-é_cafe\u0301_हिन्दी_٣-41812-443.txt");
	snprintf(v.comm, sizeof(v.comm), "a\u202eb\u200bc\x1b\xff\xc2\x85😀\xed\x95");
	assert_string_equal(export_file_name(&v, EXPORT_TEXT, 1, name), "synfin-a_b_c______-41812-443.txt");
	snprintf(v.comm, sizeof(v.comm), "가나다라마바사아자차");
	assert_string_equal(export_file_name(&v, EXPORT_TEXT, 1, name), "synfin-가나다라마바사아자차-41812-443.txt");
	v.pid = 0;
	assert_string_equal(export_file_name(&v, EXPORT_TEXT, 1, name), "synfin-41812-443.txt");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_any_life_is_well_formed),
		cmocka_unit_test(test_names),
	};

	setenv("TZ", "UTC", 1);
	message_init("en", "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
