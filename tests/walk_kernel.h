/*
 * The kernel of a simulated host (walk_host.h): its sockets, and what each of them does. For walk_host.c.
 *
 * What does not fit does nothing: a place that is taken, an edge that the state does not have.
 */
#ifndef TESTS_WALK_KERNEL_H
#define TESTS_WALK_KERNEL_H

#include "walk_host.h"

/* By the randomness of the present step. */
uint32_t walk_below(struct walk_host *h, uint32_t n);
bool walk_chance(struct walk_host *h, double p);

void walk_make_tuples(struct walk_host *h);
/* Within its namespace; for what can be looked up, which a listener cannot. */
uint32_t walk_place_of(const struct walk_host *h, const struct tuple *t);
/* The one that is there, or was there last; NULL: there was none. */
struct life *walk_life_at(struct walk_host *h, uint32_t place);
bool walk_is_alive(const struct life *l);

void walk_open(struct walk_host *h, uint32_t place);
void walk_change(struct walk_host *h, uint32_t place);
void walk_poke(struct walk_host *h, uint32_t place);
void walk_reconnect(struct walk_host *h, uint32_t place);
void walk_change_listener(struct walk_host *h, uint32_t place);

/* What a dump or look-up shows of it now; false: nothing. */
bool walk_look(struct walk_host *h, struct life *l, struct sample *s);

#endif
