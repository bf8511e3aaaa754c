/* What is typed on the screen and asked for in it: the state of these overlays, part of struct ui. */
#ifndef TUI_TYPING_H
#define TUI_TYPING_H

#include "prompt.h"
#include "show/search.h"
#include "tcp/observation.h"
#include "track/filter.h"

/* Searching (view_search.c). */
struct search_line {
	struct search search;  /* its text is marked in the list */
	struct prompt line;
	bool missing;          /* no row has it */
	char former[SEARCH_ROOM]; /* what was searched for before */
	struct {               /* where one was */
		uint64_t conn;
		uint32_t row, top;
		bool following;
	} origin;
};

/* The filter's line (view_filter.c). */
struct filter_line {
	struct prompt line;
	char *former;          /* the filter in force before; "" for none. Heap */
	bool former_chosen;    /* as ui->state_chosen and ui->filter_before were then. Heap */
	char *former_before;
	int64_t edited_ns;     /* 0: what is typed is in force, or told to be wrong */
	bool wrong, loud;      /* it is no filter (error); and Enter was pressed on it */
	bool no_owners;        /* it is one, but nobody looks for the processes it speaks of */
	struct filter_error error;
	struct filter_candidates candidates;
	bool choosing;         /* with Tab */
	unsigned chosen;
	bool parted;           /* a space was put behind the word that was completed */
};

/* The question before a socket is destroyed (view_destroy.c). */
struct destroy_question {
	struct lookup which;
	char local[ENDPOINT_TEXT_ROOM], remote[ENDPOINT_TEXT_ROOM]; /* of a listener there is no remote end */
	char program[COMM_ROOM + 16];
	bool listener, again;  /* of a listener it is asked twice */
	bool yes;              /* the answer that Enter gives */
};

struct typing {
	struct search_line search;
	struct filter_line filter;
	struct destroy_question destroy;
	bool ss_of_cursor;     /* view_ss.c: this of its two commands is chosen */
};

void typing_fini(struct typing *t);

#endif
