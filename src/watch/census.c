/* Which namespaces to watch: see watch/census.h. */
#include "config.h"

#include "watch/census.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

/* Where others are only counted. */
#define COUNT_INTERVAL_NS (60 * NS_PER_SECOND)
/* A process that enters another namespace changes no count of processes. */
#define UNASKED_INTERVAL_NS (10 * NS_PER_SECOND)
/* Looking may take this share of a CPU at most. */
#define COST_SHARE 50
/* Processes can slip through a look at /proc: a parent seen too late, its child too early. */
#define ABSENCES_MAX 2

void census_fini(struct census *c)
{
	netns_list_fini(&c->list);
}

/* Whether processes have come or gone since the last time. */
static bool census_has_news(struct census *c)
{
	unsigned long processes, last_pid;
	bool news = true;
	FILE *f = fopen("/proc/loadavg", "re");

	if (!f)
		return true;
	if (fscanf(f, "%*s %*s %*s %*u/%lu %lu", &processes, &last_pid) == 2) {
		news = processes != c->processes || last_pid != c->last_pid;
		c->processes = processes;
		c->last_pid = last_pid;
	}
	fclose(f);
	return news;
}

static bool census_is_due(struct census *c, const struct watch_plan *plan, int64_t now_ns)
{
	if (!c->taken_ns)
		return true;
	if (now_ns < c->taken_ns + COST_SHARE * c->cost_ns)
		return false;
	if (plan->scope == WATCH_OWN)
		return now_ns >= c->taken_ns + COUNT_INTERVAL_NS;
	return c->doubts || census_has_news(c) || now_ns >= c->taken_ns + UNASKED_INTERVAL_NS;
}

static struct observation *census_tell(struct outlet *out, uint64_t netns, enum netns_news news)
{
	int64_t now_ns = clock_now_ns();
	struct observation *seen;

	outlet_set_netns(out, netns);
	seen = outlet_add(out, OBSERVED_NETNS, now_ns, now_ns);
	seen->netns.news = (uint8_t)news;
	return seen;
}

static void census_tell_watched(struct outlet *out, const struct host *host)
{
	memcpy(census_tell(out, host->netns, NETNS_WATCHED)->netns.name, host->name, sizeof(host->name));
}

/* The one that was given at the start. */
static void census_know_first(struct census *c, const struct watch_plan *plan, struct hosts *hosts, struct outlet *out)
{
	const struct netns_found *found;
	struct host *first;

	if (c->told || hosts->count == 0)
		return;
	c->told = true;
	first = hosts->all[0];
	if (plan->scope == WATCH_ONE)
		first->id = plan->asked;
	else
		netns_id_of("/proc/thread-self/ns/net", &first->id);
	found = netns_list_find(&c->list, &first->id);
	if (plan->scope == WATCH_OWN)
		return;
	memcpy(first->name, found ? found->name : plan->asked_name, sizeof(first->name));
	census_tell_watched(out, first);
}

