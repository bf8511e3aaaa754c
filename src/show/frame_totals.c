/* The histogram of states and the sparklines. */
#include <inttypes.h>
#include <stdio.h>

#include "base/message.h"
#include "base/utf8.h"
#include "show/amount.h"
#include "show/frame.h"
#include "show/gauge.h"

#define HISTOGRAM_COLUMNS 3
#define HISTOGRAM_ROWS 3
#define NAME_COLUMNS 11
#define COUNT_COLUMNS 7
/* A column is worth having when some bar is left. */
#define HISTOGRAM_LEAST (HISTOGRAM_COLUMNS * (NAME_COLUMNS + COUNT_COLUMNS + 6))

#define SPARK_SECONDS 60
/* One opening in a quiet minute is no mountain. */
#define SPARK_LEAST 8

unsigned frame_histogram_rows(unsigned rows, unsigned columns)
{
	return rows >= 20 && columns >= HISTOGRAM_LEAST ? HISTOGRAM_ROWS : 1;
}

static const enum tcp_state histogram[HISTOGRAM_COLUMNS][HISTOGRAM_ROWS] = {
	{STATE_LISTEN, STATE_SYN_SENT, STATE_SYN_RECV},
	{STATE_ESTABLISHED, STATE_FIN_WAIT1, STATE_FIN_WAIT2},
	{STATE_CLOSE_WAIT, STATE_LAST_ACK, STATE_TIME_WAIT},
};

static uint32_t largest_population(const struct model *m)
{
	uint32_t largest = 0;

	for (unsigned i = 0; i < STATE_LIFE_COUNT; i++)
		if (model_population(m, state_life_order[i]) > largest)
			largest = model_population(m, state_life_order[i]);
	return largest;
}

/* "NAME 8,102" wherever it is short of room; returns the columns taken. */
static unsigned paint_named(struct area area, int row, int column, enum tcp_state state, uint32_t population)
{
	char amount[AMOUNT_ROOM];
	unsigned width = area_text(area, row, column, role_of_state(state), 0, state_name(state));

	return width + area_textf(area, row, column + (int)width, ROLE_TEXT, 0, " %s", amount_grouped(population, amount));
}

/* The columns of "CLOSING 1", which stands behind TIME_WAIT: the tenth state has no place of its own, for it hardly ever is. */
static unsigned closing_columns(const struct model *m)
{
	const uint32_t population = model_population(m, STATE_CLOSING);
	char amount[AMOUNT_ROOM];

	return population ? utf8_columns(state_name(STATE_CLOSING)) + 2 + utf8_columns(amount_grouped(population, amount)) : 0;
}

/* The columns for bars; all of them, so that they have one scale, leave room for CLOSING where that of TIME_WAIT would reach it. */
static unsigned bar_columns(unsigned columns, const struct model *m, uint32_t largest)
{
	const unsigned taken = NAME_COLUMNS + COUNT_COLUMNS + 1 + 2, room = columns > taken ? columns - taken : 0, closing = closing_columns(m);
	const uint64_t reached = largest ? ((uint64_t)model_population(m, STATE_TIME_WAIT) * room + largest - 1) / largest : 0;

	return reached + closing <= room ? room : room > closing ? room - closing : 0;
}

static void paint_population(struct area area, int row, const struct model *m, enum tcp_state state, uint32_t largest)
{
	const uint32_t population = model_population(m, state);
	const enum role role = role_of_state(state);
	const unsigned at = NAME_COLUMNS + COUNT_COLUMNS + 1, closing = closing_columns(m), bars = bar_columns(area.columns, m, largest);
	char amount[AMOUNT_ROOM];

	area_text(area, row, 0, role, 0, state_name(state));
	area_field(area, row, NAME_COLUMNS, COUNT_COLUMNS, true, population ? ROLE_TEXT : ROLE_DIM, 0, amount_grouped(population, amount));
	if (bars > 0)
		gauge_bar(area, row, (int)at, bars, role, population, largest);
	if (state == STATE_TIME_WAIT && closing && area.columns > at + 2 + closing)
		paint_named(area, row, (int)(area.columns - 2 - closing) + 1, STATE_CLOSING, model_population(m, STATE_CLOSING));
}

/* Only those that are there, the fewest first to leave. */
static void paint_short(struct area area, const struct model *m)
{
	unsigned at = 1;

	for (unsigned i = 0; i < STATE_LIFE_COUNT; i++) {
		const enum tcp_state state = state_life_order[i];
		const uint32_t population = model_population(m, state);
		char amount[AMOUNT_ROOM];

		if (population == 0)
			continue;
		if (at + utf8_columns(state_name(state)) + 1 + utf8_columns(amount_grouped(population, amount)) > area.columns)
			continue;
		at += paint_named(area, 0, (int)at, state, population) + 2;
	}
}

void frame_histogram(struct area area, const struct model *m)
{
	const unsigned width = area.columns > 1 ? (area.columns - 1) / HISTOGRAM_COLUMNS : 0;
	const uint32_t largest = largest_population(m);

	if (area.rows < HISTOGRAM_ROWS) {
		paint_short(area, m);
		return;
	}
	for (unsigned column = 0; column < HISTOGRAM_COLUMNS; column++)
		for (unsigned row = 0; row < HISTOGRAM_ROWS; row++)
			paint_population(area_part(area, 0, 1 + column * width, HISTOGRAM_ROWS, width), (int)row, m, histogram[column][row], largest);
}

enum rate { RATE_OPENS, RATE_CLOSES, RATE_RESETS, RATE_COUNT };

static const struct {
	const char *name;
	enum role role;
} rates[RATE_COUNT] = {
	[RATE_OPENS] = {N_("opens/s"), ROLE_GOOD},
	[RATE_CLOSES] = {N_("closes/s"), ROLE_GAUGE},
	[RATE_RESETS] = {N_("resets/s"), ROLE_WARNING},
};

static uint32_t rate_of(const struct second *second, enum rate rate)
{
	return rate == RATE_OPENS ? second->opens : rate == RATE_CLOSES ? second->closes : second->resets;
}

/* The present second is not over: the line ends with the one before it. */
static void paint_rate(struct area area, const struct model *m, enum rate rate, int64_t now_ns)
{
	const char *name = _(rates[rate].name);
	const unsigned around = utf8_columns(name) + 1 + 1 + 5 + 1; /* the name, the number, blanks */
	unsigned count = area.columns > around ? area.columns - around : 0, at;
	uint32_t values[SPARK_SECONDS], max = SPARK_LEAST, last = 0;
	char amount[AMOUNT_ROOM];

	if (count > SPARK_SECONDS)
		count = SPARK_SECONDS;
	for (unsigned i = 0; i < count; i++) {
		const struct second second = model_second(m, now_ns, count - i);

		values[i] = rate_of(&second, rate);
		last = values[i];
		if (values[i] > max)
			max = values[i];
	}
	at = area_text(area, 0, 0, ROLE_DIM, 0, name) + 1;
	gauge_spark(area, 0, (int)at, rates[rate].role, values, count, max);
	if (count > 0)
		area_text(area, 0, (int)(at + count + 1), last ? ROLE_TEXT : ROLE_DIM, 0, amount_short(last, amount));
}

void frame_sparklines(struct area area, const struct model *m, int64_t now_ns)
{
	const unsigned shown = area.columns >= 60 ? RATE_COUNT : 2;
	const unsigned width = area.columns > 1 ? (area.columns - 1) / shown : 0;

	for (unsigned i = 0; i < shown; i++)
		paint_rate(area_part(area, 0, 1 + i * width, 1, width), m, (enum rate)i, now_ns);
}
