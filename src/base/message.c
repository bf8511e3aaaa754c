/* Messages in the person's language: see base/message.h. Owns the locale, the choice of the language, and the
 * catalogue. */
#include "config.h"

#include "base/message.h"

#include <errno.h>
#include <langinfo.h>
#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "catalogue.h"
#include "base/memory.h"
#include "base/text.h"

#define DOMAIN "synfin"
#define LANGUAGE_ROOM 32

/* Written by message_init, before there are threads. */
static char language_name[LANGUAGE_ROOM] = "en";
static struct catalogue *catalogue; /* NULL: English, or the C library looks up */
static bool c_library_translates;
static bool terminal_utf8, terminal_known; /* known: the environment says what the terminal takes */

/* The environment's word on a category: LC_ALL, then the category's own, then LANG. NULL: none. */
static const char *environment_locale(const char *category)
{
	const char *names[] = {"LC_ALL", category, "LANG"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return value;
	}
	return NULL;
}

static bool is_utf8_name(const char *codeset)
{
	return !strncasecmp(codeset, "UTF-8", 5) || !strncasecmp(codeset, "UTF8", 4);
}

/* What the C locale calls its own, in glibc and elsewhere: nobody has said anything. */
static bool is_ascii_name(const char *codeset)
{
	return !strcmp(codeset, "ANSI_X3.4-1968") || !strcmp(codeset, "US-ASCII") || !strcmp(codeset, "ASCII");
}

static bool character_type_is_utf8(void)
{
	return is_utf8_name(nl_langinfo(CODESET));
}

