/* The stack of views, and the actions that are the same in all of them. */
#include "ui.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/message.h"
#include "base/utf8.h"
#include "key.h"

/* Views that have a tab, in the order of their digits. */
static const struct view *const tabbed[] = {&view_list, &view_wall, &view_map};
#define TABBED_COUNT (sizeof(tabbed) / sizeof(tabbed[0]))

void ui_init(struct ui *ui, const struct model *model, const struct screen_config *config)
{
	memset(ui, 0, sizeof(*ui));
	ui->model = model;
	ui->facts = (struct frame_facts){
		.host = config->host,
		.namespace_name = config->namespace_name,
		.fast_interval_ns = config->fast_interval_ns,
		.notices = config->notices,
		.privileged = config->privileged,
	};
	if (config->keymap)
		ui->keymap = *config->keymap;
	else
		keymap_init(&ui->keymap);
	ui->demo = config->demo;
	ui->animate = config->animate;
	ui->tempo = (struct tempo){.kind = TEMPO_COMPRESSED};
	ui->following = true;
	list_init(&ui->list);
	list_set_seed(&ui->list, config->seed);
	list_set_filter(&ui->list, config->filter);
	ui->filter_names = config->filter_names;
	ui->owners = config->owners;
	filter_stream_init(&ui->stream, config->filter);
	if (config->filter)
		ui->filter_text = filter_displayed(config->filter_text, strlen(config->filter_text));
	ui->given_filter = config->filter;
	if (ui->filter_text)
		ui->given_text = memory_copy_string(ui->filter_text);
	ui->means = (struct ui_means){
		.names = config->names, .destroy = config->destroy, .may_destroy = config->may_destroy, .netns = config->netns,
		.hidden_netns = config->hidden_netns, .context = config->context,
	};
	ui->list.following = true;
	ui->panel_hidden = config->panel_hidden;
	if (config->sorted)
		list_sort(&ui->list, config->sort, config->inverted);
	ladder_view_init(&ui->panel, config->animate);
	ladder_view_init(&ui->ladder, config->animate);
	state_map_init(&ui->map);
	theme_set_builtin(&ui->theme);
	snprintf(ui->theme_name, sizeof(ui->theme_name), "%s", config->theme ? config->theme : ui->theme.name);
	ui_push(ui, &view_list);
}

void ui_fini(struct ui *ui)
{
	filter_stream_fini(&ui->stream);
	filter_free(ui->own_filter);
	free(ui->filter_text);
	free(ui->filter_before);
	free(ui->given_text);
	typing_fini(&ui->typing);
	list_fini(&ui->list);
	prompt_fini(&ui->help.search);
	themes_fini(&ui->picker.all);
	if (ui->wall)
		wall_fini(ui->wall);
	free(ui->wall);
}

/* Puts a filter in the place of the list's; `own`: it is to be freed. */
static void take_filter(struct ui *ui, const struct filter *filter, struct filter *own, const char *text)
{
	filter_stream_fini(&ui->stream);
	filter_stream_init(&ui->stream, filter);
	list_set_filter(&ui->list, filter);
	/* What is drawn may be none of what it lets through. */
	if (ui->following)
		ui->follow = (struct follow){0};
	free(ui->filter_text);
	ui->filter_text = filter ? filter_displayed(text, strlen(text)) : NULL;
	filter_free(ui->own_filter);
	ui->own_filter = own;
	free(ui->filter_before);
	ui->filter_before = NULL;
	ui->state_chosen = false;
	ui->typing.search.search.on = false;
	/* Its lanes were chosen by the filter before. */
	if (ui->wall && ui->depth > 0 && ui->stack[0] != &view_wall) {
		wall_fini(ui->wall);
		free(ui->wall);
		ui->wall = NULL;
	}
}

