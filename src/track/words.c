/* The words of the event format (schema version 1; doc/events.md). */
#include "track/event.h"

#define WORD(name, json) json,
#define WORDS(function, list)                                                                  \
	{                                                                                          \
		static const char *const words[] = {list(WORD)};                                       \
                                                                                               \
		return (unsigned)(function) < sizeof(words) / sizeof(*words) ? words[function] : NULL; \
	}

const char *event_kind_word(enum event_kind kind) WORDS(kind, EVENT_KINDS)
const char *certainty_word(enum certainty c) WORDS(c, CERTAINTIES)
const char *side_word(enum side s) WORDS(s, SIDES)
const char *evidence_word(enum evidence e) WORDS(e, EVIDENCES)
const char *cause_word(enum cause c) WORDS(c, CAUSES)
const char *mark_word(enum mark m) WORDS(m, MARKS)
