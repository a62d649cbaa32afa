/* How alike two folded texts are. */
#include "internal.h"

#include <string.h>

static const double number_costs = 0.5;  /* characters, beside those that are wrong */
static const double door_costs = 0.02;   /* for each number the text does not have */
static const double start_scores = 0.45; /* of a beginning that is nearly nothing … */
static const double start_gains = 0.24; /* … and what is added when it is nearly all: below sure */
static const double house_scores = 0.85; /* of a beginning with its number, as of a compound … */
static const double house_gains = 0.1;   /* … that goes on with its buildings */
static const double part_scores = 0.55;  /* the same of an end */
static const double part_gains = 0.4;
static const double context_scores = 0.9; /* words before the address that it does not have */

typedef uint16_t row[XW__FOLD_MAX + 1];

static unsigned least(unsigned a, unsigned b) { return a < b ? a : b; }

/* One row of the Levenshtein table (Wagner and Fischer, JACM 21(1), 1974,
 * DOI 10.1145/321796.321811). */
static void step(uint32_t c, const xw__folded *text, const row before, row now)
{
    for (size_t j = 1; j <= text->n; j++) {
        const unsigned swap = before[j - 1] + (text->c[j - 1] != c ? 1U : 0U);
        const unsigned drop = least(before[j], now[j - 1]) + 1U;
        now[j] = (uint16_t)least(swap, drop);
    }
}

static bool same_numbers(const xw__folded *q, size_t q_n, const xw__folded *t)
{
    if (q_n != t->n_nums) return false;
    size_t i = 0, k = 0;
    for (size_t left = q_n; left > 0; left--, i++, k++) {
        while (q->tokens[i].kind != XW__NUM) i++;
        while (t->tokens[k].kind != XW__NUM) k++;
        const xw__token *a = &q->tokens[i], *b = &t->tokens[k];
        if (a->n != b->n || memcmp(q->c + a->first, t->c + b->first, a->n * sizeof *q->c) != 0) {
            return false;
        }
    }
    return true;
}

/* Characters of the query without its last @p doors numbers, which have to be its end. */
static size_t cut_length(const xw__folded *q, size_t doors)
{
    if (doors == 0) return q->n;
    if (doors >= q->n_nums || doors >= q->n_tokens) return 0;
    for (size_t i = q->n_tokens - doors; i < q->n_tokens; i++) {
        if (q->tokens[i].kind != XW__NUM) return 0;
    }
    const xw__token *last = &q->tokens[q->n_tokens - doors - 1];
    return (size_t)last->first + last->n;
}

/* The text goes on where the query ends, and not in the middle of a number. */
static bool ends_here(const xw__folded *q, const xw__folded *t, size_t j)
{
    return j == t->n || !xw__is_digit(t->c[j]) || !xw__is_digit(q->c[q->n - 1]);
}

/* The query as the beginning of the text, from the last row of the table. */
static double score_start(const xw__folded *q, const xw__folded *t, const row last)
{
    double best = 0.0;
    if (t->n <= q->n) return 0.0;
    for (size_t j = 1; j < t->n; j++) {
        if (last[j] > 1 || !ends_here(q, t, j)) continue;
        const bool house = last[j] == 0 && q->n_nums > 0;
        const double share = (double)q->n / (double)t->n;
        const double part =
            house ? house_scores + house_gains * share : start_scores + start_gains * share;
        const double s = part * (1.0 - (double)last[j] / (double)q->n);
        if (s > best) best = s;
    }
    return best;
}

/* Either of two may begin before the other: what stands in front is not counted as wrong. */
static unsigned end_distance(const xw__folded *q, const xw__folded *t, bool free_query)
{
    row a, b;
    row *before = &a, *now = &b;
    for (size_t j = 0; j <= t->n; j++) (*before)[j] = free_query ? (uint16_t)j : 0;
    for (size_t i = 1; i <= q->n; i++) {
        (*now)[0] = free_query ? 0 : (uint16_t)i;
        step(q->c[i - 1], t, *before, *now);
        row *const turn = before;
        before = now;
        now = turn;
    }
    return (*before)[t->n];
}

static double score_end(const xw__folded *q, const xw__folded *t)
{
    if (q->n == t->n || q->n < 2 || t->n < 2) return 0.0;
    const bool free_query = q->n > t->n;
    const size_t n = free_query ? t->n : q->n;
    const unsigned d = end_distance(q, t, free_query);
    if (2 * d > n) return 0.0;
    const bool numbers = xw__nth_num(t, 0) ? same_numbers(q, q->n_nums, t) : true;
    const double right = 1.0 - ((double)d + (numbers ? 0.0 : number_costs)) / (double)n;
    return right *
           (free_query ? context_scores : part_scores + part_gains * (double)q->n / (double)t->n);
}

xw__score xw__compare(const xw__folded *q, const xw__folded *t)
{
    row a, b;
    row *before = &a, *now = &b;
    size_t cuts[3];
    xw__score best = {0.0, 0};
    for (size_t k = 0; k < 3; k++) cuts[k] = cut_length(q, k);
    for (size_t j = 0; j <= t->n; j++) (*before)[j] = (uint16_t)j;
    for (size_t i = 1; i <= q->n; i++) {
        (*now)[0] = (uint16_t)i;
        step(q->c[i - 1], t, *before, *now);
        for (size_t k = 0; k < 3; k++) {
            if (cuts[k] != i) continue;
            const double wrong =
                (*now)[t->n] + (same_numbers(q, q->n_nums - k, t) ? 0.0 : number_costs);
            const double s = 1.0 - wrong / (double)(i > t->n ? i : t->n) - door_costs * (double)k;
            if (s > best.score) best = (xw__score){s, k};
        }
        row *const turn = before;
        before = now;
        now = turn;
    }
    if (best.score >= 0.8) return best;
    double s = score_start(q, t, *before);
    if (s > best.score) best = (xw__score){s, 0};
    s = score_end(q, t);
    if (s > best.score) best = (xw__score){s, 0};
    return best;
}