bool ui_set_filter(struct ui *ui, const char *text, struct filter_error *error)
{
	static const struct filter_names nothing = {0};
	struct filter *filter = NULL;

	*error = (struct filter_error){0};
	if (strcmp(text, ui->filter_text ? ui->filter_text : "") == 0)
		return true;
	if (ui->given_text && strcmp(text, ui->given_text) == 0) {
		take_filter(ui, ui->given_filter, NULL, text);
		return true;
	}
	if (text[strspn(text, " ")]) {
		filter = filter_parse(text, ui->filter_names ? ui->filter_names : &nothing, error);
		if (!filter)
			return false;
		if (!ui->owners && filter_asks_owners(filter)) {
			filter_free(filter);
			return false;
		}
	}
	take_filter(ui, filter, filter, text);
	return true;
}

bool ui_list_state(struct ui *ui, const char *state)
{
	const char *now = ui->state_chosen ? ui->filter_before : ui->filter_text;
	char *before = now ? memory_copy_string(now) : NULL;
	struct filter_error error;
	char text[64];

	snprintf(text, sizeof(text), "state %s", state);
	/* What a person has typed is not taken away again because the map would show the same. */
	if (!before || strcmp(before, text) != 0) {
		ui_set_filter(ui, text, &error);
		free(ui->filter_before);
		ui->filter_before = before;
		ui->state_chosen = true;
		before = NULL;
	} else {
		ui_set_filter(ui, text, &error);
		ui->state_chosen = false;
	}
	free(before);
	ui_go(ui, &view_list);
	return ui->state_chosen;
}

bool ui_leave_state(struct ui *ui)
{
	char *before = ui->filter_before;
	struct filter_error error;

	if (!ui->state_chosen)
		return false;
	ui->filter_before = NULL;
	ui->state_chosen = false;
	if (!ui_set_filter(ui, before ? before : "", &error))
		ui_set_filter(ui, "", &error);
	free(before);
	return true;
}

const struct view *ui_top(const struct ui *ui)
{
	return ui->stack[ui->depth - 1];
}

void ui_push(struct ui *ui, const struct view *view)
{
	if (ui->depth < UI_DEPTH_MAX && (ui->depth == 0 || ui_top(ui) != view))
		ui->stack[ui->depth++] = view;
}

void ui_pop(struct ui *ui)
{
	if (ui->depth > 1)
		ui->depth--;
}

void ui_drop(struct ui *ui, unsigned depth)
{
	while (ui->depth > depth) {
		const struct view *view = ui->stack[--ui->depth];

		if (view->dropped)
			view->dropped(ui);
	}
}

void ui_go(struct ui *ui, const struct view *view)
{
	ui_drop(ui, 0);
	ui->notice[0] = '\0'; /* it was of the screen that is left */
	ui_push(ui, view);
}

static unsigned base_depth(const struct ui *ui)
{
	unsigned depth = ui->depth;

	while (depth > 1 && ui->stack[depth - 1]->overlay)
		depth--;
	return depth;
}

const struct view *ui_base(const struct ui *ui)
{
	return ui->stack[base_depth(ui) - 1];
}

__attribute__((format(printf, 4, 0))) static void notice(struct ui *ui, int64_t now_ns, bool calm, const char *format, va_list args)
{
	vsnprintf(ui->notice, sizeof(ui->notice), format, args);
	ui->notice_until_ns = now_ns + UI_NOTICE_NS;
	ui->notice_calm = calm;
}

void ui_noticef(struct ui *ui, int64_t now_ns, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	notice(ui, now_ns, false, format, args);
	va_end(args);
}

void ui_tellf(struct ui *ui, int64_t now_ns, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	notice(ui, now_ns, true, format, args);
	va_end(args);
}

void ui_notice(struct ui *ui, const char *text, int64_t now_ns)
{
	ui_noticef(ui, now_ns, "%s", text);
}

void ui_tell(struct ui *ui, const char *text, int64_t now_ns)
{
	ui_tellf(ui, now_ns, "%s", text);
}

/* Only what can be seen is told what happens. */
static void tell_wall(struct ui *ui, const struct event *event, bool fits)
{
	if (ui_base(ui) == &view_wall)
		wall_event(ui->wall, ui->model, event, fits);
	else
		wall_miss(ui->wall);
}

