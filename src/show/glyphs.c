/*
 * The two sets of drawing characters. The arrow heads and most lines are also in the fonts of the Linux console (CP437), and the heads
 * are of neutral width, so that a terminal with wide "ambiguous" characters keeps the arrows straight.
 */
#include "show/canvas.h"

const struct glyphs glyphs_unicode = {
	.unicode = true,
	.horizontal = "─",
	.vertical = "│",
	.head_left = "◄",
	.head_right = "►",
	.dash = "╌",
	.gap = "╌",
	.packet = "●",
	.lost = "╳",
	.ellipsis = "…",
	.at_least = "≥",
	.arrow_right = "→",
	.bullet = "•",
	.bars = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"},
	.sparks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
	.corner_tl = "┌",
	.corner_tr = "┐",
	.corner_bl = "└",
	.corner_br = "┘",
	.tee_l = "├",
	.tee_r = "┤",
	.tee_t = "┬",
	.tee_b = "┴",
	.vertical_gap = "┊",
};

const struct glyphs glyphs_ascii = {
	.unicode = false,
	.horizontal = "-",
	.vertical = "|",
	.head_left = "<",
	.head_right = ">",
	.dash = "-",
	.gap = " ",
	.packet = "o",
	.lost = "X",
	.ellipsis = "~",
	.at_least = ">=",
	.arrow_right = ">",
	.bullet = "*",
	.bars = {" ", "-", "-", "-", "=", "=", "=", "#", "#"},
	.sparks = {" ", ".", ":", "-", "=", "+", "*", "#"},
	.corner_tl = "+",
	.corner_tr = "+",
	.corner_bl = "+",
	.corner_br = "+",
	.tee_l = "+",
	.tee_r = "+",
	.tee_t = "+",
	.tee_b = "+",
	.vertical_gap = ":",
};
