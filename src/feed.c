/* Where from: see feed.h. */
#include "config.h"

#include "feed.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/message.h"
#include "watch/destroy.h"

/* In the demo's namespace: lab/ knows nothing of watch/, so the sockets are handed over member by member. */
static int open_sockets(struct demo_sockets *out)
{
	struct watch_sockets sockets;
	int error = watch_open_sockets(&sockets);

	*out = (struct demo_sockets){ .dump = sockets.dump, .lookup = sockets.lookup, .notices = sockets.notices, .destroy = destroy_open() };
	return error;
}

static int open_demo(struct feed *f, struct watch_sockets *sockets)
{
	struct demo_sockets opened;
	const char *where = "";
	int error = demo_start(&f->demo, open_sockets, &opened, &where);

	if (error) {
		log_line(_("cannot start the demo: %s: %s"), _(where), strerror(-error));
		return error;
	}
	f->destroy_fd = opened.destroy < 0 ? -1 : opened.destroy;
	*sockets = (struct watch_sockets){ .dump = opened.dump, .lookup = opened.lookup, .notices = opened.notices };
	return 0;
}

static void open_destroy_in(struct feed *f)
{
	const int fd = destroy_open_in(f->netns.fd);

	f->destroy_fd = fd < 0 ? -1 : fd;
	f->destroy_error = fd < 0 ? fd : 0;
}

static int open_netns(struct feed *f, const struct options *o, const struct feed_use *use, struct live_config *config)
{
	const char *where = "";
	int error = watch_find_netns(o->netns, &f->netns, &where);

	if (!error && !f->netns.own) {
		where = N_("cannot open sockets in it");
		error = watch_open_sockets_in(f->netns.fd, &config->sockets);
		if (!error && use->destroys)
			open_destroy_in(f);
	}
	/* It would keep the namespace. */
	if (f->netns.fd >= 0)
		close(f->netns.fd);
	f->netns.fd = -1;
	if (error == -EPERM)
		log_line(_("cannot watch the network namespace '%s': CAP_SYS_ADMIN is needed to enter it (try sudo)"), f->netns.name);
	else if (error == -EINVAL)
		log_line(_("cannot watch the network namespace '%s': %s"), f->netns.name, _(where));
	else if (error)
		log_line(_("cannot watch the network namespace '%s': %s: %s"), f->netns.name, _(where), strerror(-error));
	config->plan.scope = f->netns.own ? WATCH_OWN : WATCH_ONE;
	config->plan.asked = f->netns.id;
	config->plan.asked_path = f->netns.path;
	memcpy(config->plan.asked_name, f->netns.name, sizeof f->netns.name);
	return error;
}

/* Three descriptors for each namespace. */
static void allow_many_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int check_all_netns(struct live_config *config)
{
	int error = watch_may_enter_netns();

	if (error == -EPERM)
		log_line(_("cannot watch all network namespaces: CAP_SYS_ADMIN is needed to enter them (try sudo)"));
	else if (error)
		log_line(_("cannot watch all network namespaces: %s"), strerror(-error));
	allow_many_descriptors();
	config->plan.scope = WATCH_ALL;
	return error;
}

static int open_place(struct feed *f, const struct options *o, const struct feed_use *use, struct live_config *config)
{
	if (o->demo)
		return open_demo(f, &config->sockets);
	if (o->netns)
		return open_netns(f, o, use, config);
	if (o->all_netns)
		return check_all_netns(config);
	/* A table tells no coverage. */
	config->plan.scope = use->notices ? WATCH_OWN : WATCH_GIVEN;
	return 0;
}

