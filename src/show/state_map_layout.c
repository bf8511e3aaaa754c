/*
 * Where everything on the map stands.
 *
 * The picture, in three columns and a rail at either side:
 *
 *    ┌──────────────────────► CLOSED ◄──────────────────────┐
 *    │ LISTEN                                      SYN_SENT │
 *    │               SYN_RECV                  ESTABLISHED  │
 *    │ CLOSING              FIN_WAIT1            CLOSE_WAIT │
 *    └ TIME_WAIT            FIN_WAIT2              LAST_ACK ┘
 *
 * ESTABLISHED is wider than what is above and below it, so that the road to FIN_WAIT1 comes down free; SYN_RECV stands further left for the same
 * reason. What there is of room goes, step by step, to explanation, boxes and gaps. Routes follow from the boxes and a table of ports, and then
 * there is room for words (state_map_labels.c).
 */
#include <stdlib.h>

#include "base/message.h"
#include "state_map_labels.h"

/* ---- boxes ---- */

#define BOX_LEAST_ROWS 3
#define BOX_LEAST_COLUMNS 15      /* "┌ ESTABLISHED ┐" */
#define CLOSED_COLUMNS 12
#define ROWS_OF_BOXES 4
#define ROOMY_FROM 100            /* columns: boxes stand further from the rails */

struct measure {
	unsigned explained, blank, closed, box, gaps[ROWS_OF_BOXES];
};

static unsigned height_of(const struct measure *m)
{
	unsigned rows = m->explained + m->blank + m->closed + ROWS_OF_BOXES * m->box;

	for (unsigned i = 0; i < ROWS_OF_BOXES; i++)
		rows += m->gaps[i];
	return rows;
}

/* Each part grows in turn when it still fits. */
static struct measure measure(unsigned rows)
{
	static const struct measure steps[] = {
		{.explained = 1}, {.explained = 1}, {.closed = 2}, {.gaps = {0, 0, 1, 0}}, {.blank = 1}, {.box = 1},
		{.gaps = {1, 0, 0, 0}}, {.gaps = {0, 1, 0, 0}}, {.gaps = {0, 0, 1, 0}}, {.gaps = {0, 0, 0, 1}}, {.box = 1}, {.box = 1},
		{.gaps = {0, 1, 0, 0}}, {.gaps = {0, 0, 1, 0}}, {.gaps = {0, 0, 0, 1}}, {.gaps = {1, 0, 0, 0}}, {.box = 1},
		{.gaps = {0, 1, 0, 0}}, {.gaps = {0, 0, 1, 0}}, {.gaps = {0, 0, 0, 1}}, {.blank = 1},
	};
	struct measure m = {.closed = 1, .box = BOX_LEAST_ROWS, .gaps = {2, 2, 1, 2}};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct measure more = m;

		more.explained += steps[i].explained;
		more.blank += steps[i].blank;
		more.closed += steps[i].closed;
		more.box += steps[i].box;
		for (unsigned g = 0; g < ROWS_OF_BOXES; g++)
			more.gaps[g] += steps[i].gaps[g];
		if (height_of(&more) <= rows)
			m = more;
	}
	return m;
}

