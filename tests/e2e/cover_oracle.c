/* GEOS as an independent witness of the coverage that a store publishes, read from its layers:
 *  - every plot is one valid polygon on the lattice;
 *  - the plots of each division unite to exactly its polygon, and a division without plots of its
 *    own to its parts; the areas add up to the unit, so nothing is missing and nothing twice;
 *  - no two plots share more than their boundary;
 *  - every building's footprint lies in its plot, and the plot is its own;
 *  - with the input at hand, every footprint that was given lies in its plot but for one lattice
 *    unit, unless the findings name it, and the plots cover exactly the divisions that were given.
 *   cover_oracle STORE [--footprints FILE[:LAYER] --id COLUMN] [--divisions FILE:LAYER --level L]
 *   cover_oracle --spoil vertex|drop|plot|building STORE     breaks a copy, to see the oracle bite
 * Exit 1 when something is wrong; the first of each kind are named with their place. */
#include "cover_oracle.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMED_MAX = 10 };

/* A lattice unit as the guarantee means it, each way; and what GEOS's doubles may add. */
static const double unit = 1.0, slack = 1e-6;

typedef struct oracle {
    reader r;
    const char *store;
    layer plots, divisions, buildings;
    GEOSGeometry *all; /* union of the plots */
    long wrong;
} oracle;

