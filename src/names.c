/* Names for addresses and ports: see names.h. */
#include "config.h"

#include "names.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/queue.h"

/* Few: what is in sight now shall not wait for what was in sight before. */
#define QUESTIONS_ROOM 32
#define KEPT_NS (10 * 60 * NS_PER_SECOND)
#define KEPT_NONE_NS (60 * NS_PER_SECOND)

/* Whose name: an address (and the interface of a link-local one), or a port. */
struct key {
	uint8_t address[16];
	uint32_t ifindex;
	uint16_t port;
	uint16_t is_port;
};

struct question {
	struct key key;
	bool found;
	char name[NAMES_HOST_ROOM];
};

/* Shared with the thread; freed by whoever is the last to leave. */
struct desk {
	struct queue *questions, *answers;
	name_book_ask *ask;
	atomic_bool closed;
	atomic_int users;
};

/* kept[i].known_ns 0: it is being asked for. */
struct kept {
	struct key key;
	int64_t known_ns, asked_ns;
	char *name; /* NULL: it has none */
};

struct name_book {
	struct loop *loop;
	struct names names, kept_names;
	struct desk *desk;
	bool started, tried;
	struct map map;
	struct kept *kept;   /* a ring: the oldest gives way */
	uint32_t count, next;
	uint64_t seed;
	void (*came)(void *context);
	void *context;
};

/* ---- the thread ---- */

static int ask_system(const struct endpoint *e, uint32_t ifindex, bool host, char *name, size_t room)
{
	struct sockaddr_storage address = {0};
	struct sockaddr_in *v4 = (void *)&address;
	struct sockaddr_in6 *v6 = (void *)&address;
	const bool four = endpoint_is_v4(e);

	if (four) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(e->port);
		memcpy(&v4->sin_addr, e->address + 12, 4);
	} else {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(e->port);
		v6->sin6_scope_id = ifindex;
		memcpy(&v6->sin6_addr, e->address, 16);
	}
	return getnameinfo((const struct sockaddr *)&address, four ? sizeof *v4 : sizeof *v6, host ? name : NULL, host ? (socklen_t)room : 0,
	                   host ? NULL : name, host ? 0 : (socklen_t)room, host ? NI_NAMEREQD : 0);
}

static void find_name(const struct desk *d, struct question *q)
{
	struct endpoint e = {.port = q->key.port};
	char name[NI_MAXHOST] = "", clean[NAMES_HOST_ROOM];

	memcpy(e.address, q->key.address, sizeof e.address);
	if (q->key.is_port)
		endpoint_set_v4(&e, "\0\0\0\0", q->key.port);
	q->found = d->ask(&e, q->key.ifindex, !q->key.is_port, name, sizeof name) == 0 && name[0];
	clean_copy(clean, q->key.is_port ? NAMES_SERVICE_ROOM : sizeof clean, name, strlen(name));
	memcpy(q->name, clean, sizeof q->name);
	/* getnameinfo gives a port that has no name as its number. */
	if (q->key.is_port && q->name[strspn(q->name, "0123456789")] == '\0')
		q->found = false;
}

static void leave_desk(struct desk *d)
{
	if (atomic_fetch_sub(&d->users, 1) > 1)
		return;
	queue_free(d->questions, free);
	queue_free(d->answers, free);
	free(d);
}

static void *run(void *context)
{
	struct desk *d = context;
	struct pollfd wait = {.fd = queue_fd(d->questions), .events = POLLIN};

	while (!atomic_load(&d->closed)) {
		struct question *q = queue_take(d->questions);

		if (!q) {
			poll(&wait, 1, -1);
			continue;
		}
		if (!atomic_load(&d->closed))
			find_name(d, q);
		if (!queue_put(d->answers, q))
			free(q);
	}
	leave_desk(d);
	return NULL;
}

/* Detached: a look-up that is on its way when the program ends is not waited for. */
static bool start(struct name_book *b)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	pthread_t thread;

	if (b->tried)
		return b->started;
	b->tried = true;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	atomic_fetch_add(&b->desk->users, 1);
	b->started = pthread_create(&thread, &attributes, run, b->desk) == 0;
	if (!b->started)
		atomic_fetch_sub(&b->desk->users, 1);
	pthread_attr_destroy(&attributes);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return b->started;
}

/* ---- what is kept ---- */

struct looking {
	const struct name_book *book;
	const struct key *key;
};

static bool is_key(const void *context, uint32_t value)
{
	const struct looking *l = context;

	return memcmp(&l->book->kept[value].key, l->key, sizeof *l->key) == 0;
}

static struct kept *find_kept(const struct name_book *b, const struct key *key)
{
	const struct looking looking = {b, key};
	const uint32_t at = map_find(&b->map, map_hash(key, sizeof *key, b->seed), is_key, &looking);

	return at == MAP_NONE ? NULL : &b->kept[at];
}

static struct kept *make_room(struct name_book *b, const struct key *key)
{
	struct kept *k = &b->kept[b->next];