void ui_event(void *context, const struct event *event)
{
	struct ui *ui = context;
	const bool fits = !ui->list.filter || filter_stream_event(&ui->stream, ui->model, event);

	list_event(&ui->list, event);
	state_map_event(&ui->map, ui->model, event, ui_base(ui) == &view_map);
	if (ui->wall)
		tell_wall(ui, event, fits);
	if (!fits)
		return;
	if (ui->following && !ui->paused && ui_panel_shown(ui))
		follow_event(&ui->follow, ui->model, event);
}

unsigned ui_watch_pair(const struct ui *ui, uint64_t conn, uint64_t conns[UI_WATCHED_MAX], unsigned count)
{
	const struct connection *c = model_find(ui->model, conn), *pair = c ? model_pair(ui->model, c) : NULL;

	if (c && c->live && c->state != STATE_LISTEN && count < UI_WATCHED_MAX)
		conns[count++] = c->id;
	if (pair && pair->live && count < UI_WATCHED_MAX)
		conns[count++] = pair->id;
	return count;
}

unsigned ui_watched(const struct ui *ui, uint64_t conns[UI_WATCHED_MAX])
{
	const struct view *base = ui_base(ui);

	return base->watched ? base->watched(ui, conns) : 0;
}

/* ---- actions ---- */

void ui_set_paused(struct ui *ui, bool paused, int64_t now_ns)
{
	ui->paused = paused;
	list_pause(&ui->list, ui->model, paused, now_ns);
	player_pause(&ui->panel.player, paused, now_ns);
	player_pause(&ui->ladder.player, paused, now_ns);
	state_map_pause(&ui->map, paused, now_ns);
	if (ui->wall)
		wall_pause(ui->wall, paused, now_ns);
}

void ui_open_ladder(struct ui *ui, uint64_t conn, int64_t now_ns)
{
	const struct ladder_choices choices = ui->ladder.choices;

	if (!conn)
		return;
	if (conn == ui->panel.conn) {
		ui->ladder = ui->panel; /* it goes on where it is */
		ui->ladder.choices = choices;
	} else {
		ladder_view_show(&ui->ladder, ui->model, conn, LADDER_VIEW_ALL, now_ns);
		player_pause(&ui->ladder.player, ui->paused, now_ns);
	}
	ui_push(ui, &view_ladder);
}

static void step(struct ui *ui, int direction, int64_t now_ns)
{
	struct ladder_view *v = ui_top(ui)->ladder ? ui_top(ui)->ladder(ui) : NULL;

	if (!v || !v->conn)
		return;
	ui_set_paused(ui, true, now_ns);
	player_step(&v->player, &v->ladder, direction, now_ns);
}

static void go_live(struct ui *ui, int64_t now_ns)
{
	struct ladder_view *v = ui_top(ui)->ladder ? ui_top(ui)->ladder(ui) : NULL;

	ui_set_paused(ui, false, now_ns);
	ui->tempo = (struct tempo){.kind = TEMPO_COMPRESSED};
	if (v && v->conn)
		player_live(&v->player, &v->ladder);
}

/* What means the same in every view. False: it means nothing here. */
static bool act_anywhere(struct ui *ui, enum action action, int64_t now_ns)
{
	switch (action) {
	case ACTION_LIST:
		ui_go(ui, &view_list);
		break;
	case ACTION_WALL:
		ui_go(ui, &view_wall);
		break;
	case ACTION_MAP:
		ui_go(ui, &view_map);
		break;
	case ACTION_HELP:
		ui_open_help(ui, now_ns);
		break;
	case ACTION_THEMES:
		ui_pick_theme(ui);
		break;
	case ACTION_BACK:
		ui_pop(ui);
		break;
	case ACTION_QUIT:
		ui->quit = true;
		break;
	case ACTION_REDRAW:
		ui->redraw = true;
		break;
	case ACTION_PAUSE:
		ui_set_paused(ui, !ui->paused, now_ns);
		break;
	case ACTION_STEP:
	case ACTION_STEP_BACK:
		step(ui, action == ACTION_STEP ? 1 : -1, now_ns);
		break;
	case ACTION_SLOWER:
		tempo_slower(&ui->tempo);
		break;
	case ACTION_FASTER:
		tempo_faster(&ui->tempo);
		break;
	case ACTION_LIVE:
		go_live(ui, now_ns);
		break;
	case ACTION_CLOCK:
		ui->panel.choices.absolute_time = ui->ladder.choices.absolute_time = !ui->ladder.choices.absolute_time;
		break;
	default:
		return typing_act(ui, action, now_ns);
	}
	return true;
}

