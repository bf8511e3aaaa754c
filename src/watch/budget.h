/*
 * How much CPU time the watch thread may still use. Pure: time and costs come in.
 *
 * Each kind of work has an account that earns its share of the budget as time goes by, up to two seconds' worth, and that the work's cost is drawn
 * from afterwards. What a full account cannot take pays the others' debts, and then fills a common purse. So work in one kind never starves another
 * for good, and the whole never uses more than the budget, but for bursts. A budget of a whole core allows everything at any time.
 */
#ifndef WATCH_BUDGET_H
#define WATCH_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

enum budget_account { BUDGET_SWEEPS, BUDGET_LOOKUPS, BUDGET_OWNERS, BUDGET_ACCOUNTS };

struct budget {
	double rate;                     /* of one core, 0 < rate <= 1 */
	int64_t at_ns;                   /* up to when it was earned */
	double credit_ns[BUDGET_ACCOUNTS]; /* negative: a debt */
	double purse_ns;
};

/* All accounts full, that for owners to overflowing: what is to be done first is done at once. */
void budget_init(struct budget *b, double rate, int64_t now_ns);
/* Changes the rate; debts and savings stay. */
void budget_set_rate(struct budget *b, double rate, int64_t now_ns);
void budget_spend(struct budget *b, enum budget_account account, int64_t cost_ns, int64_t now_ns);
/* Whether work of this kind may be done now. */
bool budget_allows(struct budget *b, enum budget_account account, int64_t now_ns);
/* When it makes sense to ask again: the debt is paid then if the others leave it all their savings. now_ns if it may now. */
int64_t budget_when(struct budget *b, enum budget_account account, int64_t now_ns);
/* The shortest interval at which sweeps of that cost stay inside, with something left for the rest. */
int64_t budget_interval(const struct budget *b, int64_t cost_ns);

#endif
