/*
 * The live screen: wires the terminal, the loop and the ui together, and decides when to draw.
 *
 * A frame is drawn when something came in from the person, when the model has changed (at most every FRAME_DATA_NS),
 * while something moves (every FRAME_NS), when the ui says that the picture changes on its own, and once a second for
 * the clocks: then, as a rule, at the end of a sweep, so that the screen wakes the processor for nothing of its own.
 */
#include "tui/screen.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <wchar.h>

#include <curses.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/message.h"
#include "clipboard.h"
#include "input.h"
#include "put.h"
#include "terminal.h"
#include "theme.h"
#include "ui.h"

#define FRAME_NS (40 * NS_PER_MS)
#define FRAME_DATA_NS (100 * NS_PER_MS)
#define CLOCK_NS (950 * NS_PER_MS)      /* the end of a sweep after that moves the clocks on */
#define CLOCK_LATEST_NS (1250 * NS_PER_MS) /* and after that they move by themselves */

struct screen {
	struct loop *loop;
	struct screen_config config;
	char *host, *namespace_name;
	struct terminal terminal;
	struct input_state input;
	struct put *put;
	struct canvas canvas;
	struct ui ui;
	int timer;
	int64_t timer_ns, painted_ns;
	uint64_t painted_version;
	uint64_t watched[UI_WATCHED_MAX];
	unsigned watched_count;
};

/* ---- frames ---- */

static void frame(struct screen *s);

static void on_timer(void *context)
{
	struct screen *s = context;

	s->timer = 0;
	frame(s);
}

/* A frame at when_ns instead of any other that was planned. */
static void plan_frame(struct screen *s, int64_t when_ns)
{
	if (s->timer)
		loop_cancel_timer(s->loop, s->timer);
	s->timer = loop_at(s->loop, when_ns, on_timer, s);
	s->timer_ns = when_ns;
}

static void want_frame(struct screen *s, int64_t when_ns)
{
	if (!s->timer || when_ns < s->timer_ns)
		plan_frame(s, when_ns);
}

static void tell_watched(struct screen *s)
{
	uint64_t conns[UI_WATCHED_MAX];
	const unsigned count = ui_watched(&s->ui, conns);
	bool same = count == s->watched_count;

	for (unsigned i = 0; same && i < count; i++)
		same = conns[i] == s->watched[i];
	if (same || !s->config.watch_connections)
		return;
	for (unsigned i = 0; i < count; i++)
		s->watched[i] = conns[i];
	s->watched_count = count;
	s->config.watch_connections(s->config.context, conns, count);
}

static void resize(struct screen *s)
{
	unsigned rows, columns;

	terminal_size(&s->terminal, &rows, &columns);
	if (rows == s->canvas.rows && columns == s->canvas.columns)
		return;
	canvas_resize(&s->canvas, rows, columns);
	put_forget(s->put);
}

static void frame(struct screen *s)
{
	const int64_t now_ns = clock_now_ns();
	int64_t next_ns;

	if (!s->terminal.entered)
		return;
	if (!terminal_is_writable(&s->terminal)) { /* a slow line: this frame is skipped */
		plan_frame(s, now_ns + FRAME_NS);
		return;
	}
	if (s->ui.redraw) {
		s->ui.redraw = false;
		resize(s);
		clearok(curscr, TRUE);
		put_forget(s->put);
	}
	if (s->ui.retheme) {
		s->ui.retheme = false;
		put_set_theme(s->put, &s->ui.theme);
	}
	canvas_clear(&s->canvas);
	ui_paint(&s->ui, &s->canvas, now_ns);
	put_canvas(s->put, &s->canvas);
	refresh();
	s->painted_ns = now_ns;
	s->painted_version = model_version(s->ui.model);
	tell_watched(s);
	next_ns = ui_moves(&s->ui) ? now_ns + FRAME_NS : ui_wake_ns(&s->ui);
	if (next_ns > now_ns + CLOCK_LATEST_NS)
		next_ns = now_ns + CLOCK_LATEST_NS;
	plan_frame(s, next_ns > now_ns + FRAME_NS ? next_ns : now_ns + FRAME_NS);
}

void screen_event(void *screen, const struct event *event)
{
	struct screen *s = screen;

	ui_event(&s->ui, event);
}

void screen_turn(struct screen *s)
{
	const int64_t now_ns = clock_now_ns();

	if (model_version(s->ui.model) != s->painted_version)
		want_frame(s, s->painted_ns + FRAME_DATA_NS);
	else if (now_ns - s->painted_ns >= CLOCK_NS)
		want_frame(s, now_ns);
}

void screen_changed(struct screen *s)
{
	want_frame(s, s->painted_ns + FRAME_DATA_NS);
}

/* ---- what comes in ---- */

static void end(struct screen *s, int result)
{
	terminal_leave(&s->terminal);
	loop_stop(s->loop, result);
}

static void take_input(struct screen *s)
{
	const int64_t now_ns = clock_now_ns();
	struct input in;

	while (!s->ui.quit && (in = input_next(&s->input, now_ns)).kind != INPUT_NONE) {
		if (in.kind == INPUT_KEY)
			ui_key(&s->ui, in.key, now_ns);
		else if (in.kind == INPUT_PASTED)
			ui_pasted(&s->ui, in.key, now_ns);
		else if (in.kind == INPUT_CLICK)
			ui_click(&s->ui, in.row, in.column, now_ns);
		else
			ui_wheel(&s->ui, in.lines, now_ns);
	}
}