/* A key of one screen alone, pressed on another. */
static void tell_where(struct ui *ui, enum action action, int64_t now_ns)
{
	const struct action_info *info = action_info(action);

	if (strcmp(info->group, action_info(ACTION_LIST)->label) == 0 || strcmp(info->group, action_info(ACTION_OPEN)->label) == 0)
		ui_tellf(ui, now_ns, _("%s: only in the %s screen"), _(info->label), _(info->group));
}

void ui_act(struct ui *ui, enum action action, int64_t now_ns)
{
	const struct view *view = ui_top(ui);

	if (action == ACTION_NONE || (view->act && view->act(ui, action, now_ns)))
		return;
	if (!act_anywhere(ui, action, now_ns))
		tell_where(ui, action, now_ns);
}

void ui_pasted(struct ui *ui, unsigned rune, int64_t now_ns)
{
	if (ui_top(ui)->typed)
		ui_top(ui)->typed(ui, rune, true, now_ns);
}

void ui_key(struct ui *ui, unsigned key, int64_t now_ns)
{
	char latin[KEY_LATIN_MAX];
	unsigned count;

	if (ui->notice_calm) /* it has been read, or is of no interest */
		ui->notice[0] = '\0';
	if (ui_top(ui)->typed && ui_top(ui)->typed(ui, key, false, now_ns))
		return;
	count = key_latin(key, latin);
	if (count == 0)
		ui_act(ui, keymap_action(&ui->keymap, key), now_ns);
	for (unsigned i = 0; i < count && !ui->quit; i++)
		ui_act(ui, keymap_action(&ui->keymap, (unsigned char)latin[i]), now_ns);
}

void ui_click(struct ui *ui, unsigned row, unsigned column, int64_t now_ns)
{
	uint8_t action;

	if (hot_spots_find(&ui->spots, row, column, &action))
		ui_act(ui, (enum action)action, now_ns);
	else if (ui_top(ui)->click)
		ui_top(ui)->click(ui, row, column, now_ns);
}

void ui_wheel(struct ui *ui, int lines, int64_t now_ns)
{
	for (int i = 0; i < (lines < 0 ? -lines : lines); i++)
		ui_act(ui, lines < 0 ? ACTION_UP : ACTION_DOWN, now_ns);
}

/* ---- the picture ---- */

unsigned ui_paint_tabs(struct ui *ui, struct area area)
{
	char keys[TABBED_COUNT][KEY_NAME_ROOM];
	struct frame_key tabs[TABBED_COUNT];

	for (unsigned i = 0; i < TABBED_COUNT; i++)
		tabs[i] = (struct frame_key){
			.key = keymap_first(&ui->keymap, tabbed[i]->tab, keys[i]),
			.label = _(action_info(tabbed[i]->tab)->label),
			.action = (uint8_t)tabbed[i]->tab,
			.active = tabbed[i] == ui_base(ui),
		};
	return frame_tabs(area, tabs, TABBED_COUNT, &ui->spots);
}

#define RULE_COLUMNS 7   /* of a rule with both that are neither title nor aside */
#define TITLE_LEAST 15   /* ":41812 > :443" */

void ui_paint_ladder_rule(struct area area, const char *word, const struct ladder_view *v, struct aside *aside, enum role role)
{
	const unsigned room = area.columns > RULE_COLUMNS ? area.columns - RULE_COLUMNS : 0;
	const unsigned before = utf8_columns(word) + (v && *word ? 2 : 0);
	const unsigned all = before + (v ? ladder_view_title_columns(v, true) : 0);
	const unsigned wanted = before + (v ? ladder_view_title_columns(v, false) : 0);
	const unsigned least = wanted < before + TITLE_LEAST ? wanted : before + TITLE_LEAST;
	struct text title = {0}, subject = {0}, right = {0};
	unsigned left;

	while (all + aside_columns(aside) > room && aside_drop(aside, UI_ASIDE_USEFUL))
		continue;
	while (wanted + aside_columns(aside) > room && aside_drop(aside, UI_ASIDE_KEPT))
		continue;
	while (least + aside_columns(aside) > room && aside_drop(aside, 0))
		continue;
	left = room - before - aside_columns(aside);
	text_add(&title, word);
	if (v) {
		ladder_view_title(v, area.canvas->glyphs, left, &subject);
		text_addf(&title, "%s%s", *word ? "  " : "", text_string(&subject));
	}
	aside_say(aside, &right);
	frame_rule(area, text_string(&title), role, text_string(&right));
	text_fini(&title);
	text_fini(&subject);
	text_fini(&right);
}

