/* The parts of a connection that do not stand in struct connection itself. For table.c and model.c only. */
#ifndef TRACK_CONNECTION_H
#define TRACK_CONNECTION_H

#include "track/model.h"

/* Sets the ends, once. */
void connection_set_tuple(struct connection *c, const struct tuple *t);
/* Its history, made if there is none. Owned by c. */
struct history *connection_history(struct connection *c);
/* Room for another step, the oldest but the first two giving way; zeroed. */
struct step *connection_add_step(struct connection *c);
/* Frees what stands elsewhere. */
void connection_release(struct connection *c);

#endif
