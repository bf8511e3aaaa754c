/* The oracle: see walk_judge.h. */
#include "walk_judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "tcp/edge.h"

void walk_judge_init(struct walk_judge *j, struct walk_host *h)
{
	*j = (struct walk_judge){.host = h};
}

void walk_judge_fini(struct walk_judge *j)
{
	free(j->conns);
}

static void wrong(struct walk_judge *j, const char *what)
{
	if (!j->wrong)
		j->wrong = what;
}

static void print_event(const struct walk_host *h, const struct event *e, const struct life *l)
{
	char local[ENDPOINT_TEXT_ROOM], remote[ENDPOINT_TEXT_ROOM];

	tuple_format_local(&e->tuple, local);
	tuple_format_remote(&e->tuple, remote);
	printf("# %10.3f %s conn %llu = life %d (%s > %s, cookie %llu)  %s>%s %s%s%s [%.3f %.3f]\n",
	       (double)(h->world.now_ns % (1000 * NS_PER_SECOND)) / NS_PER_MS, event_kind_word(e->kind), (unsigned long long)e->conn,
	       l ? (int)(l - h->lives) : -1, local, remote, (unsigned long long)e->cookie, state_name(e->from), state_name(e->to),
	       e->certainty ? certainty_word(e->certainty) : "", e->cause ? " " : "", e->cause ? cause_word(e->cause) : "",
	       (double)(e->t0_ns % (1000 * NS_PER_SECOND)) / NS_PER_MS, (double)(e->t1_ns % (1000 * NS_PER_SECOND)) / NS_PER_MS);
}

/* ---- the truth ---- */

/* It came to be in this state in [t0, t1]. A lower bound of 0 is none. */
static bool has_entered(const struct life *l, enum tcp_state state, int64_t t0_ns, int64_t t1_ns)
{
	for (unsigned i = 0; i < l->logged; i++)
		if (l->log[i].state == state && l->log[i].t_ns >= t0_ns && l->log[i].t_ns <= t1_ns)
			return true;
	return false;
}

/* It went straight from the one to the other. */
static bool has_gone(const struct life *l, enum tcp_state from, enum tcp_state to)
{
	for (unsigned i = 1; i < l->logged; i++)
		if (l->log[i - 1].state == from && l->log[i].state == to)
			return true;
	return false;
}

/* ---- events ---- */

static void judge_new(struct walk_judge *j, const struct event *e, struct life *l)
{
	bool again;

	if (e->conn != j->conn_count + 1)
		wrong(j, "gave an id out of turn");
	/* A notice that comes so late that the end is forgotten is told once more, where too few sweeps have been made since to know better. */
	if (l->conn && !(l->late && !model_find(j->host->world.model, l->conn)))
		wrong(j, "told a life twice");
	again = l->conn != 0;
	l->conn = e->conn;
	if (j->conn_count + 1 >= j->conn_room) {
		j->conn_room += j->conn_room / 2 + 1024;
		j->conns = memory_resize(j->conns, j->conn_room, sizeof(*j->conns));
	}
	j->conns[++j->conn_count] = (struct told_conn){.life = (uint32_t)(l - j->host->lives), .state = e->to, .again = again};
	j->opens++;
	/* Seen alive, so it was there; the bound of its beginning may be wrong only when a dump has missed it. */
	if (e->kind == EVENT_OPEN && e->certainty == CERTAINTY_OBSERVED && !l->ever_omitted && !has_entered(l, e->to, e->t0_ns, e->t1_ns))
		wrong(j, "called an opening observed that was not so");
	if (e->kind == EVENT_OPEN && e->certainty != CERTAINTY_AMBIGUOUS && l->log[0].state != e->to)
		wrong(j, "told another opening");
}

/*
 * What is so rare that the usual way is told without reserve. TCP Fast Open lets a socket leave SYN_RECV for another state than ESTABLISHED. A socket whose FIN was
 * acknowledged, to which a FIN came and that left no remnant closed second, but for one that was reset in TIME_WAIT. And an opening that failed was not a
 * simultaneous one.
 */
static bool is_rare(const struct life *l)
{
	return l->assassinated || has_gone(l, STATE_SYN_RECV, STATE_FIN_WAIT1) || has_gone(l, STATE_SYN_RECV, STATE_CLOSE_WAIT) ||
	       (has_gone(l, STATE_SYN_SENT, STATE_SYN_RECV) && has_gone(l, STATE_SYN_RECV, STATE_CLOSED));
}

static void judge_step(struct walk_judge *j, const struct event *e, const struct life *l, struct told_conn *c)
{
	int64_t t0_ns = e->t0_ns;

	if (!edge_find(e->from, e->to))
		wrong(j, "told an edge that TCP does not have");
	if (e->t0_ns > e->t1_ns)
		wrong(j, "told an interval that ends before it begins");
	if (e->from != c->state)
		wrong(j, "told a step from where the connection was not");
	c->state = e->to;
	/* That a dump has missed it moves the bound of its opening only: it is no sighting. */
	if (c->again || (l->ever_omitted && e->when != CERTAINTY_OBSERVED))
		t0_ns = 0;
	if (e->certainty == CERTAINTY_OBSERVED && !has_entered(l, e->to, t0_ns, e->t1_ns))
		wrong(j, "called observed what was not so");
	if (e->certainty == CERTAINTY_INFERRED && !has_entered(l, e->to, t0_ns, e->t1_ns) && !is_rare(l))
		wrong(j, has_entered(l, e->to, 0, INT64_MAX) ? "inferred it at another time" : "inferred what was not so");
}