static void paint_bottom(struct ui *ui, struct area area)
{
	const struct view *view = ui_top(ui);
	enum action actions[UI_KEYS_MAX + 2];
	char keys[UI_KEYS_MAX + 2][KEY_NAME_ROOM];
	struct frame_key shown[UI_KEYS_MAX + 2];
	unsigned count = 0;

	if (ui->notice[0]) {
		if (ui->notice_calm)
			frame_told(area, ui->notice);
		else
			frame_notice(area, ui->notice);
		return;
	}
	for (unsigned i = 0; i < UI_KEYS_MAX && view->keys[i] != ACTION_NONE; i++)
		if (ui->keymap.actions[view->keys[i]].count > 0)
			actions[count++] = view->keys[i];
	if (view != &view_help)
		actions[count++] = ACTION_HELP;
	actions[count++] = ACTION_QUIT;
	for (unsigned i = 0; i < count; i++)
		shown[i] = (struct frame_key){
			.key = keymap_first(&ui->keymap, actions[i], keys[i]),
			.label = _(actions[i] == ACTION_OPEN && view->enter ? view->enter : action_info(actions[i])->label),
			.action = (uint8_t)actions[i],
		};
	frame_bottom(area, shown, count, &ui->spots);
}

void ui_paint(struct ui *ui, struct canvas *canvas, int64_t now_ns)
{
	const unsigned base = base_depth(ui);
	struct area area = area_all(canvas);

	ui->glyphs = canvas->glyphs;
	ui->rows = canvas->rows;
	ui->columns = canvas->columns;
	ui->spots.count = 0;
	if (now_ns >= ui->notice_until_ns)
		ui->notice[0] = '\0';
	for (unsigned i = base - 1; i < ui->depth; i++)
		if (ui->stack[i]->update)
			ui->stack[i]->update(ui, now_ns);
	if (area.rows < FRAME_LEAST_ROWS || area.columns < FRAME_LEAST_COLUMNS) {
		frame_too_small(area);
		return;
	}
	ui->facts.rows_hidden = model_owners_hidden(ui->model);
	frame_top(area, ui->model, &ui->facts, now_ns);
	ui->stack[base - 1]->paint(ui, area_part(area, 1, 0, area.rows - 2, area.columns), now_ns);
	/* What is below an overlay is not to be clicked through it. */
	if (ui->depth > base)
		ui->spots.count = 0;
	if (!ui_top(ui)->own_bottom)
		paint_bottom(ui, area_part(area, area.rows - 1, 0, 1, area.columns));
	for (unsigned i = base; i < ui->depth; i++)
		ui->stack[i]->paint(ui, area_part(area, 1, 0, area.rows - 1, area.columns), now_ns);
}

bool ui_moves(const struct ui *ui)
{
	for (unsigned i = base_depth(ui) - 1; i < ui->depth; i++)
		if (!ui->paused && ui->stack[i]->moves && ui->stack[i]->moves(ui))
			return true;
	return false;
}

int64_t ui_wake_ns(const struct ui *ui)
{
	int64_t wake_ns = INT64_MAX;

	for (unsigned i = base_depth(ui) - 1; i < ui->depth; i++)
		if (ui->stack[i]->wake_ns && ui->stack[i]->wake_ns(ui) < wake_ns)
			wake_ns = ui->stack[i]->wake_ns(ui);
	if (ui->notice[0] && ui->notice_until_ns < wake_ns)
		wake_ns = ui->notice_until_ns;
	return wake_ns;
}