int feed_open(struct feed *f, const struct options *o, const struct feed_use *use)
{
	struct live_config config = {
		.plan = {
			.interval_ns = use->interval_ns, .fast_interval_ns = FEED_FAST_INTERVAL_NS, .budget = use->budget,
			.numbers = true, .owners = o->owners, .notices = use->notices, .shed_rate = o->shed_rate,
			.filter = use->filter, .halves = use->halves,
		},
		.sockets = WATCH_SOCKETS_OWN, .sink = use->sink, .passing = use->passing, .turn = use->turn, .context = use->context,
	};
	const char *where = "";
	int error;

	*f = FEED_NONE;
	error = open_place(f, o, use, &config);
	if (error)
		return error;
	f->loop = loop_new();
	if (!f->loop) {
		error = -errno;
		log_line(_("cannot start: %s"), strerror(errno));
		feed_close(f);
		return error;
	}
	error = live_start(&f->live, f->loop, &config, &where);
	if (error) {
		log_line(_("cannot watch TCP connections: %s: %s"), _(where), strerror(-error));
		feed_close(f);
		return error;
	}
	f->kinds = 1u << SOURCE_DIAG | (use->notices ? 1u << SOURCE_OBITUARY : 0) | (o->owners ? 1u << SOURCE_OWNER : 0);
	return 0;
}

void feed_close(struct feed *f)
{
	live_stop(f->live);
	loop_free(f->loop);
	demo_stop(f->demo);
	if (f->destroy_fd >= 0)
		close(f->destroy_fd);
	*f = FEED_NONE;
}

/* The effective capabilities of this thread. */
static bool has_net_admin(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

	return syscall(SYS_capget, &head, data) == 0 && data[CAP_NET_ADMIN / 32].effective & 1u << CAP_NET_ADMIN % 32;
}

/* One in our own namespace is opened when it is first needed. 0 or -errno. */
static int open_destroy(struct feed *f)
{
	int fd;

	if (f->destroy_fd < 0 && f->netns.name[0] && !f->netns.own)
		return f->destroy_error;
	if (f->destroy_fd >= 0)
		return 0;
	fd = destroy_open();
	if (fd >= 0)
		f->destroy_fd = fd;
	return fd < 0 ? fd : 0;
}

int feed_destroy(struct feed *f, const struct lookup *which)
{
	const int error = open_destroy(f);

	return error ? error : destroy_socket(f->destroy_fd, which);
}

int feed_may_destroy(struct feed *f, const struct lookup *which)
{
	int error = open_destroy(f);

	if (!error)
		error = destroy_reaches(f->destroy_fd, which);
	/* Whoever made the demo's namespace may do everything in it. */
	return error || has_net_admin() || (f->demo && demo_private(f->demo)) ? error : -EPERM;
}

bool feed_is_proc(const struct feed *f)
{
	return model_coverage(live_model(f->live))->swept_by == SOURCE_PROC;
}

void feed_describe(const struct feed *f, struct json_header *h)
{
	struct utsname host;
	uint32_t kinds = f->kinds;

	if (feed_is_proc(f))
		kinds = (kinds & ~(1u << SOURCE_DIAG)) | 1u << SOURCE_PROC;
	*h = (struct json_header){ .program = PACKAGE_STRING, .sources = kinds, .netns = live_netns(f->live), .started_ns = clock_now_ns() };
	memcpy(h->netns_name, f->netns.name, sizeof h->netns_name);
	if (uname(&host))
		return;
	clean_copy(h->host, sizeof h->host, host.nodename, strlen(host.nodename));
	clean_copy(h->kernel, sizeof h->kernel, host.release, strlen(host.release));
}

static bool awaits_owner(const struct connection *c)
{
	return c && c->live && c->facts.knows & KNOWS_INODE && c->facts.inode && !(c->facts.knows & KNOWS_HOLDERS) && !c->owner_hidden;
}

bool feed_owners_found(struct feed *f)
{
	const struct model *m = live_model(f->live);

	if (!(f->kinds & 1u << SOURCE_OWNER) || model_coverage(m)->errors[SOURCE_OWNER])
		return true;
	if (!live_owners_known(f->live))
		return false;
	while (f->settled < model_slots(m) && !awaits_owner(model_at(m, f->settled)))
		f->settled++;
	return f->settled == model_slots(m);
}

const char *feed_trouble(const struct feed *f)
{
	int error = model_coverage(live_model(f->live))->errors[SOURCE_DIAG];

	switch (error) {
	case 0: return NULL;
	case -ENOENT: return _("protocol not supported: the kernel has no tcp_diag module");
	default: return strerror(-error);
	}
}
