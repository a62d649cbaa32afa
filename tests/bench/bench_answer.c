/* bench-answer STORE [--places N] [--samples N] [--seed N]: the probabilities of answers beside a
 * Monte Carlo of the accuracy disc. The disc is cut into as many equal rings and sectors as there
 * are samples, with a random point in each, so that the error of the sampling is far below what is
 * looked for. */
#include "measure.h"

#include "xiwang/ring.h"
#include "xiwang/rng.h"
#include "xiwang/timeline.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 4096 };
static const double accuracy_least = 3.0, accuracy_most = 100.0, limit = 0.01;

typedef struct bench {
    const xw_snapshot *s;
    const xw_model *m;
    xw_box box;
    xw_rng rng;
    long long places, samples;
    double *share; /* by grid */
    double worst, worst_level;
    uint64_t compared, beyond, doubtful;
} bench;

/* The share of each finest grid in a plot, as the answer promises it without a floor. */
static void share_plot(bench *b, uint32_t plot, double part)
{
    const xw_plot *p = &b->m->plots[plot];
    uint64_t households = 0;
    for (uint32_t u = 0; u < p->n_units; u++)
        households += b->m->units[p->first_unit + u].households;
    for (uint32_t u = 0; u < p->n_units; u++) {
        const xw_unit *unit = &b->m->units[p->first_unit + u];
        const double of =
            households > 0 ? (double)unit->households / (double)households : 1.0 / p->n_units;
        if (unit->grid != XW_NONE) b->share[unit->grid] += part * of;
    }
}

static void sample(bench *b, xw_pt at, double radius_m)
{
    static xw_pt points[CHUNK];
    static uint32_t labels[CHUNK];
    const xw_scale k = xw_scale_at(at.y);
    const long long rings = (long long)fmax(1.0, sqrt((double)b->samples / 4.0));
    const long long sectors = (b->samples + rings - 1) / rings;
    const double part = 1.0 / (double)(rings * sectors);
    size_t n = 0;
    for (long long i = 0; i < rings * sectors; i++) {
        const double u = ((double)(i / sectors) + xw_rng_unit(&b->rng)) / (double)rings;
        const double v = ((double)(i % sectors) + xw_rng_unit(&b->rng)) / (double)sectors;
        const double r = radius_m * sqrt(u), angle = 2.0 * 3.14159265358979323846 * v;
        points[n++] = (xw_pt){(int32_t)lrint(at.x + r * cos(angle) / k.mx),
                              (int32_t)lrint(at.y + r * sin(angle) / k.my)};
        if (n < CHUNK && i + 1 < rings * sectors) continue;
        xw_locator_find_many(xw_snapshot_locator(b->s), points, n, labels);
        for (size_t j = 0; j < n; j++) {
            if (labels[j] > 0 && labels[j] <= b->m->n_plots) share_plot(b, labels[j] - 1, part);
        }
        n = 0;
    }
}

static void compare(bench *b, double got, double want, double *worst)
{
    const double off = fabs(got - want);
    *worst = fmax(*worst, off);
    b->compared++;
    b->beyond += off > limit;
}

static int32_t draw_between(bench *b, int32_t from, int32_t to)
{
    return from + (int32_t)(xw_rng_unit(&b->rng) * (double)((int64_t)to - from));
}

/* Half of the places anywhere, half where people live: about a plot. */
static xw_pt draw_place(bench *b)
{
    const xw_pt about = b->m->plots[xw_rng_below(&b->rng, (uint32_t)b->m->n_plots)].anchor;
    const int32_t reach = 3000; /* some 30 m */
    if (xw_rng_below(&b->rng, 2)) {
        return (xw_pt){draw_between(b, b->box.min.x, b->box.max.x),
                       draw_between(b, b->box.min.y, b->box.max.y)};
    }
    return (xw_pt){draw_between(b, about.x - reach, about.x + reach),
                   draw_between(b, about.y - reach, about.y + reach)};
}

