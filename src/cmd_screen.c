/* `synfin`: the live screen. The terminal is given back before anything else ends, and a signal that ended us ends us in earnest. */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/message.h"
#include "commands.h"
#include "feed.h"
#include "filtering.h"
#include "names.h"
#include "tui/screen.h"

/* Between the live source and the screen, which needs the model and so comes second. */
struct app {
	struct feed feed;
	struct filtering filtering;
	struct screen *screen;
	struct name_book *names;
};

static void take_event(void *context, const struct event *e)
{
	struct app *app = context;

	if (app->screen)
		screen_event(app->screen, e);
}

static void take_turn(void *context)
{
	struct app *app = context;

	if (app->screen)
		screen_turn(app->screen);
}

static void take_names(void *context)
{
	struct app *app = context;

	if (app->screen)
		screen_changed(app->screen);
}

static void watch_connections(void *context, const uint64_t *conns, unsigned count)
{
	struct app *app = context;

	live_watch_connections(app->feed.live, conns, count);
}

static int destroy(void *context, const struct lookup *which)
{
	struct app *app = context;

	return feed_destroy(&app->feed, which);
}

static int may_destroy(void *context, const struct lookup *which)
{
	struct app *app = context;

	return feed_may_destroy(&app->feed, which);
}

static enum screen_color screen_color(enum color_when when)
{
	return when == COLOR_ALWAYS ? SCREEN_COLOR_ALWAYS : when == COLOR_NEVER ? SCREEN_COLOR_NEVER : SCREEN_COLOR_AUTO;
}

/* With its own disposition, so that the shell sees what happened. */
static void end_by(int signal_number)
{
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

#define NAMESPACE_ROOM 40

/* As the top line says it: whether this is the host's network is known from the first process, where that may be seen. */
static const char *network_namespace(char out[NAMESPACE_ROOM])
{
	static const char prefix[] = "net:";
	char own[NAMESPACE_ROOM] = "", first[NAMESPACE_ROOM] = "";

	if (readlink("/proc/self/ns/net", own, sizeof own - 1) <= 0 || readlink("/proc/1/ns/net", first, sizeof first - 1) <= 0)
		return "this";
	if (!strcmp(own, first))
		return "host";
	clean_copy(out, NAMESPACE_ROOM, own, strlen(own));
	return strncmp(out, prefix, strlen(prefix)) ? out : out + strlen(prefix);
}

int cmd_screen(const struct options *o, const struct keymap *keymap, const char *mistakes)
{
	struct app app = {0};
	struct feed_use use = {
		.interval_ns = o->interval_ns, .budget = o->budget, .notices = true, .destroys = true, .sink = take_event, .turn = take_turn, .context = &app,
	};
	struct screen_config config = {
		.theme = o->theme, .ascii = o->ascii, .animate = o->animate, .mouse = o->mouse, .color = screen_color(o->color),
		.demo = o->demo, .fast_interval_ns = FEED_FAST_INTERVAL_NS, .notices = true, .privileged = geteuid() == 0,
		.watch_connections = watch_connections, .destroy = destroy, .may_destroy = may_destroy, .context = &app, .netns = o->netns,
		.keymap = keymap, .mistakes = *mistakes ? mistakes : NULL,
		.panel_hidden = !o->panel, .sorted = o->sorted, .sort = (enum list_column)o->sort, .inverted = o->inverted,
	};
	struct filter_names names;
	struct json_header host;
	char network[NAMESPACE_ROOM];
	int result;

	if (filtering_open(&app.filtering, o, false))
		return EXIT_USAGE;
	if (feed_open(&app.feed, o, &use)) {
		filtering_close(&app.filtering);
		return EXIT_FAILED;
	}
	config.filter = app.filtering.filter;
	config.filter_text = text_string(&o->filter);
	filtering_screen_names(&app.filtering, &names);
	config.filter_names = &names;
	config.owners = o->owners;
	if (getrandom(&config.seed, sizeof config.seed, GRND_NONBLOCK) < 0)
		config.seed = (uint64_t)clock_now_ns();
	feed_describe(&app.feed, &host);
	config.host = host.host;
	config.namespace_name = o->all_netns ? "all" : o->netns ? app.feed.netns.name : o->demo && demo_private(app.feed.demo) ? "demo" : network_namespace(network);
	config.hidden_netns = o->demo && demo_private(app.feed.demo);
	/* Without them it is shown by numbers. */
	app.names = name_book_new(app.feed.loop, NULL, take_names, &app);
	config.names = app.names ? name_book_names(app.names) : NULL;
	result = screen_open(&app.screen, app.feed.loop, live_model(app.feed.live), &config);
	if (result) {
		name_book_free(app.names);
		feed_close(&app.feed);
		filtering_close(&app.filtering);
		/* There is no such theme. */
		return result == -ENOENT ? EXIT_USAGE : EXIT_FAILED;
	}
	result = loop_run(app.feed.loop);
	screen_close(app.screen);
	app.screen = NULL;
	name_book_free(app.names);
	feed_close(&app.feed);
	filtering_close(&app.filtering);
	if (result > 128)
		end_by(result - 128);
	return result;
}
