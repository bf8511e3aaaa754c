/*
 * Themes: every one shipped says how every role looks, and can be read; mistakes are told with file, line and key,
 * whatever a file holds; names that are not there are told with those that are.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/message.h"
#include "tui/theme.h"

static char home[] = "/tmp/synfin-theme-test-XXXXXX";

static void path_of(const char *name, struct text *path)
{
	text_clear(path);
	text_addf(path, "%s/synfin/themes/%s.theme", home, name);
}

static void write_theme(const char *name, const char *content)
{
	struct text path = {0};
	FILE *f;

	path_of(name, &path);
	f = fopen(text_string(&path), "w");
	assert_non_null(f);
	fputs(content, f);
	fclose(f);
	text_fini(&path);
}

static int make_home(void **state)
{
	struct text dir = {0};

	(void)state;
	assert_non_null(mkdtemp(home));
	text_addf(&dir, "%s/synfin", home);
	mkdir(text_string(&dir), 0700);
	text_add(&dir, "/themes");
	mkdir(text_string(&dir), 0700);
	text_fini(&dir);
	setenv("XDG_CONFIG_HOME", home, 1);
	return 0;
}

static int remove_home(void **state)
{
	static const char *const names[] = {"synfin/themes/mine.theme", "synfin/themes/dark.theme", "synfin/themes", "synfin", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct text path = {0};

		text_addf(&path, "%s/%s", home, names[i]);
		remove(text_string(&path));
		text_fini(&path);
	}
	return 0;
}

static void assert_complete(const struct theme *t, const char *file)
{
	for (unsigned i = 0; i < ROLE_COUNT; i++)
		if (!t->roles[i].given)
			fail_msg("%s says nothing of %s", file, role_name((enum role)i));
}

/* ---- the shipped ones ---- */

#define SHIPPED 13

static void themes_dir(struct text *dir)
{
	const char *top = getenv("top_srcdir");

	text_addf(dir, "%s/themes", top ? top : ".");
}

static void for_each_shipped(void (*check)(const char *path, const char *file, const struct theme *t))
{
	struct text dir = {0}, path = {0}, error = {0};
	const struct dirent *entry;
	unsigned count = 0;
	DIR *d;

	themes_dir(&dir);
	d = opendir(text_string(&dir));
	assert_non_null(d);
	while ((entry = readdir(d)) != NULL) {
		struct theme t;

		if (!strstr(entry->d_name, ".theme"))
			continue;
		text_clear(&path);
		text_addf(&path, "%s/%s", text_string(&dir), entry->d_name);
		if (theme_read(&t, text_string(&path), &error))
			fail_msg("%s", text_string(&error));
		check(text_string(&path), entry->d_name, &t);
		count++;
	}
	closedir(d);
	assert_int_equal(count, SHIPPED);
	text_fini(&dir);
	text_fini(&path);
	text_fini(&error);
}

static void check_complete(const char *path, const char *file, const struct theme *t)
{
	struct text content = {0}, wanted = {0};
	char part[1024];
	size_t got;
	FILE *f = fopen(path, "r");

	text_addf(&wanted, "%s.theme", t->name);
	assert_string_equal(text_string(&wanted), file);
	assert_true(t->description[0] != '\0');
	assert_non_null(f);
	while ((got = fread(part, 1, sizeof(part), f)) > 0)
		text_add_bytes(&content, part, got);
	fclose(f);
	/* In the file: what it leaves out is as built in, and would not be missed. */
	for (unsigned i = 0; i < ROLE_COUNT; i++) {
		text_clear(&wanted);
		text_addf(&wanted, "\n%s = ", role_name((enum role)i));
		if (!strstr(text_string(&content), text_string(&wanted)))
			fail_msg("%s says nothing of %s", file, role_name((enum role)i));
	}
	if (!strstr(text_string(&content), "\ndescription[ko] = "))
		fail_msg("%s says nothing of itself in Korean", file);
	text_fini(&content);
	text_fini(&wanted);
}

