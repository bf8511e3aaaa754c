/* What the tracker keeps beside the model. For tracker*.c only. */
#ifndef TRACK_TRACKER_PRIVATE_H
#define TRACK_TRACKER_PRIVATE_H

#include "base/slotmap.h"
#include "infer.h"
#include "passed.h"
#include "pending.h"

#define WANTS_MAX 4096u
#define GONE_NETNS 64u
#define SCRUBBED_PORTS 1024u

#define OWNER_WISHES_MAX 1024u
#define OWNER_HINTS 256u

/* What tracker_owner.c keeps. */
struct owners {
	struct slotmap by_inode;    /* slots of live connections that have an inode */
	uint64_t *wishes;           /* ring of OWNER_WISHES_MAX: connections whose holders are to be asked for */
	uint32_t wish_first, wish_count;
	bool everybody;             /* there was no room: all holders are to be asked for */
	bool asked;                 /* ever */
	uint8_t search;             /* number of the search that goes on, or was last */
	uint32_t wholes;            /* searches that are over and were whole */
	uint32_t unfound;           /* connections that wait for a sweep to show that they are still there, and held by nobody in sight */
	int64_t judged_ns;          /* when the search ended that did not find them */
	uint32_t hints[OWNER_HINTS]; /* who had a connection on a port last; 0: nobody */
};

struct cgroup_name {
	uint64_t cgroup;
	char name[UNIT_ROOM];
};

/* What tracker_unit.c keeps. */
struct cgroup_names {
	struct cgroup_name *names;
	uint32_t count, room;
	struct map by_id;
};

struct tracker {
	struct model *model;
	struct tracker_config config;
	event_sink *sink;
	void *context;

	struct sight *sights;       /* by slot of the model */
	uint32_t sight_room;
	uint32_t next_slot;         /* a dump goes the way of the one before: so this is whose sample comes next */
	struct pendings pendings;
	uint64_t notices;           /* so far */
	uint64_t scrubbed[SCRUBBED_PORTS]; /* by local port and namespace: the last notice that does not tell whose end it is, counted from 1 */
	struct passed passed;       /* empty unless config.passing */
	struct lookup *wants;       /* ring of WANTS_MAX */
	uint32_t want_first, want_count;

	struct owners owners;
	struct cgroup_names cgroups;
	struct verdict verdict;
	struct scene scene;
	struct coverage coverage;
	struct sweeps **sweeps;     /* a namespace each */
	uint32_t sweeps_count, last_sweep;
	uint64_t gone[GONE_NETNS]; /* ring: namespaces that were let go lately */
	uint32_t gone_next;
	struct sweeps *here;        /* of the namespace that scene tells of */
	int64_t change_ns;
	struct {
		uint64_t opens;     /* told when notices were no longer listened to */
		uint64_t opened;    /* by the kernel's count, while they were not */
		int64_t counted_ns; /* when that was; 0: it is accounted for */
		uint64_t unseen;    /* of these, as far as accounted for */
	} shed;
	bool ready;
	bool cookieless;            /* something was seen without a cookie: who has none may be known by its tuple */
};

/* Whether what follows, of this namespace, comes too late: it was let go. */
bool tracker_is_gone(const struct tracker *t, uint64_t netns);
/* What follows is of this namespace. */
void tracker_enter(struct tracker *t, uint64_t netns);
/* Applies the verdict and hands it on; notes what is new. */
void tracker_tell(struct tracker *t);
void tracker_tell_coverage(struct tracker *t);
/*
 * The connection that this cookie and these ends are of. Else one that had the cookie with other ends: connect(AF_UNSPEC) and a new connect() keep it. A live one
 * before one that departed.
 */
const struct connection *tracker_find(const struct tracker *t, const struct sample *s);
/* What is noted on a live connection. */
struct sight *tracker_sight(struct tracker *t, const struct connection *c);
/* What waits on the ends of a connection, which may be another's; or NULL. */
struct pending *tracker_pending(struct tracker *t, const struct connection *c);
/* False if the ring of wishes is full. `tuple`: what is asked for; NULL: that of c. */
bool tracker_ask(struct tracker *t, const struct connection *c, const struct tuple *tuple, enum lookup_why why);