static unsigned smaller(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static struct map_box box(unsigned row, unsigned column, unsigned rows, unsigned columns)
{
	return (struct map_box){(uint16_t)row, (uint16_t)column, (uint16_t)rows, (uint16_t)columns, 0, 0};
}

/* `left` is where the left rail runs; `columns` from there to the right one. Returns the row below the last box. */
static unsigned place_boxes(struct state_map_layout *l, const struct measure *m, unsigned top, unsigned left, unsigned columns)
{
	const unsigned margin = columns >= ROOMY_FROM ? 4 : 2, width = BOX_LEAST_COLUMNS + (columns - MAP_LEAST_COLUMNS) / 5;
	const unsigned l_at = left + margin, r_at = left + columns - margin - width, c_at = left + (columns - width) / 2;
	const unsigned wider = (r_at - c_at - width) / 2, shift = smaller(wider - 2, width / 2);
	const unsigned closed = m->closed > 1 ? width : CLOSED_COLUMNS;
	unsigned row = top;

	l->boxes[STATE_CLOSED] = box(row, left + (columns - closed) / 2, m->closed, closed);
	row += m->closed + m->gaps[0];
	l->boxes[STATE_LISTEN] = box(row, l_at, m->box, width);
	l->boxes[STATE_SYN_SENT] = box(row, r_at, m->box, width);
	row += m->box + m->gaps[1];
	l->boxes[STATE_SYN_RECV] = box(row, c_at - shift, m->box, width);
	l->boxes[STATE_ESTABLISHED] = box(row, r_at - wider, m->box, width + wider);
	row += m->box + m->gaps[2];
	l->boxes[STATE_CLOSING] = box(row, l_at, m->box, width);
	l->boxes[STATE_FIN_WAIT1] = box(row, c_at, m->box, width);
	l->boxes[STATE_CLOSE_WAIT] = box(row, r_at, m->box, width);
	row += m->box + m->gaps[3];
	l->boxes[STATE_TIME_WAIT] = box(row, l_at, m->box, width);
	l->boxes[STATE_FIN_WAIT2] = box(row, c_at, m->box, width);
	l->boxes[STATE_LAST_ACK] = box(row, r_at, m->box, width);
	return row + m->box;
}

/* ---- routes ---- */

enum border { TOP, BOTTOM, LEFT, RIGHT };

/* `at`: of the top or bottom, counted from the left end; below zero from the right. At the sides it is the middle. */
#define OPPOSITE 100 /* straight across from the other port */
struct port {
	uint8_t side; /* enum border */
	int8_t at;
};

static const struct ports {
	struct port from, to;
} ports[MAP_EDGES] = {
	[MAP_CLOSED_LISTEN] = {{BOTTOM, 1}, {TOP, -3}},
	[MAP_CLOSED_SYN_SENT] = {{BOTTOM, -2}, {TOP, 3}},
	[MAP_LISTEN_CLOSED] = {{RIGHT, 0}, {BOTTOM, 4}},
	[MAP_SYN_SENT_CLOSED] = {{LEFT, 0}, {BOTTOM, -5}},
	[MAP_LISTEN_SYN_RECV] = {{BOTTOM, -3}, {LEFT, 0}},
	[MAP_SYN_SENT_SYN_RECV] = {{BOTTOM, 2}, {TOP, -4}},
	[MAP_SYN_SENT_ESTABLISHED] = {{BOTTOM, -3}, {TOP, OPPOSITE}},
	[MAP_SYN_RECV_ESTABLISHED] = {{RIGHT, 0}, {LEFT, 0}},
	[MAP_SYN_RECV_FIN_WAIT1] = {{BOTTOM, OPPOSITE}, {TOP, 3}},
	[MAP_ESTABLISHED_FIN_WAIT1] = {{BOTTOM, 2}, {RIGHT, 0}},
	[MAP_ESTABLISHED_CLOSE_WAIT] = {{BOTTOM, -3}, {TOP, OPPOSITE}},
	[MAP_FIN_WAIT1_FIN_WAIT2] = {{BOTTOM, -3}, {TOP, OPPOSITE}},
	[MAP_FIN_WAIT1_CLOSING] = {{LEFT, 0}, {RIGHT, 0}},
	[MAP_FIN_WAIT1_TIME_WAIT] = {{BOTTOM, 2}, {TOP, -3}},
	[MAP_FIN_WAIT2_TIME_WAIT] = {{LEFT, 0}, {RIGHT, 0}},
	[MAP_CLOSING_TIME_WAIT] = {{BOTTOM, 2}, {TOP, OPPOSITE}},
	[MAP_CLOSE_WAIT_LAST_ACK] = {{BOTTOM, -3}, {TOP, OPPOSITE}},
	[MAP_TIME_WAIT_CLOSED] = {{LEFT, 0}, {LEFT, 0}},
	[MAP_LAST_ACK_CLOSED] = {{RIGHT, 0}, {RIGHT, 0}},
};

static int column_of(const struct map_box *b, struct port p)
{
	return p.at < 0 ? b->column + b->columns + p.at : b->column + p.at;
}

/* The cell of the border where the port is. */
static struct map_point port_at(const struct map_box *b, struct port p)
{
	const int middle = b->row + b->rows / 2 - (b->rows % 2 == 0);

	switch (p.side) {
	case TOP:
		return (struct map_point){(int16_t)b->row, (int16_t)column_of(b, p)};
	case BOTTOM:
		return (struct map_point){(int16_t)(b->row + b->rows - 1), (int16_t)column_of(b, p)};
	case LEFT:
		return (struct map_point){(int16_t)middle, (int16_t)b->column};
	default:
		return (struct map_point){(int16_t)middle, (int16_t)(b->column + b->columns - 1)};
	}
}

static struct map_point beside(struct map_point p, enum border side)
{
	p.row = (int16_t)(p.row + (side == BOTTOM) - (side == TOP));
	p.column = (int16_t)(p.column + (side == RIGHT) - (side == LEFT));
	return p;
}

static void add_point(struct map_route *r, int row, int column)
{
	if (r->count == 0 || r->points[r->count - 1].row != row || r->points[r->count - 1].column != column)
		r->points[r->count++] = (struct map_point){(int16_t)row, (int16_t)column};
}

static bool is_upright(enum border side)
{
	return side == TOP || side == BOTTOM;
}

/* From one side to another there is one shape each: round one corner, or two, or along a rail. */
static void route(struct map_route *r, struct map_point from, enum border leaves, struct map_point to, enum border enters, int rail)
{
	add_point(r, from.row, from.column);
	if (is_upright(leaves) && is_upright(enters) && from.column != to.column) {
		const int lane = from.row + (to.row - from.row - 1) / 2;

		add_point(r, lane, from.column);
		add_point(r, lane, to.column);
	} else if (is_upright(leaves) && !is_upright(enters)) {
		add_point(r, to.row, from.column);
	} else if (!is_upright(leaves) && is_upright(enters)) {
		add_point(r, from.row, to.column);
	} else if (!is_upright(leaves) && leaves == enters) {
		add_point(r, from.row, rail);
		add_point(r, to.row, rail);
	}
	add_point(r, to.row, to.column);
}

static void place_routes(struct state_map_layout *l, unsigned left, unsigned columns)
{
	for (unsigned i = 0; i < MAP_EDGES; i++) {
		struct map_route *r = &l->routes[i];
		const struct ports *p = &ports[i];
		struct map_point from = port_at(&l->boxes[state_map_edges[i].from], p->from), to = port_at(&l->boxes[state_map_edges[i].to], p->to);

		if (p->from.at == OPPOSITE)
			from.column = to.column;
		if (p->to.at == OPPOSITE)
			to.column = from.column;
		r->leaves = from;
		route(r, beside(from, p->from.side), p->from.side, beside(to, p->to.side), p->to.side,
		      p->from.side == LEFT ? (int)left : (int)(left + columns - 1));
	}
}

static unsigned span(struct map_point a, struct map_point b)
{
	return (unsigned)(abs(a.row - b.row) + abs(a.column - b.column));
}

unsigned state_map_route_length(const struct map_route *r)
{
	unsigned length = r->count > 0;

	for (unsigned i = 1; i < r->count; i++)
		length += span(r->points[i - 1], r->points[i]);
	return length;
}

static int toward(int from, int to)
{
	return (to > from) - (to < from);
}

struct map_point state_map_route_cell(const struct map_route *r, unsigned index)
{
	unsigned i = 1;
	struct map_point p;

	while (i + 1 < r->count && index > span(r->points[i - 1], r->points[i])) {
		index -= span(r->points[i - 1], r->points[i]);
		i++;
	}
	p = r->points[i - 1];
	if (i < r->count) {
		p.row = (int16_t)(p.row + (int)index * toward(p.row, r->points[i].row));
		p.column = (int16_t)(p.column + (int)index * toward(p.column, r->points[i].column));
	}
	return p;
}

/* ---- the whole ---- */

/* The longest stretch of the lower border that no edge leaves by or comes to, but for the corners. */
static void place_tag(struct state_map_layout *l, struct map_box *b)
{
	unsigned run = 0;

	for (unsigned column = b->column + 1u; column < b->column + b->columns; column++) {
		bool is_free = column + 1 < b->column + (unsigned)b->columns;

		for (unsigned e = 0; is_free && e < MAP_EDGES; e++)
			is_free = l->routes[e].leaves.row != b->row + b->rows - 1 || l->routes[e].leaves.column != (int)column;
		run = is_free ? run + 1 : 0;
		if (run > b->tag_columns) {
			b->tag_columns = (uint16_t)run;
			b->tag = (uint16_t)(column + 1 - run);
		}
	}
}

#define TABLE_EXPLAINED 3
#define TABLE_PITCH_MOST 3 /* a state, what it is, and a blank */

static void lay_out_table(struct state_map_layout *l)
{
	const unsigned rows = l->rows > 0 ? l->rows - 1u : 0;

	l->listed = (uint16_t)smaller(rows, STATE_LIFE_COUNT);
	l->pitch = TABLE_PITCH_MOST;
	while (l->pitch > 1 && STATE_LIFE_COUNT * l->pitch + 1u + TABLE_EXPLAINED > rows)
		l->pitch--;
	if (l->listed * l->pitch + 2u >= l->rows)
		return;
	l->explained = (uint16_t)(l->listed * l->pitch + 2u);
	l->explained_rows = (uint16_t)smaller(l->rows - l->explained, TABLE_EXPLAINED);
}

void state_map_lay_out(struct state_map_layout *l, unsigned rows, unsigned columns)
{
	const unsigned wide = smaller(columns, MAP_MOST_COLUMNS), high = smaller(rows, MAP_MOST_ROWS);
	const struct measure m = measure(high);
	const unsigned used = height_of(&m), top = rows > used ? (rows - used) / 2 : 0, left = (columns - wide) / 2;
	unsigned end;

	*l = (struct state_map_layout){.rows = (uint16_t)rows, .columns = (uint16_t)columns, .language = message_language()};
	l->diagram = rows >= MAP_LEAST_ROWS && columns >= MAP_LEAST_COLUMNS;
	l->left = (uint16_t)left;
	l->wide = (uint16_t)wide;
	if (!l->diagram) {
		lay_out_table(l);
		return;
	}
	end = place_boxes(l, &m, top, left, wide);
	l->explained = (uint16_t)(end + m.blank);
	l->explained_rows = (uint16_t)m.explained;
	place_routes(l, left, wide);
	state_map_place_labels(l, top, end);
	for (unsigned s = 0; s < STATE_COUNT; s++)
		if (l->boxes[s].columns)
			place_tag(l, &l->boxes[s]);
}

/* How far a box is in that direction, rows before columns; below zero: it is not there at all. */
static int distance(const struct map_box *from, const struct map_box *to, int rows, int columns)
{
	const int far = 2 * MAP_MOST_COLUMNS, down = to->row - from->row;
	const int aside = abs(2 * (to->column - from->column) + to->columns - from->columns) / 2;
	const int between = columns > 0 ? to->column - from->column - from->columns : from->column - to->column - to->columns;

	if (rows)
		return down * rows > 0 ? abs(down) * far + aside : -1;
	return between >= 0 ? abs(down) * far + between : -1;
}

enum tcp_state state_map_next(const struct state_map_layout *l, enum tcp_state from, int rows, int columns)
{
	enum tcp_state best = from;
	int least = INT32_MAX;

	for (unsigned s = 0; s < STATE_COUNT; s++) {
		const int away = l->boxes[s].columns ? distance(&l->boxes[from], &l->boxes[s], rows, columns) : -1;

		if (away < 0 || away >= least)
			continue;
		least = away;
		best = (enum tcp_state)s;
	}
	return best;
}
