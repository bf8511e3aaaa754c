/*
 * infer(model, observation) → events. Writes nothing but its verdict.
 *
 * DESIGN: a new socket opens with the path that leads to its state; a known one takes the cheapest legal path from the state it was in, its last edge
 * observed, those between inferred; where two paths fit, ambiguous.
 */
#ifndef TRACK_INFER_H
#define TRACK_INFER_H

#include "ending.h"
#include "scene.h"

/* A socket in a sweep or look-up. It is not stale (the tracker sees to that). c: what is known by its cookie, or NULL. preexisting: it was there before we
 * looked, so it gets a row, not a life. */
void infer_sample(const struct scene *scene, const struct connection *c, const struct observation *o, bool preexisting, struct verdict *v);

/* A socket that was there before we looked, whatever is known of others with its cookie or ends: its row. */
void infer_row(const struct scene *scene, const struct observation *o, struct verdict *v);

/* Whether a sample of a live connection, in the state that it is known in, has anything to tell but that it is still there. Quick; who opened it is not
 * asked again. */
bool infer_is_as_known(const struct connection *c, const struct sample *s);

/* The case that ending_judge is to decide, for a known connection or a stranger (c NULL). The opener is worked out. */
struct ending_case infer_ending_case(const struct scene *scene, const struct connection *c, const struct observation *end);
/* A destroy notice, with what was found out about the remnant; remnant_sample: the look-up's answer or NULL. */
void infer_end(const struct scene *scene, const struct connection *c, const struct observation *end, enum remnant remnant,
               const struct observation *remnant_sample, struct verdict *v);
/* A live connection is no longer there, and no notice came. */
void infer_vanished(const struct scene *scene, const struct connection *c, int64_t t1_ns, struct verdict *v);
/* The notice of a connection whose end is known: facts and cause that it adds. */
void infer_late_notice(const struct scene *scene, const struct connection *c, const struct observation *end, struct verdict *v);
/* The holders of c, as they were found: nothing if they are known. */
void infer_owner(const struct scene *scene, const struct connection *c, const struct observation *o, struct verdict *v);
/* Nobody in sight holds c. */
void infer_owner_hidden(const struct scene *scene, const struct connection *c, int64_t t1_ns, struct verdict *v);
/* A live connection whose namespace was let go. */
void infer_let_go(const struct scene *scene, const struct connection *c, int64_t t1_ns, struct verdict *v);
/* A live connection whose tuple or socket now belongs to another. */
void infer_replaced(const struct scene *scene, const struct connection *c, int64_t t1_ns, struct verdict *v);

#endif