/*
 * The live connection that a sample can be of though no cookie says so, because the sample or the connection has none.
 */
const struct connection *tracker_find_by_tuple(struct tracker *t, const struct sample *s);

/* A TIME_WAIT entry, or an orphan's FIN_WAIT2. */
static inline bool sample_is_remnant(const struct sample *s)
{
	return s->timer == 3 && (s->state == STATE_TIME_WAIT || s->state == STATE_FIN_WAIT2);
}
/* The sample is older than what we know of this connection. */
bool tracker_is_stale(struct tracker *t, const struct connection *c, const struct observation *o);

/* tracker_pending.c */
/* What waits on this tuple: a remnant decides it, the dead socket itself is old news, another socket has taken the tuple over. True: it is dealt with. */
bool tracker_meets_pending(struct tracker *t, const struct observation *o);

/* tracker_end.c: ends, and those that wait. */
void tracker_end_seen(struct tracker *t, const struct observation *o);
/* Notices of the namespace at hand have been lost. */
void tracker_note_loss(struct tracker *t);
/* Nothing more comes that decides it: settles it with what was found. */
void tracker_give_up(struct tracker *t, struct pending *p);
/* All notices that waited have come. */
void tracker_heard(struct tracker *t, const struct observation *o);
/* What was found of a pending end: REMNANT_NONE (o: ABSENT), TIME_WAIT or FIN_WAIT2. */
void tracker_note_answer(struct tracker *t, struct pending *p, enum remnant remnant, const struct observation *o);
void tracker_absent(struct tracker *t, const struct observation *o);
/* A connection is gone for good. */
void tracker_vanish(struct tracker *t, const struct connection *c, int64_t t1_ns);
void tracker_settle(struct tracker *t, struct pending *p, enum remnant remnant, const struct observation *remnant_sample);

/* tracker_shed.c: what nobody could see while notices were not listened to. */
void tracker_shed_changed(struct tracker *t, const struct observation *o);
/* A whole sweep has ended, or none will any more: then those that live unseen are counted too. Coverage is not told here. */
void tracker_shed_account(struct tracker *t, bool last);

/* tracker_owner.c: who holds what. */
void tracker_owners_init(struct tracker *t);
void tracker_owners_fini(struct tracker *t);
/* There will be about so many connections. */
void tracker_owners_expect(struct tracker *t, uint32_t connections);
/* A socket with this inode may be new soon. */
void tracker_owners_foresee(const struct tracker *t, uint32_t inode);
/* An event is about to be applied that is of c (NULL: a new one): what before said is for after, with what c is then. */
bool tracker_owners_before(struct tracker *t, const struct event *e, const struct connection *c);
void tracker_owners_after(struct tracker *t, const struct connection *c, bool was_indexed);
void tracker_owner_found(struct tracker *t, const struct observation *o);
void tracker_owners_stand(struct tracker *t, const struct observation *o);
/* A whole sweep has ended. */
void tracker_owners_swept(struct tracker *t);

/* tracker_unit.c: units by their cgroups. */
void tracker_units_fini(struct tracker *t);
void tracker_unit_told(struct tracker *t, const struct observation *o);
/* Names the unit of the connection that the verdict on this sample is about, where that is news. */
void tracker_units_name(struct tracker *t, const struct sample *s);

/* tracker_pass.c: true if what was seen is told and need not be kept, or was told before. */
bool tracker_pass(struct tracker *t, const struct observation *o);

/* tracker_sweep.c: what a sweep did not list. */
void tracker_sweep_begun(struct tracker *t, const struct observation *o);
void tracker_sweep_ended(struct tracker *t, const struct observation *o);

/* tracker_netns.c: namespaces come and go. */
void tracker_netns_seen(struct tracker *t, const struct observation *o);
/* Notes and tells whether a source works in the namespace at hand. */
void tracker_note_error(struct tracker *t, enum source source, int32_t error);
/* Begin of the oldest of the namespaces' last whole sweeps; 0: there was none. */
int64_t tracker_last_whole_ns(const struct tracker *t);

#endif
