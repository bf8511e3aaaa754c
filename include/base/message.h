/*
 * What a person reads, in the person's language.
 *
 * Messages are marked _("...") (or N_ in tables, looked up when printed) and handled with gettext's own tools. They
 * are looked up in the C library when its locale will have it; where it will not (LANG=C, no Korean locale, LANGUAGE
 * ignored under C.UTF-8), a small reader of the same .mo file does. State names, flags, option names and JSON are
 * never marked. A marked format must not use PRIu64 and the like (their text differs between systems): cast to long
 * long and print with %lld or %llu. Messages are worded so that they need no plural forms.
 */
#ifndef BASE_MESSAGE_H
#define BASE_MESSAGE_H

#include <stdbool.h>

#define _(text) message_get(text)
#define N_(text) text
/* For a text that is to be translated in its own way where it stands: C_ looks up, NC_ marks (look up with message_get_in). */
#define C_(context, text) message_get_in(context "\004" text)
#define NC_(context, text) context "\004" text

/*
 * Sets the character type (the environment's if it is UTF-8, else C.UTF-8 or any UTF-8 locale installed, so that
 * wcwidth knows Hangul) and the language: `language` ("en", "ko", "ko_KR.UTF-8"; NULL: LANGUAGE, LC_ALL, LC_MESSAGES,
 * LANG in gettext's order). `catalogue_dir` holds LL/LC_MESSAGES/synfin.mo; NULL: message_share_dir()/locale, else
 * the configured one. Output is UTF-8 whatever the locale. Returns 0, or -ENOENT when an explicit `language` has no
 * catalogue (English stays; another may be tried). Call once, before any thread.
 */
int message_init(const char *language, const char *catalogue_dir);
/*
 * A language beyond ASCII on a terminal that the environment does not call UTF-8. Where it says nothing (LANG=C), who
 * has asked for that language is taken to have a terminal that shows it, unless `ascii`. Where it says otherwise
 * (EUC-KR): back to English, and -EILSEQ, which is to be told once. Call after message_init, before any thread.
 */
int message_settle_terminal(bool ascii);
/* The translation, or the text itself. Never NULL; valid until exit. Safe from any thread after message_init. */
const char *message_get(const char *text) __attribute__((format_arg(1)));
/* The same of a text marked with its context; without a translation, the text alone. */
const char *message_get_in(const char *text);
/* The language in force: "en", "ko". */
const char *message_language(void);
/* Whether messages are ASCII: no other language than English is in force. */
bool message_is_ascii(void);
/* Whether the *user's* environment says the terminal takes UTF-8 (decides line drawing; not the same as the character
 * type chosen above). */
bool message_terminal_is_utf8(void);

/* `<directory of the program>/../share` if synfin's themes are below it (so in the build tree and wherever the whole
 * was moved to), else the configured data directory. Static storage; the first call comes before there are threads. */
const char *message_share_dir(void);

#endif
