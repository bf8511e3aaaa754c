/*
 * How we know: the two watch threads.
 *
 * One thread drains destroy notices and nothing else. The other takes sweeps and exact look-ups and finds owners in /proc. Both put batches of
 * observations (tcp/observation.h) into one bounded queue, which the main thread empties. The other way goes an immutable plan, replaced whole,
 * and a bounded queue of look-ups to make. Nothing else is shared. (Where a plan has halves, a sweep lends itself a third thread for the second of them.)
 *
 * The samples of sweeps and the answers to look-ups are in one stream, in the order in which the kernel took them: of two that tell of the same
 * socket the later one is the newer; but for those of two halves, which stand in no order to each other. Destroy notices stand in no order to them; [t0, t1] of an OBSERVED_END is when the notice came (the socket
 * may have died long before, DESIGN.md fact 12). An OBSERVED_HEARD, in either stream, says that nothing older than its t0 is still to come of them: what a look-up
 * found before then is not the work of a life whose notice nobody has read.
 */
#ifndef WATCH_WATCH_H
#define WATCH_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/queue.h"
#include "tcp/observation.h"

struct watch;

#define WATCH_PATH_ROOM 512

/* A network namespace's file (nsfs). */
struct netns_id {
	uint64_t device, inode;
};

/* Which network namespaces to watch. */
enum watch_scope {
	WATCH_GIVEN, /* that of the sockets given, whatever else there is */
	WATCH_OWN,   /* our own; others are counted */
	WATCH_ONE,   /* that of the sockets given, until no process is in it any more and `asked_path` leads elsewhere; others are counted */
	WATCH_ALL,   /* every one with a process in it, as they come and go */
};

/* Instructions of INET_DIAG_REQ_BYTECODE (linux/inet_diag.h). */
struct watch_code {
	const void *bytes;
	size_t length; /* 0: none */
};

/* What full sweeps are to list; the kernel leaves out the rest. */
struct watch_filter {
	uint32_t states;            /* STATE_BIT mask */
	struct watch_code codes[2]; /* the first that the kernel takes is used; if it takes none, more is listed than was asked for */
	bool needed;                /* nobody else can judge by the first of them: without it a sweep fails. Else LISTEN sockets are listed too, all of them */
};

/* What to look at, and how often. A value: copied in, never changed afterwards. */
struct watch_plan {
	int64_t interval_ns;      /* between full sweeps; 0: no steady sweeps (only watch_sweep_now) */
	int64_t fast_interval_ns; /* between sweeps for passing states while fast */
	int64_t fast_until_ns;    /* clock_now_ns() until which fast sweeps run */
	double budget;            /* CPU of the watch thread, as a share of one core (0.05); intervals stretch to stay inside */
	bool numbers;             /* ask for tcp_info */
	bool owners;              /* look for holders */
	bool notices;             /* listen to destroy notices */
	uint32_t shed_rate;       /* ends a second beyond which they are not listened to for a while (OBSERVED_SHED); 0: none */
	uint8_t scope;            /* enum watch_scope; not to be changed while watching */
	struct netns_id asked;    /* WATCH_ONE: these three as watch_find_netns told them */
	const char *asked_path;   /* outlives the watch; may be NULL */
	char asked_name[NETNS_NAME_ROOM];
	const struct watch_filter *filter; /* NULL: full sweeps list all. Else none of them is whole. Outlives the watch */
	const struct watch_filter *halves; /* NULL; or two that share out all sockets but listeners: full sweeps of our own namespace, if there is no filter, make two
	                           * dumps side by side. For who sweeps once: it takes less time and more CPU. Outlives the watch */
	size_t watched_count;     /* connections to look up exactly, at every fast interval */
	struct lookup *watched;   /* watch_set_plan copies them */
};

/* Netlink sockets opened by somebody else (in another namespace); -1: open our own. watch_start takes them over, in every case. */
struct watch_sockets {
	int dump, lookup, notices;
};
#define WATCH_SOCKETS_OWN ((struct watch_sockets){-1, -1, -1})

/* Opens the sockets as watch/ wants them (NETLINK_SOCK_DIAG; notices: joined to both groups with a large buffer) in the calling process's
 * namespace; so that a helper process can open them there and pass them on. Sockets that cannot be had are -1. Returns 0, or -errno of the dump socket. */
