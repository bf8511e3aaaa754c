/*
 * "Did you mean …?": the word with the fewest slips of the finger. A slip is a letter left out, put in, or wrong, or two neighbours exchanged
 * (Damerau–Levenshtein distance, restricted).
 */
#include "base/suggest.h"

#include <string.h>

#define WORD_MAX 24
#define SLIPS_MAX 2

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* slips[i][j]: between the first i letters of a and the first j of b. */
static unsigned count_slips(const char *a, const char *b)
{
	unsigned slips[WORD_MAX + 1][WORD_MAX + 1];
	size_t a_len = strlen(a), b_len = strlen(b);

	if (a_len > WORD_MAX || b_len > WORD_MAX)
		return WORD_MAX;
	for (size_t i = 0; i <= a_len; i++)
		for (size_t j = 0; j <= b_len; j++) {
			if (!i || !j) {
				slips[i][j] = (unsigned)(i + j);
				continue;
			}
			slips[i][j] = least(slips[i - 1][j], slips[i][j - 1]) + 1;
			slips[i][j] = least(slips[i][j], slips[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				slips[i][j] = least(slips[i][j], slips[i - 2][j - 2] + 1);
		}
	return slips[a_len][b_len];
}

const char *suggest_near(const char *typed, const char *const *words, size_t count)
{
	const char *best = NULL;
	unsigned best_slips = SLIPS_MAX + 1;

	for (size_t i = 0; i < count; i++) {
		unsigned slips = count_slips(typed, words[i]);

		/* Half of a short word wrong is another word. */
		if (slips < best_slips && slips * 2 < strlen(words[i])) {
			best = words[i];
			best_slips = slips;
		}
	}
	return best;
}