static void test_shipped_themes_are_complete(void **state)
{
	(void)state;
	for_each_shipped(check_complete);
}

/* Relative luminance and contrast as WCAG 2.2 defines them. */
static double linear(int32_t channel)
{
	const double c = (channel & 0xff) / 255.0;

	return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(int32_t rgb)
{
	return 0.2126 * linear(rgb >> 16) + 0.7152 * linear(rgb >> 8) + 0.0722 * linear(rgb);
}

static double contrast(int32_t a, int32_t b)
{
	const double la = luminance(a), lb = luminance(b);

	return la > lb ? (la + 0.05) / (lb + 0.05) : (lb + 0.05) / (la + 0.05);
}

/* The lines and dots of a picture; all else is text. */
static bool is_drawn(enum role role)
{
	return role == ROLE_RULE || role == ROLE_GAUGE || role == ROLE_ARROW || role == ROLE_ARROW_INFERRED || role == ROLE_ARROW_LOST || role == ROLE_PACKET;
}

/* These never stand in a row of the list. */
static bool is_frame(enum role role)
{
	return role == ROLE_BAR || role == ROLE_BAR_KEY || role == ROLE_TAB || role == ROLE_TAB_ACTIVE;
}

static int32_t rgb_of(const char *file, enum role role, int32_t color, const struct theme_terminal *terminal)
{
	if (terminal->direct ? color < 8 : color < 16)
		fail_msg("%s: %s: color %d of a theme with a ground of its own is the terminal's", file, role_name(role), (int)color);
	return terminal->direct ? color : theme_rgb_of_index(color);
}

static void check_role(const char *file, const struct theme *t, enum role role, bool on_cursor, const struct theme_terminal *terminal)
{
	const struct theme_look look = theme_look(t, role, on_cursor, terminal);
	const double least = is_drawn(role) ? 3 : 4.5;
	double ratio;

	ratio = contrast(rgb_of(file, role, look.fore, terminal), rgb_of(file, role, look.ground, terminal));
	if (ratio < least)
		fail_msg("%s: %s%s: contrast %.2f of %s colours, %.1f wanted", file, role_name(role), on_cursor ? " at the cursor" : "", ratio,
			 terminal->direct ? "direct" : "256", least);
}

/* Hues of unknown make on an unknown ground would be a game of chance: greys apart, it has to be the terminal's sixteen. */
static void check_own_colors(const char *file, const struct theme *t, enum role role)
{
	const struct theme_role *r = &t->roles[role];

	if (r->fore.direct != COLOR_NOT_GIVEN || (r->fore.indexed != COLOR_NOT_GIVEN && r->ground.indexed == COLOR_NOT_GIVEN && r->fore.indexed < 232))
		fail_msg("%s: %s: a fixed colour on the terminal's ground", file, role_name(role));
}

static void check_contrast(const char *path, const char *file, const struct theme *t)
{
	static const struct theme_terminal terminals[] = {{.colors = 256}, {.colors = 1 << 24, .direct = true}};
	const struct theme_color *ground = &t->roles[ROLE_TEXT].ground;

	(void)path;
	for (unsigned role = 0; role < ROLE_COUNT; role++) {
		if (ground->named == COLOR_NOT_GIVEN && ground->indexed == COLOR_NOT_GIVEN && ground->direct == COLOR_NOT_GIVEN) {
			check_own_colors(file, t, (enum role)role);
			continue;
		}
		for (unsigned i = 0; i < (is_frame((enum role)role) ? 2 : 4); i++)
			check_role(file, t, (enum role)role, i / 2, &terminals[i % 2]);
	}
}

static void test_shipped_themes_can_be_read(void **state)
{
	(void)state;
	for_each_shipped(check_contrast);
}

static void test_high_contrast(void **state)
{
	struct text path = {0}, error = {0};
	const struct theme_terminal terminal = {.colors = 1 << 24, .direct = true};
	struct theme t;

	(void)state;
	themes_dir(&path);
	text_add(&path, "/high-contrast.theme");
	assert_int_equal(theme_read(&t, text_string(&path), &error), 0);
	for (unsigned i = 0; i < ROLE_COUNT; i++) {
		const struct theme_look look = theme_look(&t, (enum role)i, false, &terminal);

		assert_true(contrast(look.fore, look.ground) >= 7);
	}
	text_fini(&path);
	text_fini(&error);
}

/* With eight colours or sixteen nothing is written in the colour that it stands on. */
static void check_named(const char *path, const char *file, const struct theme *t)
{
	static const int colors[] = {8, 16};

	(void)path;
	for (unsigned i = 0; i < 4 * ROLE_COUNT; i++) {
		const struct theme_terminal terminal = {.colors = colors[i % 2]};
		const enum role role = (enum role)(i / 4);
		const struct theme_look look = theme_look(t, role, i / 2 % 2, &terminal);

		if (look.fore == look.ground && look.fore != COLOR_OWN)
			fail_msg("%s: %s: is written in the colour of its ground, with %d colours", file, role_name(role), terminal.colors);
		assert_true(look.fore < colors[i % 2] && look.ground < colors[i % 2]);
	}
}

static void test_named_forms(void **state)
{
	(void)state;
	for_each_shipped(check_named);
}

static void check_mono(const char *path, const char *file, const struct theme *t)
{
	(void)path;
	if (strcmp(file, "mono.theme") != 0)
		return;
	for (unsigned i = 0; i < ROLE_COUNT; i++) {
		const struct theme_terminal terminal = {.colors = 256};
		const struct theme_look look = theme_look(t, (enum role)i, false, &terminal);

		assert_int_equal(look.fore, COLOR_OWN);
		assert_int_equal(look.ground, COLOR_OWN);
		if (i != ROLE_FLASH)
			assert_int_equal(theme_look(t, (enum role)i, true, &terminal).attributes & (THEME_REVERSE | THEME_DIM), THEME_REVERSE);
	}
}

static void test_mono_has_no_colors(void **state)
{
	(void)state;
	for_each_shipped(check_mono);
}

/* ---- reading ---- */

static void test_builtin(void **state)
{
	struct theme t;

	(void)state;
	theme_set_builtin(&t);
	assert_string_equal(t.name, "dark");
	assert_complete(&t, "built-in");
}

static void test_forms_of_a_role(void **state)
{
	struct text error = {0};
	struct theme t;

	(void)state;
	write_theme("mine", "[theme]\nname = mine\n[roles]\nwarning = bright-red , 214,#ffaf00, on blue, on 17, on #000040, bold,underline\n"
			    "text = default\n# a comment\ndim = dim\n");
	assert_int_equal(theme_load(&t, "mine", &error), 0);
	assert_string_equal(t.name, "mine");
	assert_int_equal(t.roles[ROLE_WARNING].fore.named, 9);
	assert_int_equal(t.roles[ROLE_WARNING].fore.indexed, 214);
	assert_int_equal(t.roles[ROLE_WARNING].fore.direct, 0xffaf00);
	assert_int_equal(t.roles[ROLE_WARNING].ground.named, 4);
	assert_int_equal(t.roles[ROLE_WARNING].ground.indexed, 17);
	assert_int_equal(t.roles[ROLE_WARNING].ground.direct, 0x40);
	assert_int_equal(t.roles[ROLE_WARNING].attributes, THEME_BOLD | THEME_UNDERLINE);
	assert_int_equal(t.roles[ROLE_TEXT].fore.named, COLOR_OWN);
	assert_int_equal(t.roles[ROLE_TEXT].ground.named, COLOR_NOT_GIVEN);
	assert_int_equal(t.roles[ROLE_DIM].attributes, THEME_DIM);
	assert_string_equal(t.description, "");
	assert_complete(&t, "mine"); /* the rest as built in */
	text_fini(&error);
}

static void test_description(void **state)
{
	struct text error = {0};
	struct theme t;

	(void)state;
	write_theme("mine", "[theme]\ndescription[ko] = 내 것\ndescription = my own\ndescription[en] = mine, in English\ndescription[fr_CA] = le mien\n");
	assert_int_equal(theme_load(&t, "mine", &error), 0);
	assert_string_equal(t.description, "mine, in English");
	write_theme("mine", "[theme]\ndescription[en] = mine\ndescription = my own\n");
	assert_int_equal(theme_load(&t, "mine", &error), 0);
	assert_string_equal(t.description, "mine");
	text_fini(&error);
}

/* What is left out is as in `text`, there the terminal's own. */
static void test_what_is_left_out(void **state)
{
	const struct theme_terminal many = {.colors = 256}, few = {.colors = 8}, none = {0};
	struct text error = {0};
	struct theme t;

	(void)state;
	write_theme("mine", "[roles]\ntext = black, on white, on 231\ndim = bright-black\ntitle = bold\nrow.cursor = on cyan, on 254\n");
	assert_int_equal(theme_load(&t, "mine", &error), 0);
	assert_int_equal(theme_look(&t, ROLE_TITLE, false, &many).fore, 0);
	assert_int_equal(theme_look(&t, ROLE_TITLE, false, &many).ground, 231);
	assert_int_equal(theme_look(&t, ROLE_TITLE, true, &many).ground, 254);
	assert_int_equal(theme_look(&t, ROLE_TITLE, true, &few).ground, 6);
	assert_int_equal(theme_look(&t, ROLE_DIM, false, &many).fore, 8);
	assert_int_equal(theme_look(&t, ROLE_DIM, false, &few).fore, 0);
	assert_int_equal(theme_look(&t, ROLE_DIM, false, &few).attributes, THEME_DIM);
	assert_int_equal(theme_look(&t, ROLE_TITLE, false, &none).fore, COLOR_OWN);
	assert_int_equal(theme_look(&t, ROLE_TITLE, false, &none).attributes, THEME_BOLD);
	theme_set_builtin(&t);
	assert_int_equal(theme_look(&t, ROLE_ARROW, false, &many).fore, COLOR_OWN);
	assert_int_equal(theme_look(&t, ROLE_ARROW, false, &many).ground, COLOR_OWN);
	text_fini(&error);
}

static void assert_mistake(const char *content, const char *wanted)
{
	struct text error = {0}, path = {0}, full = {0};
	struct theme t;

	write_theme("mine", content);
	path_of("mine", &path);
	text_addf(&full, "%s:%s", text_string(&path), wanted);
	assert_int_equal(theme_load(&t, "mine", &error), -EINVAL);
	assert_string_equal(text_string(&error), text_string(&full));
	assert_string_equal(t.name, "dark");
	text_fini(&error);
	text_fini(&path);
	text_fini(&full);
}

static void test_paths_are_told_clean(void **state)
{
	struct text error = {0};
	struct theme t;

	(void)state;
	assert_int_equal(theme_read(&t, "/nowhere\033[31m.theme", &error), -ENOENT);
	assert_string_equal(text_string(&error), "/nowhere?[31m.theme: No such file or directory");
	text_fini(&error);
}

static void test_mistakes(void **state)
{
	(void)state;
	assert_mistake("[roles]\n\ntext = default\nwarnung = red\n", "4: warnung: no such role");
	assert_mistake("[roles]\ntext = defalt\n", "2: text: neither a colour nor an attribute: 'defalt'");
	assert_mistake("[roles]\ntext = red,\n", "2: text: a colour or an attribute is missing");
	assert_mistake("[roles]\ntext = 256\n", "2: text: neither a colour nor an attribute: '256'");
	assert_mistake("[roles]\ntext = -1\n", "2: text: neither a colour nor an attribute: '-1'");
	assert_mistake("[roles]\ntext = #12345\n", "2: text: neither a colour nor an attribute: '#12345'");
	assert_mistake("[roles]\ntext = #12345g\n", "2: text: neither a colour nor an attribute: '#12345g'");
	assert_mistake("[roles]\ntext = on\n", "2: text: neither a colour nor an attribute: 'on'");
	assert_mistake("[roles]\ntext = on bold\n", "2: text: neither a colour nor an attribute: 'on bold'");
	assert_mistake("[roles]\ntext = \033[31m\n", "2: text: neither a colour nor an attribute: '?[31m'");
	assert_mistake("[theme]\nnome = x\n", "2: nome: no such key; [theme] knows: name, description");
	assert_mistake("[theme]\ndescription[ = x\n", "2: description[: no such key; [theme] knows: name, description");
	assert_mistake("[theme]\ndescription[] = x\n", "2: description[]: no such key; [theme] knows: name, description");
	assert_mistake("[rules]\ntext = red\n", "2: text: no such section; there are [theme] and [roles]: 'rules'");
	assert_mistake("text = red\n", "1: text: stands before the first section; colours belong under [roles]");
	assert_mistake("[roles]\ntext = red\nnonsense\nwarning = red\n", "3: neither [section] nor key = value");
}

static void test_all_mistakes_are_told(void **state)
{
	struct text error = {0}, content = {0}, path = {0};
	struct theme t;

	(void)state;
	text_add(&content, "[roles]\n");
	for (unsigned i = 0; i < 30; i++)
		text_add(&content, i % 2 ? "tex = red\n" : "text red\n");
	write_theme("mine", text_string(&content));
	path_of("mine", &path);
	assert_int_equal(theme_load(&t, "mine", &error), -EINVAL);
	assert_non_null(strstr(text_string(&error), ".theme:2: neither [section] nor key = value\n"));
	assert_non_null(strstr(text_string(&error), ".theme:21: tex: no such role\n"));
	assert_null(strstr(text_string(&error), ".theme:22:"));
	assert_string_equal(text_string(&error) + error.len - 5, ": +10");
	text_fini(&error);
	text_fini(&content);
	text_fini(&path);
}

/* ---- whatever a file holds ---- */

static uint64_t draw(uint64_t below)
{
	static uint64_t seed = 0x5eed;

	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (seed >> 33) % below;
}

/* Files of lines that are right and lines that are wrong: the wrong ones are told, each with its line and its key. */
static void test_drawn_files_tell_each_mistake(void **state)
{
	static const struct {
		const char *line, *told; /* NULL: it is right */
	} known[] = {
		{"text = red", NULL},
		{"dim = 244, on #102030, bold", NULL},
		{"", NULL},
		{"; a comment", NULL},
		{"# text = nonsense", NULL},
		{"state.closing=bright-red", NULL},
		{"txet = red", "txet: no such role"},
		{"text = rde", "text: neither a colour nor an attribute: 'rde'"},
		{"bar = on 300", "bar: neither a colour nor an attribute: 'on 300'"},
		{"arrow =", "arrow: a colour or an attribute is missing"},
		{"nonsense", "neither [section] nor key = value"},
		{"= red", "neither [section] nor key = value"},
		{"[roles", "neither [section] nor key = value"},
	};
	struct text path = {0};

	(void)state;
	path_of("mine", &path);
	for (unsigned round = 0; round < 300; round++) {
		struct text content = {0}, wanted = {0}, error = {0};
		const unsigned lines = 1 + (unsigned)draw(30);
		unsigned told = 0;
		struct theme t;

		text_add(&content, "[roles]\n");
		for (unsigned i = 0; i < lines; i++) {
			const unsigned k = (unsigned)draw(told < 20 ? sizeof(known) / sizeof(known[0]) : 6);

			text_addf(&content, "%s\n", known[k].line);
			if (known[k].told)
				text_addf(&wanted, "%s%s:%u: %s", told++ ? "\n" : "", text_string(&path), i + 2, known[k].told);
		}
		write_theme("mine", text_string(&content));
		assert_int_equal(theme_load(&t, "mine", &error), told ? -EINVAL : 0);
		assert_string_equal(text_string(&error), text_string(&wanted));
		assert_complete(&t, "what was read");
		text_fini(&content);
		text_fini(&wanted);
		text_fini(&error);
	}
	text_fini(&path);
}

static void assert_lines_told(const char *error, const char *path, unsigned lines)
{
	while (*error) {
		const size_t len = strcspn(error, "\n");
		unsigned long line;
		char *end;

		assert_true(strncmp(error, path, strlen(path)) == 0);
		error += strlen(path);
		if (strncmp(error, ": +", 3) != 0) {
			assert_int_equal(error[0], ':');
			line = strtoul(error + 1, &end, 10);
			assert_true(line >= 1 && line <= lines);
			assert_true(strncmp(end, ": ", 2) == 0 && end[2] != '\n');
		}
		error += len - strlen(path);
		for (const char *c = error - len + strlen(path); c < error; c++)
			assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
		error += *error == '\n';
	}
}

/* Bytes of any kind, and pieces of what is expected among them: nothing but a theme or mistakes comes of it. */
static void test_garbage_is_no_harm(void **state)
{
	static const char *const pieces[] = {"[roles]\n", "[theme]\n", "text", " = ", "on ", "#ff", "bright-", "red", ",", "\n", "[", "]", ";", "\033[", "\xff\xfe",
					     "description[ko]", "name=", "\r\n", " \t", "255", "-1", "state.listen", "\xea\xb0\x80", "bold,", "=", ":"};
	struct text path = {0};

	(void)state;
	path_of("mine", &path);
	for (unsigned round = 0; round < 1500; round++) {
		struct text content = {0}, error = {0};
		const unsigned parts = (unsigned)draw(200);
		unsigned lines = 1;
		struct theme t;
		int result;

		for (unsigned i = 0; i < parts; i++)
			if (draw(4) == 0)
				text_add_char(&content, (char)(1 + draw(255)));
			else
				text_add(&content, pieces[draw(sizeof(pieces) / sizeof(pieces[0]))]);
		for (const char *c = text_string(&content); *c; c++)
			lines += *c == '\n';
		write_theme("mine", text_string(&content));
		result = theme_load(&t, "mine", &error);
		assert_true(result == 0 || result == -EINVAL || result == -EILSEQ);
		assert_true((result == 0) == (error.len == 0));
		/* What is no text is told as a whole. */
		if (result == -EILSEQ)
			assert_non_null(strstr(text_string(&error), text_string(&path)));
		else
			assert_lines_told(text_string(&error), text_string(&path), lines);
		assert_complete(&t, "what was read");
		text_fini(&content);
		text_fini(&error);
	}
	text_fini(&path);
}

/* None of these may be read, or waited for. */
static void assert_refused(const char *path, const char *wanted)
{
	struct text error = {0};
	struct theme t;

	assert_true(theme_load(&t, "odd", &error) < 0);
	assert_non_null(strstr(text_string(&error), wanted));
	assert_string_equal(t.name, "dark");
	text_fini(&error);
	assert_int_equal(remove(path), 0);
}

static void test_what_is_no_file(void **state)
{
	struct text path = {0};

	(void)state;
	path_of("odd", &path);
	assert_int_equal(symlink("/dev/zero", text_string(&path)), 0);
	assert_refused(text_string(&path), "is no regular file");
	assert_int_equal(mkfifo(text_string(&path), 0600), 0);
	assert_refused(text_string(&path), "is no regular file");
	assert_int_equal(mkdir(text_string(&path), 0700), 0);
	assert_refused(text_string(&path), "is a directory");
	write_theme("odd", "");
	assert_int_equal(truncate(text_string(&path), 65 * 1024), 0);
	assert_refused(text_string(&path), "is too large for a theme");
	write_theme("odd", "");
	assert_int_equal(truncate(text_string(&path), 1024), 0);
	assert_refused(text_string(&path), "is no text");
	text_fini(&path);
}

static void test_names(void **state)
{
	struct text error = {0};
	struct theme t;

	(void)state;
	write_theme("mine", "[roles]\ntext = red\n");
	assert_int_equal(theme_load(&t, "no-such", &error), -ENOENT);
	assert_non_null(strstr(text_string(&error), "there is no theme 'no-such'; there are: "));
	assert_non_null(strstr(text_string(&error), ", dark, "));
	assert_non_null(strstr(text_string(&error), "mine"));
	assert_int_equal(theme_load(&t, "../themes/mine", &error), -ENOENT);
	assert_int_equal(theme_load(&t, "", &error), -ENOENT);
	text_clear(&error);
	assert_int_equal(theme_load(&t, NULL, &error), 0);
	assert_string_equal(t.name, "dark");
	write_theme("dark", "[theme]\nname = my own dark\n"); /* the person's own goes first */
	assert_int_equal(theme_load(&t, NULL, &error), 0);
	assert_string_equal(t.name, "my own dark");
	text_fini(&error);
}

static const struct theme_entry *find(const struct themes *all, const char *name)
{
	for (unsigned i = 0; i < all->count; i++)
		if (strcmp(all->at[i].name, name) == 0)
			return &all->at[i];
	fail_msg("there is no %s", name);
	return NULL;
}

static void test_all_there_are(void **state)
{
	struct text path = {0};
	struct themes all;

	(void)state;
	write_theme("mine", "[roles]\ntext = rde\n");
	write_theme("nord", "[theme]\ndescription = my own nord\n[roles]\ntext = red\n");
	themes_load(&all);
	assert_int_equal(all.count, SHIPPED + 1);
	for (unsigned i = 1; i < all.count; i++)
		assert_true(strcmp(all.at[i - 1].name, all.at[i].name) < 0);
	assert_true(find(&all, "mine")->own);
	assert_string_equal(find(&all, "mine")->theme.name, "dark");
	assert_non_null(strstr(text_string(&find(&all, "mine")->mistakes), "mine.theme:2: text: "));
	assert_true(find(&all, "nord")->own);
	assert_string_equal(find(&all, "nord")->theme.description, "my own nord");
	assert_false(find(&all, "light")->own);
	assert_int_equal(find(&all, "light")->mistakes.len, 0);
	themes_fini(&all);
	assert_int_equal(all.count, 0);
	path_of("nord", &path);
	remove(text_string(&path));
	text_fini(&path);
}

static void test_first_mistake(void **state)
{
	char out[64];

	(void)state;
	assert_string_equal(theme_first_mistake("/a/b c/mine.theme:2: text: bad/word", out, sizeof(out)), "b c/mine.theme:2: text: bad/word");
	assert_string_equal(theme_first_mistake("/a/mine.theme:2: text: x\n/a/mine.theme:3: y", out, sizeof(out)), "mine.theme:2: text: x ...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shipped_themes_are_complete),
		cmocka_unit_test(test_shipped_themes_can_be_read),
		cmocka_unit_test(test_high_contrast),
		cmocka_unit_test(test_named_forms),
		cmocka_unit_test(test_mono_has_no_colors),
		cmocka_unit_test(test_builtin),
		cmocka_unit_test(test_forms_of_a_role),
		cmocka_unit_test(test_description),
		cmocka_unit_test(test_what_is_left_out),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_paths_are_told_clean),
		cmocka_unit_test(test_drawn_files_tell_each_mistake),
		cmocka_unit_test(test_garbage_is_no_harm),
		cmocka_unit_test(test_all_mistakes_are_told),
		cmocka_unit_test(test_what_is_no_file),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_all_there_are),
		cmocka_unit_test(test_first_mistake),
	};

	message_init("en", "");
	return cmocka_run_group_tests(tests, make_home, remove_home);
}