/* False if it cannot be entered. */
static bool census_take_in(const struct netns_found *found, struct hosts *hosts, struct outlet *out)
{
	struct watch_sockets sockets;
	struct netns_id entered;
	struct host *host;
	char path[64];
	int fd, error;

	snprintf(path, sizeof(path), "/proc/%u/ns/net", (unsigned)found->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	/* The process may have gone elsewhere meanwhile, or be another one. */
	error = netns_id_of(path, &entered) < 0 || !netns_id_equal(&entered, &found->id) ? -1 : watch_open_sockets_in(fd, &sockets);
	close(fd);
	if (error < 0)
		return false;
	host = hosts_add(hosts, sockets, &error);
	host->id = found->id;
	memcpy(host->name, found->name, sizeof(host->name));
	census_tell_watched(out, host);
	return true;
}

/* Processes end; what cannot be entered because its process is gone may be gone as well. */
static bool census_is_there(const struct netns_found *found)
{
	struct netns_id id;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/ns/net", (unsigned)found->pid);
	return netns_id_of(path, &id) == 0 && netns_id_equal(&id, &found->id);
}

static bool census_is_wanted(const struct census *c, const struct watch_plan *plan, const struct host *host)
{
	struct netns_id id;

	if (netns_list_find(&c->list, &host->id))
		return true;
	/* Who asked for a name wants it for as long as it is there. */
	return plan->scope == WATCH_ONE && plan->asked_path && netns_id_of(plan->asked_path, &id) == 0 && netns_id_equal(&id, &host->id);
}

static void census_let_go(struct hosts *hosts, struct host *host, struct outlet *out)
{
	struct host gone = {.netns = host->netns};

	memcpy(gone.name, host->name, sizeof(gone.name));
	hosts_remove(hosts, host);
	memcpy(census_tell(out, gone.netns, NETNS_GONE)->netns.name, gone.name, sizeof(gone.name));
}

/* True: one was let go. */
static bool census_let_go_of_empty(struct census *c, const struct watch_plan *plan, struct hosts *hosts, struct outlet *out)
{
	bool let_go = false;

	c->doubts = false;
	for (unsigned i = 0; i < hosts->count; i++) {
		struct host *host = hosts->all[i];

		if (census_is_wanted(c, plan, host)) {
			host->absences = 0;
		} else if (++host->absences >= ABSENCES_MAX) {
			census_let_go(hosts, host, out);
			let_go = true;
			i--;
		} else {
			c->doubts = true;
		}
	}
	return let_go;
}

static void census_tell_count(struct census *c, const struct hosts *hosts, uint32_t unwatched, struct outlet *out)
{
	struct observation *seen;

	if (hosts->count == c->watched && unwatched == c->unwatched)
		return;
	seen = census_tell(out, hosts->count ? hosts->all[0]->netns : 0, NETNS_COUNTED);
	seen->netns.watched = c->watched = hosts->count;
	seen->netns.unwatched = c->unwatched = unwatched;
}

/* Nobody can say which there are: none is let go for that, and there may be one more. */
static void census_fail(struct census *c, const struct watch_plan *plan, const struct hosts *hosts, struct outlet *out)
{
	c->doubts = true;
	if (plan->scope != WATCH_ALL)
		return;
	census_tell_count(c, hosts, c->unwatched ? c->unwatched : 1, out);
	outlet_flush(out);
}

static void census_count(struct census *c, const struct watch_plan *plan, struct hosts *hosts, struct outlet *out)
{
	uint32_t unwatched = 0;

	for (unsigned i = 0; i < c->list.count; i++) {
		if (hosts_find_id(hosts, &c->list.found[i].id))
			continue;
		if (plan->scope == WATCH_ALL && census_take_in(&c->list.found[i], hosts, out))
			continue;
		if (plan->scope != WATCH_ALL || census_is_there(&c->list.found[i]))
			unwatched++;
		else
			c->doubts = true;
	}
	census_tell_count(c, hosts, unwatched, out);
}

bool census_take(struct census *c, const struct watch_plan *plan, struct hosts *hosts, struct outlet *out, int64_t now_ns)
{
	int64_t cpu_ns = clock_thread_cpu_ns();
	unsigned before = hosts->count;
	bool let_go;

	if (plan->scope == WATCH_GIVEN || !census_is_due(c, plan, now_ns))
		return false;
	if (netns_find(&c->list) < 0) {
		census_fail(c, plan, hosts, out);
		c->taken_ns = now_ns;
		c->cost_ns = clock_thread_cpu_ns() - cpu_ns;
		return false;
	}
	if (plan->scope != WATCH_OWN)
		netns_name_all(&c->list);
	census_know_first(c, plan, hosts, out);
	let_go = plan->scope != WATCH_OWN && census_let_go_of_empty(c, plan, hosts, out);
	census_count(c, plan, hosts, out);
	outlet_flush(out);
	c->taken_ns = now_ns;
	c->cost_ns = clock_thread_cpu_ns() - cpu_ns;
	return let_go || hosts->count != before;
}
