/*
 * The tracker: live observations in, events out. It infers (infer.h; writes nothing), applies each event to the model and hands it to the sink.
 *
 * Beside the model it keeps only its own notes: when each connection was last seen, and ends that wait for the exact look-up of their remnant.
 */
#ifndef TRACK_TRACKER_H
#define TRACK_TRACKER_H

#include "track/event.h"
#include "track/model.h"

struct tracker;

struct tracker_config {
	uint64_t seed;                       /* of the hash tables */
	uint16_t port_low, port_high;        /* ip_local_port_range, for evidence; 0,0: not known */
	bool notices;                        /* destroy notices are being listened to */
	bool passing;                        /* it is one sweep only, and nobody asks the model: rows are told to the sink once, with no certainty, and not kept,
	                                      * but for listeners and what has no cookie */
};

/* The model is written by this tracker alone while it lives; the model and sink stay the caller's. */
struct tracker *tracker_new(struct model *m, const struct tracker_config *config, event_sink *sink, void *context);
void tracker_free(struct tracker *t);

/* Takes one batch (stays the caller's). now_ns: the time of handing over, not before any time in it. */
void tracker_observe(struct tracker *t, const struct batch *b, int64_t now_ns);
/* Settles ends whose remnant look-up did not answer in time. Call when tracker_due() has come. */
void tracker_turn(struct tracker *t, int64_t now_ns);
/* Nothing more comes: settles all ends that wait, with what is known, and accounts for what was not seen. */
void tracker_finish(struct tracker *t, int64_t now_ns);
/* When tracker_turn wants to be called; INT64_MAX: never. */
int64_t tracker_due(const struct tracker *t);

/* Exact look-ups the tracker would like, oldest first: takes one away; false if there is none. Those that cannot be made are to be counted
 * with tracker_lookup_dropped(). */
bool tracker_want(struct tracker *t, struct lookup *out);
void tracker_lookup_dropped(struct tracker *t, const struct lookup *lookup, int64_t now_ns);

/* Whose holders the tracker would like to know: takes one away; false if there is none. Inode 0: everybody's. */
bool tracker_want_owner(struct tracker *t, struct owner_ask *out);
/* Holders were looked for everywhere at least once; or there was nothing to look for, or no way to do so. */
bool tracker_owners_known(const struct tracker *t);

/* When something was last seen to change; sweeps go fast for a while after it. 0: never. */
int64_t tracker_last_change(const struct tracker *t);
/* A sweep has ended at least once, whole or not: the model shows what is there. */
bool tracker_ready(const struct tracker *t);

#endif
