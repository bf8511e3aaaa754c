/* The watch thread's CPU budget: see watch/budget.h. */
#include "config.h"

#include "watch/budget.h"

/* The first share is what is guaranteed; sweeps usually get most of the others' too. */
static const double budget_share[BUDGET_ACCOUNTS] = {
	[BUDGET_SWEEPS] = 0.5,
	[BUDGET_LOOKUPS] = 0.3,
	[BUDGET_OWNERS] = 0.2,
};

#define SAVED_MAX_NS 2e9       /* of wall clock time, at each account's rate */
#define FIRST_SEARCH_NS 10e9   /* the same, for the first search of all owners: it is by far the longest, and somebody waits for it */
#define SPENT_HERE 0.9         /* of the budget: the rest is for what is not put off, the ends and the screen */
#define SWEEPS_TARGET 0.75     /* share of the budget that sweeps are planned with */
#define RATE_LEAST 0.001
#define ASK_AGAIN_NS 5000000   /* not sooner, so that a debt that is nearly paid does not keep the thread awake */

static double budget_most(const struct budget *b, enum budget_account account)
{
	return SAVED_MAX_NS * b->rate * budget_share[account];
}

static double budget_clamp_rate(double rate)
{
	/* Not a number is not greater either. */
	if (!(rate > RATE_LEAST))
		return RATE_LEAST;
	return rate < 1 ? rate * SPENT_HERE : 1;
}

/* Moves up to what `from` has to an account in debt. */
static void budget_pay_debt(double *debtor_ns, double *from_ns)
{
	double paid_ns = -*debtor_ns < *from_ns ? -*debtor_ns : *from_ns;

	if (paid_ns <= 0)
		return;
	*debtor_ns += paid_ns;
	*from_ns -= paid_ns;
}

static void budget_earn(struct budget *b, int64_t now_ns)
{
	double elapsed_ns = (double)(now_ns - b->at_ns), spare_ns = 0;

	if (elapsed_ns <= 0)
		return;
	b->at_ns = now_ns;
	for (int i = 0; i < BUDGET_ACCOUNTS; i++) {
		double earned_ns = elapsed_ns * b->rate * budget_share[i], room_ns = budget_most(b, i) - b->credit_ns[i];
		double kept_ns = room_ns <= 0 ? 0 : room_ns < earned_ns ? room_ns : earned_ns;

		b->credit_ns[i] += kept_ns;
		spare_ns += earned_ns - kept_ns;
	}
	for (int i = 0; i < BUDGET_ACCOUNTS; i++)
		budget_pay_debt(&b->credit_ns[i], &spare_ns);
	b->purse_ns += spare_ns;
	if (b->purse_ns > SAVED_MAX_NS * b->rate)
		b->purse_ns = SAVED_MAX_NS * b->rate;
}

void budget_init(struct budget *b, double rate, int64_t now_ns)
{
	*b = (struct budget){.rate = budget_clamp_rate(rate), .at_ns = now_ns};
	for (int i = 0; i < BUDGET_ACCOUNTS; i++)
		b->credit_ns[i] = budget_most(b, i);
	b->credit_ns[BUDGET_OWNERS] = FIRST_SEARCH_NS * b->rate;
}

void budget_set_rate(struct budget *b, double rate, int64_t now_ns)
{
	budget_earn(b, now_ns);
	b->rate = budget_clamp_rate(rate);
}

void budget_spend(struct budget *b, enum budget_account account, int64_t cost_ns, int64_t now_ns)
{
	budget_earn(b, now_ns);
	b->credit_ns[account] -= (double)cost_ns;
	budget_pay_debt(&b->credit_ns[account], &b->purse_ns);
}

/* Somebody who gives all of it waits for the work to be done: accounts would only make him wait longer. */
static bool budget_is_whole(const struct budget *b)
{
	return b->rate >= 1;
}

bool budget_allows(struct budget *b, enum budget_account account, int64_t now_ns)
{
	budget_earn(b, now_ns);
	return b->credit_ns[account] >= 0 || budget_is_whole(b);
}

int64_t budget_when(struct budget *b, enum budget_account account, int64_t now_ns)
{
	if (budget_allows(b, account, now_ns))
		return now_ns;
	return now_ns + (int64_t)(-b->credit_ns[account] / b->rate) + ASK_AGAIN_NS;
}

int64_t budget_interval(const struct budget *b, int64_t cost_ns)
{
	return (int64_t)((double)cost_ns / (b->rate * SWEEPS_TARGET));
}