/* Each kind of fault is counted, the first ones are named. */
static void blame(oracle *o, long *count, const piece *p, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
static void blame(oracle *o, long *count, const piece *p, const char *fmt, ...)
{
    o->wrong++;
    if (++*count > NAMED_MAX) return;
    va_list args;
    va_start(args, fmt);
    (void)fprintf(stderr, "%s at %.7f,%.7f ", p->id, p->lon, p->lat);
    (void)vfprintf(stderr, fmt, args);
    (void)fputc('\n', stderr);
    va_end(args);
}

/* --- plots --- */

static void check_pieces(oracle *o)
{
    long bad = 0;
    for (size_t i = 0; i < o->plots.n; i++) {
        const piece *p = &o->plots.p[i];
        if (p->off_lattice) blame(o, &bad, p, "plot leaves the lattice");
        if (p->pieces != 1) blame(o, &bad, p, "plot has %ld pieces", p->pieces);
        if (p->area2 <= 0) blame(o, &bad, p, "plot has no area");
        if (GEOSisValid_r(o->r.g, p->shape) != 1) {
            char *why = GEOSisValidReason_r(o->r.g, p->shape);
            blame(o, &bad, p, "plot is invalid: %s", why ? why : "");
            GEOSFree_r(o->r.g, why);
        }
    }
    (void)printf("%zu plots: %ld not one valid polygon on the lattice\n", o->plots.n, bad);
}

typedef struct pairs {
    oracle *o;
    const piece *own;
    const GEOSPreparedGeometry *ready;
    long tested, bad;
} pairs;

static void meet(void *item, void *user)
{
    const piece *other = item;
    pairs *q = user;
    GEOSContextHandle_t g = q->o->r.g;
    if (other <= q->own || GEOSPreparedIntersects_r(g, q->ready, other->shape) != 1) return;
    q->tested++;
    if (GEOSRelatePattern_r(g, q->own->shape, other->shape, "T********") == 0) return;
    GEOSGeometry *both = GEOSIntersection_r(g, q->own->shape, other->shape);
    double area = 0.0;
    if (both) (void)GEOSArea_r(g, both, &area);
    GEOSGeom_destroy_r(g, both);
    blame(q->o, &q->bad, q->own, "plot overlaps plot %s by %.1f square lattice units", other->id,
          area);
}

static void check_pairs(oracle *o)
{
    GEOSContextHandle_t g = o->r.g;
    GEOSSTRtree *tree = GEOSSTRtree_create_r(g, 10);
    for (size_t i = 0; i < o->plots.n; i++) {
        if (o->plots.p[i].pieces) {
            GEOSSTRtree_insert_r(g, tree, o->plots.p[i].shape, &o->plots.p[i]);
        }
    }
    pairs q = {.o = o};
    for (size_t i = 0; i < o->plots.n; i++) {
        if (!o->plots.p[i].pieces) continue;
        q.own = &o->plots.p[i];
        q.ready = GEOSPrepare_r(g, q.own->shape);
        GEOSSTRtree_query_r(g, tree, q.own->shape, meet, &q);
        GEOSPreparedGeom_destroy_r(g, q.ready);
    }
    GEOSSTRtree_destroy_r(g, tree);
    (void)printf("%ld pairs of plots that meet: %ld overlap\n", q.tested, q.bad);
}

/* --- divisions --- */

/* Are the polygons the same set of points? */
static bool same_land(GEOSContextHandle_t g, const GEOSGeometry *a, const GEOSGeometry *b)
{
    if (area2_of(g, a) != area2_of(g, b)) return false;
    GEOSGeometry *d = GEOSSymDifference_r(g, a, b);
    const bool same = d && area2_of(g, d) == 0 && GEOSisEmpty_r(g, d);
    GEOSGeom_destroy_r(g, d);
    return same;
}

/* Members of `l`, which is sorted by group, that belong to a division. */
static size_t members_of(const layer *l, const char *group, const piece **first)
{
    size_t lo = 0, n = 0;
    while (lo < l->n && strcmp(l->p[lo].group, group) != 0) lo++;
    while (lo + n < l->n && strcmp(l->p[lo + n].group, group) == 0) n++;
    *first = l->p + lo;
    return n;
}

static GEOSGeometry *unite(oracle *o, const piece *p, size_t n, wide *sum)
{
    const GEOSGeometry **shapes = calloc(n + 1, sizeof(const GEOSGeometry *));
    if (!shapes) die("out of memory", o->store);
    *sum = 0;
    for (size_t i = 0; i < n; i++) {
        shapes[i] = p[i].shape;
        *sum += p[i].area2;
    }
    GEOSGeometry *u = union_of(o->r.g, shapes, n);
    free(shapes);
    return u;
}

/* @return the union of the parts, NULL when there are none */
static GEOSGeometry *check_division(oracle *o, const piece *d, const layer *parts, const char *what,
                                    long *bad)
{
    const piece *first;
    wide sum;
    const size_t n = members_of(parts, d->id, &first);
    GEOSGeometry *u = unite(o, first, n, &sum);
    if (!u) return NULL;
    const wide area2 = area2_of(o->r.g, u);
    if (area2 != sum) {
        blame(o, bad, d, "division's %s add up to %.1f square lattice units more than their union",
              what, (double)(sum - area2) / 2);
    }
    if (!same_land(o->r.g, u, d->shape)) {
        blame(o, bad, d, "division differs from its %s by %.1f square lattice units", what,
              (double)(area2 - d->area2) / 2);
    }
    return u;
}

static void check_divisions(oracle *o)
{
    long bad = 0;
    size_t n = 0;
    wide sum = 0, plots = 0;
    GEOSGeometry **lands = calloc(o->divisions.n + 1, sizeof(GEOSGeometry *));
    if (!lands) die("out of memory", o->store);
    layer by_parent = {calloc(o->divisions.n + 1, sizeof *by_parent.p), o->divisions.n};
    memcpy(by_parent.p, o->divisions.p, o->divisions.n * sizeof *by_parent.p);
    sort_by_group(&o->plots);
    sort_by_group(&by_parent);
    for (size_t i = 0; i < o->divisions.n; i++) {
        const piece *d = &o->divisions.p[i];
        if (d->pieces == 0) continue;
        GEOSGeometry *u = check_division(o, d, &o->plots, "plots", &bad);
        if (u) {
            lands[n++] = u;
            sum += d->area2;
        } else {
            GEOSGeom_destroy_r(o->r.g, check_division(o, d, &by_parent, "parts", &bad));
        }
    }
    for (size_t i = 0; i < o->plots.n; i++) plots += o->plots.p[i].area2;
    const GEOSGeometry *const *borrowed = (const GEOSGeometry *const *)lands;
    o->all = union_of(o->r.g, borrowed, n);
    if (!o->all) die("has no plots in any division", o->store);
    const wide land = area2_of(o->r.g, o->all);
    const piece whole = {.id = "territory"};
    if (plots != land || sum != land) {
        blame(o, &bad, &whole, "plots %.1f, divisions %.1f, land %.1f square lattice units",
              (double)plots / 2, (double)sum / 2, (double)land / 2);
    }
    for (size_t i = 0; i < n; i++) GEOSGeom_destroy_r(o->r.g, lands[i]);
    free(lands);
    free(by_parent.p);
    (void)printf("%zu divisions with plots: %ld differences from the union of their plots\n", n,
                 bad);
}

/* --- buildings --- */

static void check_buildings(oracle *o)
{
    long bad = 0, placed = 0;
    sort_by_id(&o->plots);
    layer homes = read_layer(&o->r, o->store, "plots", "building_id", "plot_id",
                             "building_id is not null", false);
    sort_by_id(&homes);
    for (size_t i = 0; i < o->buildings.n; i++) {
        const piece *b = &o->buildings.p[i], *home = find_piece(&homes, b->id);
        if (b->pieces == 0) continue;
        placed++;
        if (b->off_lattice) blame(o, &bad, b, "building leaves the lattice");
        if (!home || strcmp(home->group, b->group) != 0) {
            blame(o, &bad, b, "building has no plot of its own");
        } else if (GEOSCovers_r(o->r.g, home->shape, b->shape) != 1) {
            blame(o, &bad, b, "building is not inside its plot %s", home->group);
        }
    }
    finish_layer(&o->r, &homes);
    (void)printf("%ld footprints of the store: %ld not inside their own plot\n", placed, bad);
}

/* --- the input --- */

/* Sources that the findings name: their footprints may differ from what was given. */
static layer read_excused(oracle *o)
{
    static const char *const where =
        "layer = 'buildings' and kind in ('building-overlap', 'building-outside', "
        "'building-hidden', 'building-land', 'building-split', 'building-parts', "
        "'building-broken', "
        "'building-duplicate', 'building-repaired', 'building-collapsed', 'building-empty', "
        "'building-no-area', 'building-coordinates')";
    layer l = read_layer(&o->r, o->store, "findings", "source_id", "text", where, true);
    const size_t n = l.n;
    piece *p = realloc(l.p, (2 * n + 1) * sizeof *p);
    if (!p) die("out of memory", o->store);
    for (size_t i = 0; i < n; i++) { /* "overlaps OTHER by …" */
        memset(&p[n + i], 0, sizeof *p);
        p[n + i].shape = GEOSGeom_createEmptyPolygon_r(o->r.g);
        (void)sscanf(p[i].group, "overlaps %60s by", p[n + i].id);
    }
    l = (layer){p, 2 * n};
    sort_by_id(&l);
    return l;
}

/* What of a footprint as it was given lies outside its plot; NULL when nothing does. */
static GEOSGeometry *outside_of(GEOSContextHandle_t g, const GEOSGeometry *given,
                                const GEOSGeometry *plot)
{
    if (GEOSCovers_r(g, plot, given) == 1) return NULL;
    GEOSGeometry *valid =
        GEOSisValid_r(g, given) == 1 ? GEOSGeom_clone_r(g, given) : GEOSMakeValid_r(g, given);
    GEOSGeometry *out = valid ? GEOSDifference_r(g, valid, plot) : NULL;
    if (!out) die("GEOS cannot compare a footprint with its plot", "footprints");
    GEOSGeom_destroy_r(g, valid);
    return out;
}

/* The plot that has most of a piece of land, NULL for none. */
static const piece *holder_of(const oracle *o, const GEOSGeometry *land)
{
    const piece *best = NULL;
    double most = 0.0;
    for (size_t i = 0; i < o->plots.n; i++) {
        double area = 0.0;
        if (GEOSIntersects_r(o->r.g, o->plots.p[i].shape, land) != 1) continue;
        GEOSGeometry *both = GEOSIntersection_r(o->r.g, o->plots.p[i].shape, land);
        if (both) (void)GEOSArea_r(o->r.g, both, &area);
        GEOSGeom_destroy_r(o->r.g, both);
        if (area > most) {
            most = area;
            best = &o->plots.p[i];
        }
    }
    return best;
}

/* Is the land anywhere wider than one lattice unit? */
static bool is_wide(GEOSContextHandle_t g, const GEOSGeometry *land)
{
    GEOSGeometry *core = GEOSBuffer_r(g, land, -(unit / 2 + slack), 8);
    const bool wide_somewhere = !core || GEOSisEmpty_r(g, core) != 1;
    GEOSGeom_destroy_r(g, core);
    return wide_somewhere;
}

static void check_footprint(oracle *o, const piece *given, const piece *plot, long *bad)
{
    double area = 0.0;
    GEOSGeometry *out = outside_of(o->r.g, given->shape, plot->shape);
    if (!out) return;
    if (is_wide(o->r.g, out)) {
        const piece *holder = *bad < NAMED_MAX ? holder_of(o, out) : NULL;
        (void)GEOSArea_r(o->r.g, out, &area);
        blame(o, bad, given,
              "footprint as given has %.0f square units outside its plot %s, mostly in plot %s",
              area, plot->id, holder ? holder->id : "of nobody");
    }
    GEOSGeom_destroy_r(o->r.g, out);
}

static void split_layer(const char *text, char path[512], const char **name)
{
    (void)snprintf(path, 512, "%s", text);
    char *colon = strrchr(path, ':');
    *name = NULL;
    if (!colon) return;
    *colon = '\0';
    *name = colon + 1;
}

static void check_footprints(oracle *o, const char *file, const char *id, const char *where)
{
    char path[512];
    const char *name;
    long bad = 0, excused_n = 0, missing = 0, used = 0;
    split_layer(file, path, &name);
    layer given = read_layer(&o->r, path, name, id, NULL, where, true);
    layer excused = read_excused(o);
    layer by_source = read_layer(&o->r, o->store, "buildings", "source_id", "plot_id", NULL, false);
    sort_by_id(&by_source);
    for (size_t i = 0; i < given.n; i++) {
        const piece *b = &given.p[i], *kept = find_piece(&by_source, b->id);
        if (find_piece(&excused, b->id)) {
            excused_n++;
            continue;
        }
        const piece *plot = kept ? find_piece(&o->plots, kept->group) : NULL;
        if (!plot) {
            blame(o, &missing, b, "building that was given has no plot and no finding");
            continue;
        }
        check_footprint(o, b, plot, &bad);
        used++;
    }
    (void)printf("%zu footprints as given: %ld in a plot, %ld named by findings, %ld neither; "
                 "%ld have lost land wider than a lattice unit\n",
                 given.n, used, excused_n, missing, bad);
    finish_layer(&o->r, &given);
    finish_layer(&o->r, &excused);
    finish_layer(&o->r, &by_source);
}

static void check_territory(oracle *o, const char *file, const char *level)
{
    char path[512], where[128];
    const char *name;
    long bad = 0;
    wide sum;
    split_layer(file, path, &name);
    (void)snprintf(where, sizeof where, "level = '%.60s'", level);
    layer given = read_layer(&o->r, path, name, "code", NULL, where, true);
    GEOSGeometry *land = unite(o, given.p, given.n, &sum);
    if (!land) die("has no divisions of this level", level);
    GEOSGeometry *lost = GEOSDifference_r(o->r.g, land, o->all);
    GEOSGeometry *extra = GEOSDifference_r(o->r.g, o->all, land);
    if (!lost || !extra) die("GEOS cannot compare the territory", path);
    piece beyond = {.id = "territory"}, missed = beyond;
    const double out = farthest_vertex(&o->r, extra, land, &beyond);
    const double in = farthest_vertex(&o->r, lost, o->all, &missed);
    if (out > unit + slack || in > unit + slack) {
        blame(o, &bad, out > in ? &beyond : &missed,
              "differs from the divisions as given by %.2f units", fmax(in, out));
    }
    (void)printf("%zu divisions as given: the plots reach %.2f units beyond and miss %.2f\n",
                 given.n, out, in);
    GEOSGeom_destroy_r(o->r.g, lost);
    GEOSGeom_destroy_r(o->r.g, extra);
    GEOSGeom_destroy_r(o->r.g, land);
    finish_layer(&o->r, &given);
}

static void quiet(const char *message, void *user)
{
    (void)message;
    (void)user;
}

int main(int argc, char **argv)
{
    oracle o = {.store = argc > 1 ? argv[1] : NULL};
    const char *footprints = NULL, *id = "fid", *where = NULL, *divisions = NULL, *level = NULL;
    if (argc == 4 && strcmp(argv[1], "--spoil") == 0) {
        spoil_store(argv[3], argv[2]);
        return 0;
    }
    bool ok = argc >= 2 && argc % 2 == 0;
    for (int i = 2; ok && i + 1 < argc; i += 2) {
        const char **text = strcmp(argv[i], "--footprints") == 0  ? &footprints
                            : strcmp(argv[i], "--id") == 0        ? &id
                            : strcmp(argv[i], "--where") == 0     ? &where
                            : strcmp(argv[i], "--divisions") == 0 ? &divisions
                            : strcmp(argv[i], "--level") == 0     ? &level
                                                                  : NULL;
        ok = text != NULL;
        if (ok) *text = argv[i + 1];
    }
    if (!ok || !divisions != !level) {
        (void)fputs("usage: cover_oracle STORE [--footprints FILE[:LAYER] --id COLUMN --where SQL] "
                    "[--divisions FILE:LAYER --level LEVEL] | --spoil HOW STORE\n",
                    stderr);
        return 2;
    }
    o.r.g = GEOS_init_r();
    (void)GEOSContext_setNoticeMessageHandler_r(o.r.g, quiet, NULL);
    o.plots = read_layer(&o.r, o.store, "plots", "plot_id", "division_code", NULL, false);
    o.divisions = read_layer(&o.r, o.store, "divisions", "code", "parent_code", NULL, false);
    o.buildings = read_layer(&o.r, o.store, "buildings", "building_id", "plot_id", NULL, false);
    check_pieces(&o);
    check_divisions(&o);
    check_pairs(&o);
    check_buildings(&o);
    if (footprints) check_footprints(&o, footprints, id, where);
    if (divisions) check_territory(&o, divisions, level);
    GEOSGeom_destroy_r(o.r.g, o.all);
    finish_layer(&o.r, &o.plots);
    finish_layer(&o.r, &o.divisions);
    finish_layer(&o.r, &o.buildings);
    GEOS_finish_r(o.r.g);
    return o.wrong > 0;
}