static bool choose_utf8_locale(void)
{
	static const char *const names[] = {"C.UTF-8", "en_US.UTF-8", "ko_KR.UTF-8"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (setlocale(LC_CTYPE, names[i]) && character_type_is_utf8())
			return true;
	return false;
}

static void choose_character_type(void)
{
	const char *wanted = environment_locale("LC_CTYPE"), *codeset = wanted ? strchr(wanted, '.') : NULL;
	const char *path = getenv("LOCPATH");
	char *kept;

	setlocale(LC_CTYPE, "");
	/* The name counts, not whether that locale is installed here: the terminal may be another machine's. */
	terminal_utf8 = codeset ? is_utf8_name(codeset + 1) : character_type_is_utf8();
	terminal_known = codeset || !is_ascii_name(nl_langinfo(CODESET));
	if (character_type_is_utf8() || choose_utf8_locale() || !path)
		return;
	/* LOCPATH leads to a place that has none: the system's own will. */
	kept = memory_copy_string(path);
	unsetenv("LOCPATH");
	choose_utf8_locale();
	setenv("LOCPATH", kept, 1);
	free(kept);
}

/* The C library's own source language, which needs no catalogue. */
static bool is_english(const char *name)
{
	return !strcmp(name, "C") || !strcmp(name, "POSIX") || !strcmp(name, "en") || !strncmp(name, "en_", 3);
}

/* Loads dir/name/LC_MESSAGES/synfin.mo. */
static bool load_catalogue(const char *dir, const char *name)
{
	struct text path = {0};
	int error;

	text_addf(&path, "%s/%s/LC_MESSAGES/" DOMAIN ".mo", dir, name);
	error = catalogue_load(text_string(&path), &catalogue);
	text_fini(&path);
	if (error)
		return false;
	snprintf(language_name, sizeof(language_name), "%s", name);
	return true;
}

/* One name of a list: "ko_KR.UTF-8@x". Tries ko_KR@x, ko_KR, ko@x, ko, as gettext does. Names that are none (paths!)
 * are passed over. */
static bool choose_language(const char *dir, const char *name, size_t len)
{
	size_t language = strcspn(name, "_.@:"), territory = strcspn(name, ".@:"), modifier = strcspn(name, "@:");
	char tried[LANGUAGE_ROOM];

	if (len == 0 || len >= sizeof(tried) || memchr(name, '/', len) || name[0] == '.')
		return false;
	snprintf(tried, sizeof(tried), "%.*s", (int)territory, name);
	if (is_english(tried))
		return true;
	for (size_t base = territory;; base = language) {
		for (size_t tail = modifier;; tail = len) {
			snprintf(tried, sizeof(tried), "%.*s%.*s", (int)base, name, (int)(len - tail), name + tail);
			if (load_catalogue(dir, tried))
				return true;
			if (tail == len)
				break;
		}
		if (base == language)
			return false;
	}
}

/* The first language of a colon-separated list that there is. */
static bool choose_from_list(const char *dir, const char *list)
{
	for (;;) {
		size_t len = strcspn(list, ":");

		if (choose_language(dir, list, len))
			return true;
		if (!list[len])
			return false;
		list += len + 1;
	}
}

/* Hands over to the C library if it finds the same translation. */
static void try_c_library(const char *dir)
{
	const char *probe = catalogue_probe(catalogue);
	const char *expected = probe ? catalogue_find(catalogue, probe) : NULL;

	/* It prints what it finds unchecked. */
	if (!expected || !catalogue_is_sound(catalogue))
		return;
	setlocale(LC_MESSAGES, "");
	bindtextdomain(DOMAIN, dir);
	bind_textdomain_codeset(DOMAIN, "UTF-8");
	c_library_translates = !strcmp(dgettext(DOMAIN, probe), expected);
	if (c_library_translates) {
		catalogue_free(catalogue);
		catalogue = NULL;
	} else {
		/* Its own messages (strerror) in a third language would not help. */
		setlocale(LC_MESSAGES, "C");
	}
}

/* Chooses from one directory of catalogues. Whether a language of the list is there (or is English). */
static bool choose_in(const char *dir, const char *list)
{
	if (!choose_from_list(dir, list))
		return false;
	if (catalogue)
		try_c_library(dir);
	return true;
}

int message_init(const char *language, const char *catalogue_dir)
{
	const char *list = language ? language : getenv("LANGUAGE");
	struct text dir = {0};
	bool found;

	choose_character_type();
	if (!language && (!list || !*list))
		list = environment_locale("LC_MESSAGES");
	if (!list)
		return 0;
	if (catalogue_dir) {
		found = choose_in(catalogue_dir, list);
	} else {
		text_addf(&dir, "%s/locale", message_share_dir());
		found = choose_in(text_string(&dir), list) || choose_in(LOCALE_DIR, list);
		text_fini(&dir);
	}
	return language && !found ? -ENOENT : 0;
}

int message_settle_terminal(bool ascii)
{
	if (terminal_utf8 || (!catalogue && !c_library_translates))
		return 0;
	if (!terminal_known && !ascii) {
		terminal_utf8 = true;
		return 0;
	}
	catalogue_free(catalogue);
	catalogue = NULL;
	c_library_translates = false;
	setlocale(LC_MESSAGES, "C");
	snprintf(language_name, sizeof(language_name), "en");
	return -EILSEQ;
}

const char *message_get(const char *text)
{
	const char *translation;

	/* The empty text is the catalogue's header. */
	if (!*text)
		return text;
	if (c_library_translates)
		return dgettext(DOMAIN, text);
	translation = catalogue ? catalogue_find(catalogue, text) : NULL;
	return translation ? translation : text;
}

const char *message_get_in(const char *text)
{
	const char *translation = message_get(text);

	return translation == text ? strchr(text, '\004') + 1 : translation;
}

const char *message_language(void)
{
	return language_name;
}

bool message_terminal_is_utf8(void)
{
	return terminal_utf8;
}

bool message_is_ascii(void)
{
	return strcmp(language_name, "en") == 0;
}

const char *message_share_dir(void)
{
	static char dir[PATH_MAX];
	struct text probe = {0};
	ssize_t len;
	bool there;

	if (dir[0])
		return dir;
	len = readlink("/proc/self/exe", dir, sizeof(dir) - sizeof("/../share"));
	if (len > 0) {
		while (len > 0 && dir[len - 1] != '/')
			len--;
		strcpy(dir + len, "../share");
		text_addf(&probe, "%s/synfin/themes", dir);
		there = access(text_string(&probe), R_OK) == 0;
		text_fini(&probe);
		if (there)
			return dir;
	}
	snprintf(dir, sizeof(dir), "%s", DATA_DIR);
	return dir;
}