/* REPLACED says that it is over, not how it ended. */
static bool claims_cause(const struct event *e)
{
	return (e->certainty == CERTAINTY_OBSERVED || e->certainty == CERTAINTY_INFERRED) && e->cause != CAUSE_UNKNOWN &&
	       e->cause != CAUSE_AMBIGUOUS && e->cause != CAUSE_REPLACED;
}

static void judge_close(struct walk_judge *j, const struct event *e, const struct life *l, struct told_conn *c)
{
	j->closes++;
	if (c->closed)
		wrong(j, "closed it twice");
	if (c->state != STATE_CLOSED)
		wrong(j, "closed it without a step to CLOSED");
	if (l->state != STATE_CLOSED)
		wrong(j, "closed what lives");
	else if (claims_cause(e) && e->cause != l->cause && !is_rare(l))
		wrong(j, "told another cause");
	c->closed = true;
}

void walk_judge_event(void *context, const struct event *e)
{
	struct walk_judge *j = context;
	struct told_conn *c = NULL;
	struct life *l;

	if (e->kind == EVENT_COVERAGE)
		return;
	l = walk_host_find(j->host, e->netns, e->cookie, &e->tuple);
	if (j->host->tell && e->kind != EVENT_UPDATE)
		print_event(j->host, e, l);
	if (!l) {
		wrong(j, "told of what never was");
		return;
	}
	if (!j->wrong)
		j->place = l->place;
	if (e->kind == EVENT_OPEN || (e->kind == EVENT_CONNECTION && e->conn > j->conn_count)) {
		judge_new(j, e, l);
		return;
	}
	if (e->conn < 1 || e->conn > j->conn_count) {
		wrong(j, "told of a connection that was not opened");
		return;
	}
	c = &j->conns[e->conn];
	if (c->life != (uint32_t)(l - j->host->lives))
		wrong(j, "merged two lives");
	if (c->closed && e->kind != EVENT_UPDATE)
		wrong(j, "told more of what it had closed");
	if (e->kind == EVENT_MARK)
		wrong(j, "marked an illegal sequence");
	else if (e->kind == EVENT_TRANSITION)
		judge_step(j, e, l, c);
	else if (e->kind == EVENT_CLOSE)
		judge_close(j, e, l, c);
	else if (e->kind == EVENT_CONNECTION)
		c->state = e->to;
}

/* ---- the model ---- */

void walk_judge_count(struct walk_judge *j)
{
	if (model_live(j->host->world.model) != j->opens - j->closes)
		wrong(j, "has other live connections than it told");
}

static void compare_holder(struct walk_judge *j, const struct connection *c, const struct life *l)
{
	bool has_inode = l->full && l->accepted && !l->orphan;
	struct holder holder;

	if (has_inode != !!(c->facts.knows & KNOWS_INODE) || (has_inode && c->facts.inode != l->inode))
		wrong(j, "shows another inode");
	if (has_inode && (!model_holder(j->host->world.model, c, 0, &holder) || holder.pid != l->inode + 1 || c->holders_former))
		wrong(j, "shows another holder");
	if (!has_inode && c->holders != MAP_NONE && !c->holders_former)
		wrong(j, "shows a holder of what nobody holds");
}

static void compare_life(struct walk_judge *j, const struct life *l)
{
	const struct connection *c = l->conn ? model_find(j->host->world.model, l->conn) : NULL;

	if (!j->wrong)
		j->place = l->place;
	if (!c || !c->live) {
		wrong(j, "does not show a socket");
		return;
	}
	if (c->state != l->state)
		wrong(j, "shows a socket in another state");
	if ((c->facts.knows & KNOWS_QUEUES) && c->facts.rqueue != l->rqueue)
		wrong(j, "shows another queue");
	compare_holder(j, c, l);
}

void walk_judge_model(struct walk_judge *j)
{
	const struct walk_host *h = j->host;
	uint32_t live[STATE_COUNT] = {0};

	for (uint32_t place = 0; place < h->place_count; place++) {
		const struct life *l = h->at_place[place] ? &h->lives[h->at_place[place] - 1] : NULL;

		if (!l || l->state == STATE_CLOSED)
			continue;
		live[l->state]++;
		compare_life(j, l);
	}
	for (int s = 1; s < STATE_COUNT; s++)
		if (model_population(h->world.model, s) != live[s])
			wrong(j, "shows sockets that are not there");
}

void walk_judge_lives(struct walk_judge *j)
{
	const struct walk_host *h = j->host;

	for (uint32_t i = 0; i < h->life_count; i++) {
		const struct life *l = &h->lives[i];

		if (!j->wrong)
			j->place = l->place;
		if (l->seen && !l->uncertain && !l->conn) {
			if (h->tell)
				printf("# life %u was seen and not told\n", i);
			wrong(j, "lost a life");
		}
		if (l->conn && l->state == STATE_CLOSED && !j->conns[l->conn].closed)
			wrong(j, "did not close what is over");
	}
}