	if (b->count == NAMES_KEPT)
		map_remove(&b->map, map_hash(&k->key, sizeof k->key, b->seed), b->next);
	else
		b->count++;
	free(k->name);
	*k = (struct kept){.key = *key};
	map_add(&b->map, map_hash(key, sizeof *key, b->seed), b->next);
	b->next = (b->next + 1) % NAMES_KEPT;
	return k;
}

static bool send_question(struct name_book *b, const struct key *key)
{
	struct question *q;

	if (!start(b) || queue_length(b->desk->questions) >= QUESTIONS_ROOM)
		return false;
	q = memory_get_zeroed(1, sizeof *q);
	q->key = *key;
	if (queue_try_put(b->desk->questions, q))
		return true;
	free(q);
	return false;
}

/* What is too old is asked for again, and serves meanwhile. */
static bool is_fresh(const struct kept *k, int64_t now_ns)
{
	if (k->asked_ns)
		return true;
	return now_ns - k->known_ns < (k->name ? KEPT_NS : KEPT_NONE_NS);
}

static const char *look_up(struct name_book *b, const struct key *key)
{
	const int64_t now_ns = clock_now_ns();
	struct kept *k = find_kept(b, key);

	if (k && is_fresh(k, now_ns))
		return k->name;
	if (!send_question(b, key))
		return k ? k->name : NULL;
	if (!k)
		k = make_room(b, key);
	k->asked_ns = now_ns;
	return k->name;
}

static void take_answers(void *context, uint32_t epoll_events)
{
	struct name_book *b = context;
	const int64_t now_ns = clock_now_ns();
	struct question *q;

	(void)epoll_events;
	while ((q = queue_take(b->desk->answers))) {
		struct kept *k = find_kept(b, &q->key);

		if (k) {
			free(k->name);
			k->name = q->found ? memory_copy_string(q->name) : NULL;
			k->known_ns = now_ns;
			k->asked_ns = 0;
		}
		free(q);
	}
	b->came(b->context);
}

/* ---- for the list ---- */

static struct key key_of_host(const struct endpoint *e, uint32_t ifindex)
{
	struct key key = {.ifindex = ifindex};

	memcpy(key.address, e->address, sizeof key.address);
	return key;
}

static struct key key_of_service(uint16_t port)
{
	return (struct key){.port = port, .is_port = 1};
}

static const char *host(void *context, const struct endpoint *e, uint32_t ifindex)
{
	const struct key key = key_of_host(e, ifindex);

	return look_up(context, &key);
}

static const char *service(void *context, uint16_t port)
{
	const struct key key = key_of_service(port);

	return look_up(context, &key);
}

static const char *kept_name(const struct name_book *b, const struct key *key)
{
	const struct kept *k = find_kept(b, key);

	return k ? k->name : NULL;
}

static const char *kept_host(void *context, const struct endpoint *e, uint32_t ifindex)
{
	const struct key key = key_of_host(e, ifindex);

	return kept_name(context, &key);
}

static const char *kept_service(void *context, uint16_t port)
{
	const struct key key = key_of_service(port);

	return kept_name(context, &key);
}

const struct names *name_book_names(const struct name_book *b)
{
	return &b->names;
}

struct name_book *name_book_new(struct loop *loop, name_book_ask *ask, void (*came)(void *context), void *context)
{
	struct name_book *b = memory_get_zeroed(1, sizeof *b);
	struct desk *d = memory_get_zeroed(1, sizeof *d);
	int error = 0;

	b->desk = d;
	b->loop = loop;
	b->kept_names = (struct names){.host = kept_host, .service = kept_service, .context = b};
	b->names = (struct names){.host = host, .service = service, .context = b, .kept = &b->kept_names};
	b->came = came;
	b->context = context;
	b->kept = memory_get_zeroed(NAMES_KEPT, sizeof *b->kept);
	if (getrandom(&b->seed, sizeof b->seed, GRND_NONBLOCK) < 0)
		b->seed = (uint64_t)clock_now_ns();
	d->ask = ask ? ask : ask_system;
	atomic_init(&d->users, 1);
	/* One more: the word that all is over. */
	d->questions = queue_new(QUESTIONS_ROOM + 1);
	d->answers = queue_new(QUESTIONS_ROOM + 1);
	if (!d->questions || !d->answers)
		error = -errno;
	else
		error = loop_add_fd(loop, queue_fd(d->answers), EPOLLIN, take_answers, b);
	if (!error)
		return b;
	name_book_free(b);
	errno = -error;
	return NULL;
}

void name_book_free(struct name_book *b)
{
	struct question *wake;

	if (!b)
		return;
	if (b->desk->answers)
		loop_remove_fd(b->loop, queue_fd(b->desk->answers));
	atomic_store(&b->desk->closed, true);
	if (b->desk->answers)
		queue_close(b->desk->answers);
	wake = b->started ? memory_get_zeroed(1, sizeof *wake) : NULL;
	if (wake && !queue_try_put(b->desk->questions, wake))
		free(wake);
	leave_desk(b->desk);
	for (uint32_t i = 0; i < b->count; i++)
		free(b->kept[i].name);
	free(b->kept);
	map_fini(&b->map);
	free(b);
}