static xw_status look_at(bench *b, bool *counted, xw_error *err)
{
    xw_answer a;
    const xw_pt at = draw_place(b);
    const double radius =
        accuracy_least * pow(accuracy_most / accuracy_least, xw_rng_unit(&b->rng));
    const xw_query q = {.x = xw_deg(at.x), .y = xw_deg(at.y), .accuracy_m = radius};
    const xw_status st = xw_answer_locate(b->s, &q, &a, err);
    *counted = !st && a.n_candidates > 0;
    if (!*counted) return st;
    memset(b->share, 0, b->m->n_grids * sizeof *b->share);
    sample(b, a.at, radius);
    b->doubtful += a.n_candidates > 1;
    for (uint32_t l = 0; l < b->m->n_levels && a.grid != XW_NONE; l++) {
        double want = 0.0;
        const xw_level *finest = &b->m->levels[b->m->n_levels - 1];
        for (uint32_t g = finest->first_grid; g < finest->first_grid + finest->n_grids; g++) {
            if (b->share[g] > 0.0 &&
                xw_model_grid_at(b->m, g, l) == xw_model_grid_at(b->m, a.grid, l)) {
                want += b->share[g];
            }
        }
        compare(b, a.level_probability[l], want, &b->worst_level);
    }
    for (uint32_t i = 0; i < a.n_candidates; i++) {
        compare(b, a.candidates[i].probability, b->share[a.candidates[i].grid], &b->worst);
        b->share[a.candidates[i].grid] = 0.0;
    }
    if (a.n_candidates == XW_CANDIDATES_MAX) return XW_OK;
    for (size_t g = 0; g < b->m->n_grids; g++) { /* nobody was left out */
        if (b->share[g] > 0.0) compare(b, 0.0, b->share[g], &b->worst);
    }
    return XW_OK;
}

static xw_status run(bench *b, const char *store, xw_error *err)
{
    xw_timeline *t = NULL;
    xw_pin pin = {0};
    xw_status st = xw_timeline_open(store, NULL, &t, err);
    if (!st) st = xw_timeline_pin_newest(t, &pin, err);
    if (!st) {
        b->s = pin.snapshot;
        b->m = xw_snapshot_model(pin.snapshot);
        b->box = pin.box;
        b->share = calloc(b->m->n_grids + 1, sizeof *b->share);
        if (!b->share) st = xw_fail(err, XW_NOMEM, "%zu grids", b->m->n_grids);
    }
    const bench_time from = bench_now();
    for (long long n = 0, tries = 0; n < b->places && tries < 100 * b->places && !st; tries++) {
        bool counted = false;
        st = look_at(b, &counted, err);
        n += counted;
    }
    if (!st) {
        (void)printf(
            "%lld places with an accuracy of %.0f to %.0f m, %lld samples each, %llu of them "
            "with several candidates\n",
            b->places, accuracy_least, accuracy_most, b->samples, (unsigned long long)b->doubtful);
        (void)printf(
            "%llu probabilities, largest difference %.5f (candidates), %.5f (levels), %llu "
            "beyond %.2f; %.0f s of processor time\n",
            (unsigned long long)b->compared, b->worst, b->worst_level,
            (unsigned long long)b->beyond, limit, bench_since(from).cpu_s);
    }
    free(b->share);
    xw_pin_release(&pin);
    xw_timeline_close(t);
    return st;
}

int main(int argc, char **argv)
{
    long long seed = 1;
    bench b = {.places = 10000, .samples = 40000};
    xw_error err = {XW_OK, ""};
    bool ok = argc > 1 && argc % 2 == 0;
    for (int i = 2; i + 1 < argc && ok; i += 2) {
        const char *name = argv[i];
        ok = strcmp(name, "--places") == 0
                 ? bench_number(name + 2, argv[i + 1], 1, 100000000, &b.places)
             : strcmp(name, "--samples") == 0
                 ? bench_number(name + 2, argv[i + 1], 1, 100000000, &b.samples)
             : strcmp(name, "--seed") == 0
                 ? bench_number(name + 2, argv[i + 1], 0, INT32_MAX, &seed)
                 : false;
    }
    if (!ok) {
        (void)fprintf(stderr, "usage: bench-answer STORE [--places N] [--samples N] [--seed N]\n");
        return 2;
    }
    b.rng = (xw_rng){(uint64_t)seed};
    if (run(&b, argv[1], &err)) {
        (void)fprintf(stderr, "bench-answer: %s\n", err.text);
        return 3;
    }
    return b.beyond > 0 ? 1 : 0;
}