static void send_copy(struct screen *s)
{
	if (!s->ui.copy[0])
		return;
	terminal_copy(&s->terminal, s->ui.copy);
	s->ui.copy[0] = '\0';
}

static void on_input(void *context, uint32_t epoll_events)
{
	struct screen *s = context;

	if (epoll_events & (EPOLLHUP | EPOLLERR) || terminal_is_gone(&s->terminal)) {
		end(s, 128 + SIGHUP);
		return;
	}
	take_input(s);
	send_copy(s);
	if (s->ui.quit)
		end(s, 0);
	else
		frame(s);
}

static void on_end_signal(void *context, int signal)
{
	end(context, 128 + signal);
}

static void on_resize(void *context, int signal)
{
	struct screen *s = context;

	(void)signal;
	resize(s);
	frame(s);
}

/* Whoever had the terminal while we stood still may have left anything on it. */
static void on_continue(void *context, int signal)
{
	struct screen *s = context;

	(void)signal;
	terminal_leave(&s->terminal);
	terminal_enter(&s->terminal);
	s->ui.redraw = true;
	frame(s);
}

static void on_suspend(void *context, int signal)
{
	struct screen *s = context;

	terminal_suspend(&s->terminal);
	on_continue(s, signal);
}

static int listen_to_loop(struct screen *s)
{
	static const int ends[] = {SIGHUP, SIGINT, SIGTERM, SIGQUIT};
	int result = 0;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]) && result == 0; i++)
		result = loop_on_signal(s->loop, ends[i], on_end_signal, s);
	if (result == 0)
		result = loop_on_signal(s->loop, SIGWINCH, on_resize, s);
	if (result == 0)
		result = loop_on_signal(s->loop, SIGTSTP, on_suspend, s);
	if (result == 0)
		result = loop_on_signal(s->loop, SIGCONT, on_continue, s);
	if (result == 0)
		result = loop_add_fd(s->loop, s->terminal.input_fd, EPOLLIN, on_input, s);
	return result;
}

/* ---- open and close ---- */

static bool want_color(enum screen_color color)
{
	const char *no_color = getenv("NO_COLOR"); /* no-color.org: set and not empty */

	return color == SCREEN_COLOR_ALWAYS || (color == SCREEN_COLOR_AUTO && !(no_color && *no_color));
}

int screen_check_theme(const char *name, struct text *error)
{
	struct theme theme;

	if (!name || theme_is_known(name))
		return 0;
	theme_load(&theme, name, error);
	return -ENOENT;
}

/*
 * Mistakes in a theme are told, here and on the screen, and the built-in one used; a name that does not exist is an
 * error.
 */
static int choose_theme(const char *name, struct theme *theme, struct text *mistakes)
{
	const int result = theme_load(theme, name, mistakes);

	if (result == 0)
		return 0;
	log_lines(text_string(mistakes));
	return result == -ENOENT ? result : 0;
}

/* Messages in another language are to be read, whatever lines are drawn with; names are then no different. */
static bool takes_utf8(const struct screen_config *config)
{
	return message_terminal_is_utf8() && !(config->ascii && message_is_ascii());
}

static struct screen *new_screen(struct loop *loop, const struct model *model, const struct screen_config *config)
{
	const bool unicode = !config->ascii && message_terminal_is_utf8() && wcwidth(L'─') == 1;
	struct screen *s = memory_get_zeroed(1, sizeof(*s));

	s->loop = loop;
	s->config = *config;
	s->host = memory_copy_string(config->host ? config->host : "");
	s->namespace_name = memory_copy_string(config->namespace_name ? config->namespace_name : "");
	s->config.host = s->host;
	s->config.namespace_name = s->namespace_name;
	ui_init(&s->ui, model, &s->config);
	canvas_init(&s->canvas, 1, 1, unicode ? &glyphs_unicode : &glyphs_ascii);
	return s;
}

int screen_open(struct screen **out, struct loop *loop, const struct model *model, const struct screen_config *config)
{
	struct text mistake = {0};
	char line[UI_NOTICE_ROOM];
	struct theme theme;
	struct screen *s = NULL;
	int result = choose_theme(config->theme, &theme, &mistake);

	if (result == 0) {
		s = new_screen(loop, model, config);
		result = terminal_open(&s->terminal, config->mouse);
	}
	if (result == 0) {
		s->ui.means.clipboard = clipboard_is_known(getenv("TERM"));
		s->put = put_new(&theme, want_color(config->color), takes_utf8(config));
		resize(s);
		s->ui.theme = theme;
		if (config->mistakes || mistake.len)
			ui_notice(&s->ui, theme_first_mistake(config->mistakes ? config->mistakes : text_string(&mistake), line, sizeof(line)), clock_now_ns());
		result = listen_to_loop(s);
		if (result) {
			terminal_leave(&s->terminal);
			log_line(_("the screen cannot be opened: %s"), strerror(-result));
		}
	}
	if (result == 0) {
		frame(s);
		*out = s;
	} else {
		screen_close(s);
	}
	text_fini(&mistake);
	return result;
}

void screen_close(struct screen *s)
{
	if (!s)
		return;
	if (s->timer)
		loop_cancel_timer(s->loop, s->timer);
	if (s->put)
		loop_remove_fd(s->loop, s->terminal.input_fd);
	terminal_close(&s->terminal);
	put_free(s->put);
	ui_fini(&s->ui);
	canvas_fini(&s->canvas);
	free(s->host);
	free(s->namespace_name);
	free(s);
}
