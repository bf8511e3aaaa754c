/* Layouts checked cell by cell: see map_layouts.h. */
#include "map_layouts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROWS_MAX 200
#define COLUMNS_MAX 500

/* What has the cell: 0 nothing, else a number for each thing. */
static uint8_t cells[ROWS_MAX][COLUMNS_MAX];

static void take(const struct state_map_layout *l, int row, int column, unsigned columns, uint8_t what)
{
	for (unsigned i = 0; i < columns; i++) {
		assert_in_range(row, 0, l->rows - 1);
		assert_in_range(column + (int)i, 0, l->columns - 1);
		assert_int_equal(cells[row][column + (int)i], 0);
		cells[row][column + (int)i] = what;
	}
}

static void check_boxes(const struct state_map_layout *l)
{
	for (unsigned s = STATE_NONE + 1; s < STATE_COUNT; s++) {
		const struct map_box *b = &l->boxes[s];

		assert_true(b->columns > strlen(state_name((enum tcp_state)s)) + 3);
		for (unsigned row = 0; row < b->rows; row++)
			take(l, (int)(b->row + row), b->column, b->columns, (uint8_t)s);
		assert_true(b->rows == 1 || (b->tag > b->column && b->tag + b->tag_columns < b->column + b->columns));
	}
}

static bool is_beside(const struct map_box *b, struct map_point p)
{
	const bool between_rows = p.row >= b->row && p.row < b->row + b->rows, between_columns = p.column >= b->column && p.column < b->column + b->columns;

	return (between_columns && (p.row == b->row - 1 || p.row == b->row + b->rows)) ||
		(between_rows && (p.column == b->column - 1 || p.column == b->column + b->columns));
}

static bool are_neighbours(struct map_point a, struct map_point b)
{
	return abs(a.row - b.row) + abs(a.column - b.column) == 1;
}

static void check_route(const struct state_map_layout *l, unsigned edge)
{
	const struct map_route *r = &l->routes[edge];
	const unsigned length = state_map_route_length(r);

	assert_true(length > 0);
	assert_true(are_neighbours(r->leaves, state_map_route_cell(r, 0)));
	assert_int_equal(cells[r->leaves.row][r->leaves.column], state_map_edges[edge].from);
	assert_true(is_beside(&l->boxes[state_map_edges[edge].from], state_map_route_cell(r, 0)));
	assert_true(is_beside(&l->boxes[state_map_edges[edge].to], state_map_route_cell(r, length - 1)));
	for (unsigned i = 0; i < length; i++) {
		const struct map_point p = state_map_route_cell(r, i);

		assert_true(i == 0 || are_neighbours(p, state_map_route_cell(r, i - 1)));
		take(l, p.row, p.column, 1, (uint8_t)(STATE_COUNT + edge));
	}
}

static void check_label(const struct state_map_layout *l, unsigned edge)
{
	const struct map_label *label = &l->labels[edge];

	assert_in_range(label->rows, 1, 2);
	for (unsigned i = 0; i < label->rows; i++) {
		assert_true(label->at[i].columns >= MAP_RATE_COLUMNS);
		take(l, label->at[i].row, label->at[i].column, label->at[i].columns, (uint8_t)(STATE_COUNT + MAP_EDGES + edge));
	}
}

void map_layout_check(const struct state_map_layout *l)
{
	memset(cells, 0, sizeof(cells));
	check_boxes(l);
	for (unsigned e = 0; e < MAP_EDGES; e++)
		check_route(l, e);
	for (unsigned e = 0; e < MAP_EDGES; e++)
		check_label(l, e);
	for (unsigned row = 0; row < l->explained_rows; row++)
		take(l, (int)(l->explained + row), l->left, l->wide, UINT8_MAX);
}

void map_layouts_check(void)
{
	for (unsigned rows = 1; rows <= ROWS_MAX; rows += rows < 64 ? 1 : 17)
		for (unsigned columns = 1; columns <= COLUMNS_MAX; columns += columns < 200 ? 1 : 23) {
			struct state_map_layout l;

			state_map_lay_out(&l, rows, columns);
			assert_int_equal(l.diagram, rows >= MAP_LEAST_ROWS && columns >= MAP_LEAST_COLUMNS);
			if (l.diagram)
				map_layout_check(&l);
			else
				assert_true(l.listed < rows && l.explained + l.explained_rows <= rows);
		}
}