int watch_open_sockets(struct watch_sockets *sockets);

/* A namespace that somebody asked for. */
struct watch_netns {
	int fd;                      /* to be closed; -1: none */
	struct netns_id id;
	bool own;                    /* it is that of the calling thread */
	char path[WATCH_PATH_ROOM];
	char name[NETNS_NAME_ROOM];  /* what was asked for, sanitized */
};

/* Finds a namespace: digits are a process, what has a slash is a path, else it is a name of ip-netns(8). 0; or -errno with `where` saying what failed (a marked message
 * id), and out->fd to be closed all the same. */
int watch_find_netns(const char *asked, struct watch_netns *out, const char **where);
/* Closes those that are open. */
void watch_close_sockets(const struct watch_sockets *sockets);
/* As watch_open_sockets, in another namespace, but all of them or none: one that is missing would be opened again in our own. -ENOTSUP where namespaces cannot be told
 * apart (no SO_NETNS_COOKIE, before Linux 5.14); -EMFILE where some could not be had. Needs CAP_SYS_ADMIN, here and in the user namespace that owns it: -EPERM. */
int watch_open_sockets_in(int netns_fd, struct watch_sockets *sockets);
/* Whether namespaces of our user namespace can be entered: 0 or -errno. */
int watch_may_enter_netns(void);

/* Starts the threads. Returns 0 and a watch to be ended with watch_stop; or -errno with `where` naming what failed (a marked message id).
 * Signals are blocked in the threads. A source that does not work is told by OBSERVED_TROUBLE, not here, as long as one can still work. */
int watch_start(const struct watch_plan *plan, struct watch_sockets sockets, struct watch **out, const char **where);
/*
 * Asks for the last words: no sweep goes on or begins; notices of what has died until now are taken in, and those of what dies from now on may be. After the last
 * one comes OBSERVED_OVER of SOURCE_OBITUARY. The batches have to be taken meanwhile.
 */
void watch_finish(struct watch *w);
/* After watch_finish: once all look-ups that were asked for until now are answered comes OBSERVED_OVER of SOURCE_DIAG. Again when answers have led to further ones. */
void watch_await_answers(struct watch *w);
/* Ends and joins the threads (within a netlink batch, even in the middle of a sweep) and frees all, batches that wait included. NULL is fine. Returns how many
 * notices had come that nobody will take now; 0 without watch_finish, for then nobody asked for the last ones. */
uint64_t watch_stop(struct watch *w);

/* Batches come out here (base/queue.h: queue_fd, queue_take); free them with batch_free. */
struct queue *watch_batches(struct watch *w);

void watch_set_plan(struct watch *w, const struct watch_plan *plan);
/* Asks for an exact look-up; the answer is an OBSERVED_LOOKUP or OBSERVED_ABSENT, or OBSERVED_UNANSWERED when the kernel could not say (then
 * SOURCE_DIAG is in trouble as well). Answers come in the order in which they were asked for. False if the bounded queue is full: then there is no answer.
 * Look-ups are also served between the batches of a long sweep. */
bool watch_look_up(struct watch *w, const struct lookup *lookup);
/* What taking in a batch that came out here has cost the caller, in CPU time: that of sweeps and of what is found of owners counts against the budget
 * as what the sweeps and searches themselves cost. */
void watch_charge(struct watch *w, const struct batch *b, int64_t cost_ns);
/* A full sweep at once, whatever the interval. */
void watch_sweep_now(struct watch *w);
/*
 * Looks for the holders of these sockets, if the plan says so: they come as OBSERVED_OWNER, or the end of a search tells that there are none in sight.
 * Holders that change later are told without asking, some seconds later.
 */
void watch_look_for_owners(struct watch *w, const struct owner_ask *asks, unsigned count);
/* SO_NETNS_COOKIE of the namespace watched (of the first, if there are several); 0 if the kernel cannot tell. */
uint64_t watch_netns(const struct watch *w);
/* About how many TCP sockets our own namespace has, by the kernel's count; 0: not known. */
uint32_t watch_count_sockets(void);

#endif
