/* What long dead ends hide. A point lies in the shadow of a dead end if the way from it straight to
 * the nearest building crosses one. In the cell of one site such ways do not leave the cell, so
 * only the dead ends that pass through it count: they are walked from cell to cell. The corners of
 * the diagram in shadow, joined round sites and across lines, are the groups in which the lines are
 * drawn anew; the buildings that see a corner of the group, and are not themselves hidden in it
 * more often, are their witnesses. */
#include "unions.h"
#include "voronoi.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double square(double x, double y) { return x * x + y * y; }

static double distance2(const desk *k, uint32_t v, spot p)
{
    return square(p.x - k->d.pt[v].x, p.y - k->d.pt[v].y);
}

/* The next corner of the same vertex, round it. */
static uint32_t turn(const desk *k, uint32_t c) { return k->d.mate[corner_prev(c)]; }

/* Cross product of ab and ap. */
static double side(spot a, spot b, spot p)
{
    return (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
}

static bool crosses(spot p, spot q, const lane *l)
{
    return (side(p, q, l->a) > 0.0) != (side(p, q, l->b) > 0.0) &&
           (side(l->a, l->b, p) > 0.0) != (side(l->a, l->b, q) > 0.0);
}

/* The vertex nearest to p: from one to a nearer neighbour until there is none. */
static uint32_t nearest(desk *k, spot p)
{
    uint32_t at = k->shadows.last;
    double best = distance2(k, at, p);
    for (bool moved = true; moved;) {
        moved = false;
        const uint32_t first = k->shadows.fan[at];
        uint32_t c = first, to = at;
        do {
            const uint32_t v = k->d.v[corner_next(c)];
            const double d = distance2(k, v, p);
            if (d < best) {
                best = d;
                to = v;
                moved = true;
            }
            c = turn(k, c);
        } while (c != first && c != UINT32_MAX);
        at = to;
    }
    return k->shadows.last = at;
}

/* Where the segment from p to q leaves the cell of v after share t: the next cell and its share;
 * XW_NONE if it ends there. */
static uint32_t leave(const desk *k, uint32_t v, spot p, spot q, double *t)
{
    const uint32_t first = k->shadows.fan[v];
    uint32_t c = first, next = XW_NONE;
    double best = 1.0;
    do {
        const uint32_t w = k->d.v[corner_next(c)];
        const double ahead = distance2(k, w, p) - distance2(k, v, p);
        const double gain = ahead - (distance2(k, w, q) - distance2(k, v, q));
        if (gain > 0.0) {
            const double at = fmax(*t, ahead / gain);
            if (at < best) {
                best = at;
                next = w;
            }
        }
        c = turn(k, c);
    } while (c != first && c != UINT32_MAX);
    *t = best;
    return next;
}

/* The place of the building of v's site that is nearest to p. */
static spot foot(const desk *k, uint32_t v, spot p)
{
    const site *s = &k->all.s[k->site[v]];
    if (s->wall == XW_NONE) return (spot){s->at.x, s->at.y};
    const wall *w = &k->walls[s->wall];
    const double dx = w->to.x - w->from.x, dy = w->to.y - w->from.y, d2 = square(dx, dy);
    const double along = (p.x - w->from.x) * dx + (p.y - w->from.y) * dy;
    const double t = d2 > 0.0 ? fmin(1.0, fmax(0.0, along / d2)) : 0.0;
    return (spot){w->from.x + t * dx, w->from.y + t * dy};
}

static bool is_building(const desk *k, uint32_t v) { return k->label[v] < OPEN_LABEL; }

/* Does a dead end pass between p, in the cell of v, and the building of v? */
static bool hides(const desk *k, uint32_t v, spot p)
{
    const shadows *s = &k->shadows;
    if (s->head[v] == XW_NONE || !is_building(k, v)) return false;
    const spot from = foot(k, v, p);
    for (uint32_t i = s->head[v]; i != XW_NONE; i = s->crossings[i].next) {
        if (crosses(from, p, &s->lanes[s->crossings[i].lane])) return true;
    }
    return false;
}

/* --- the dead ends of the block --- */

static xw_status read_lanes(const scene *s, desk *k, const uint32_t *edges, size_t n, xw_error *err)
{
    shadows *w = &k->shadows;
    if (!xw_grow((void **)&w->lanes, &w->cap_lanes, n, sizeof *w->lanes)) {
        return xw_fail(err, XW_NOMEM, "%zu dead ends", n);
    }
    w->n_lanes = n;
    for (size_t i = 0; i < n; i++) {
        const xw_pt a = xw_map_from(&s->map, 2 * edges[i]), b = xw_map_to(&s->map, 2 * edges[i]);
        w->lanes[i] =
            (lane){frame_in(&k->frame, (spot){a.x, a.y}), frame_in(&k->frame, (spot){b.x, b.y})};
    }
    return XW_OK;
}

static xw_status make_room(desk *k, xw_error *err)
{
    shadows *w = &k->shadows;
    const size_t n = k->d.n_pts, corners = 3 * (size_t)k->d.n_triangles;
    if (!xw_grow((void **)&w->fan, &w->cap_fan, n, sizeof *w->fan) ||
        !xw_grow((void **)&w->head, &w->cap_head, n, sizeof *w->head) ||
        !xw_grow((void **)&w->seen, &w->cap_seen, n, sizeof *w->seen) ||
        !xw_grow((void **)&w->group, &w->cap_group, corners, sizeof *w->group)) {
        return xw_fail(err, XW_NOMEM, "%zu sites", n);
    }
    for (uint32_t c = 0; c < corners; c++) w->fan[k->d.v[c]] = c;
    memset(w->head, 0xFF, n * sizeof *w->head);
    memset(w->seen, 0, n * sizeof *w->seen);
    memset(w->group, 0xFF, corners * sizeof *w->group);
    w->n_crossings = w->n_witnesses = 0;
    w->last = (uint32_t)n - 1;
    return XW_OK;
}

/* Notes the dead end in every cell that it passes. */
static xw_status walk_lane(desk *k, uint32_t ix, xw_error *err)
{
    shadows *w = &k->shadows;
    const spot a = w->lanes[ix].a, b = w->lanes[ix].b;
    uint32_t v = nearest(k, a);
    for (double t = 0.0; v != XW_NONE; v = leave(k, v, a, b, &t)) {
        if (!xw_grow((void **)&w->crossings, &w->cap_crossings, w->n_crossings + 1,
                     sizeof *w->crossings)) {
            return xw_fail(err, XW_NOMEM, "dead ends");
        }
        w->crossings[w->n_crossings] = (crossing){ix, w->head[v]};
        w->head[v] = (uint32_t)w->n_crossings++;
        w->last = v;
    }
    return XW_OK;
}

/* --- groups and witnesses --- */

/* Lists the corners that v does not see. */
static xw_status list_hidden(desk *k, uint32_t v, xw_error *err)
{
    shadows *w = &k->shadows;
    const uint32_t first = w->fan[v];
    uint32_t c = first;
    do {
        if (hides(k, v, voronoi_centre(k, c / 3))) {
            if (!xw_grow((void **)&w->hidden, &w->cap_hidden, w->n_hidden + 1, sizeof *w->hidden)) {
                return xw_fail(err, XW_NOMEM, "dead ends");
            }
            w->hidden[w->n_hidden++] = c;
            w->group[c] = c;
        }
        c = turn(k, c);
    } while (c != first && c != UINT32_MAX);
    return XW_OK;
}

/* A building that sees a corner with one of its sites sees it. */
static void unhide(desk *k, uint32_t t)
{
    uint32_t *g = k->shadows.group + 3 * (size_t)t;
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
            const bool same =
                k->label[k->d.v[3 * t + (uint32_t)i]] == k->label[k->d.v[3 * t + (uint32_t)j]];
            if (same && g[j] == XW_NONE) g[i] = XW_NONE;
        }
    }
}

static void join(desk *k, uint32_t c)
{
    uint32_t *up = k->shadows.group;
    const uint32_t others[3] = {corner_next(c), corner_prev(c), turn(k, c)};
    for (int i = 0; i < 3; i++) {
        if (others[i] != UINT32_MAX && up[others[i]] != XW_NONE) unions_join(up, c, others[i]);
    }
}

static xw_status add_witness(desk *k, witness x, xw_error *err)
{
    shadows *w = &k->shadows;
    if (x.label == XW_NONE) return XW_OK;
    if (!xw_grow((void **)&w->witnesses, &w->cap_witnesses, w->n_witnesses + 1,
                 sizeof *w->witnesses)) {
        return xw_fail(err, XW_NOMEM, "dead ends");
    }
    w->witnesses[w->n_witnesses++] = x;
    return XW_OK;
}

/* Each vertex that is hidden at a corner tells so once, not at every corner. */
static xw_status find_witnesses(desk *k, xw_error *err)
{
    shadows *w = &k->shadows;
    xw_status st = XW_OK;
    uint32_t last = XW_NONE, last_group = XW_NONE;
    for (size_t i = 0; i < w->n_hidden && !st; i++) {
        const uint32_t c = w->hidden[i], v = k->d.v[c];
        if (w->group[c] == XW_NONE) continue;
        const uint32_t group = unions_find(w->group, c);
        if (v != last || group != last_group) {
            st = add_witness(k, (witness){group, k->label[v], v, false}, err);
        }
        last = v;
        last_group = group;
        const uint32_t others[2] = {corner_next(c), corner_prev(c)};
        for (int j = 0; j < 2 && !st; j++) {
            const uint32_t u = k->d.v[others[j]];
            if (w->group[others[j]] != XW_NONE) continue;
            st = add_witness(k, (witness){group, k->label[u], u, true}, err);
        }
    }
    return st;
}

static xw_status find_groups(desk *k, xw_error *err)
{
    shadows *w = &k->shadows;
    xw_status st = XW_OK;
    w->n_hidden = 0;
    for (uint32_t v = DELAUNAY_CORNERS; v < k->d.n_pts && !st; v++) {
        if (w->head[v] != XW_NONE) st = list_hidden(k, v, err);
    }
    if (st) return st;
    for (size_t i = 0; i < w->n_hidden; i++) unhide(k, w->hidden[i] / 3);
    for (size_t i = 0; i < w->n_hidden; i++) {
        if (w->group[w->hidden[i]] != XW_NONE) join(k, w->hidden[i]);
    }
    return find_witnesses(k, err);
}

static void grow(desk *k, spot p)
{
    k->lo = (spot){fmin(k->lo.x, p.x), fmin(k->lo.y, p.y)};
    k->hi = (spot){fmax(k->hi.x, p.x), fmax(k->hi.y, p.y)};
}

/* A shadow in a cell lies between the dead ends there, its hidden corners and the sides of the cell
 * that begin at them. */
void shadow_box(desk *k, size_t lo, size_t hi)
{
    const desk *whole = k->whole;
    const shadows *s = &whole->shadows;
    k->lo = (spot){INFINITY, INFINITY};
    k->hi = (spot){-INFINITY, -INFINITY};
    for (size_t i = lo; i < hi; i++) {
        const witness *w = &s->witnesses[i];
        if (w->sees) continue;
        for (uint32_t x = s->head[w->vertex]; x != XW_NONE; x = s->crossings[x].next) {
            grow(k, s->lanes[s->crossings[x].lane].a);
            grow(k, s->lanes[s->crossings[x].lane].b);
        }
        const uint32_t first = s->fan[w->vertex];
        uint32_t c = first;
        do {
            const uint32_t next = turn(whole, c);
            if (next == UINT32_MAX) break;
            if (s->group[c] != XW_NONE || s->group[next] != XW_NONE) {
                grow(k, voronoi_centre(whole, c / 3));
                grow(k, voronoi_centre(whole, next / 3));
            }
            c = next;
        } while (c != first);
    }
    const xw_box b = whole->land.cells.box;
    k->lo = frame_out(&k->frame, k->lo);
    k->hi = frame_out(&k->frame, k->hi);
    k->lo = (spot){fmax(k->lo.x, b.min.x), fmax(k->lo.y, b.min.y)};
    k->hi = (spot){fmin(k->hi.x, b.max.x), fmin(k->hi.y, b.max.y)};
}

bool shadow_has(desk *k, spot p)
{
    desk *whole = k->whole;
    shadows *w = &whole->shadows;
    const spot at = frame_in(&k->frame, p);
    const uint32_t v = nearest(whole, at);
    if (!hides(whole, v, at)) return false;
    const uint32_t first = w->fan[v];
    uint32_t c = first, group = XW_NONE;
    double best = INFINITY; /* of several groups that of the nearest corner of the cell */
    bool known = false;
    do {
        if (w->group[c] != XW_NONE && unions_find(w->group, c) != group) {
            if (group == XW_NONE) {
                group = unions_find(w->group, c);
            } else {
                known = true;
            }
        }
        c = turn(whole, c);
    } while (c != first && c != UINT32_MAX);
    if (!known) return group == k->group;
    do {
        if (w->group[c] != XW_NONE) {
            const spot o = voronoi_centre(whole, c / 3);
            const double d = square(o.x - at.x, o.y - at.y);
            if (d < best) {
                best = d;
                group = unions_find(w->group, c);
            }
        }
        c = turn(whole, c);
    } while (c != first && c != UINT32_MAX);
    return group == k->group;
}

/* --- the edge of the shadow at the end of a dead end --- */

/* The lines that a shadow meets are thinned by 60 mm: its edge goes on a little to reach them. */
static const double reach_mm = 160000.0, over_mm = 150.0;
static const double facing = 0.94; /* cosine of 20 degrees */

/* The share of p-q at which a dead end or the rim of the land is met. */
static double stop_at(const desk *k, uint32_t v, spot p, spot q, double from)
{
    const shadows *w = &k->shadows;
    double best = 1.0;
    for (uint32_t i = w->head[v]; i != XW_NONE; i = w->crossings[i].next) {
        const lane *l = &w->lanes[w->crossings[i].lane];
        if (!crosses(p, q, l)) continue;
        const double a = side(l->a, l->b, p), b = side(l->a, l->b, q), t = a / (a - b);
        if (t > from && t < best) best = t;
    }
    return best;
}

/* The node at the origin of half-edge h, if nothing but its dead end is a border there. */
static bool is_tip(const scene *s, uint32_t h)
{
    for (uint32_t g = s->map.next[h ^ 1]; g != h; g = s->map.next[g ^ 1]) {
        const uint32_t l = s->map.face[g], r = s->map.face[g ^ 1];
        if (s->edge[g >> 1].lane || s->block[l] != s->block[r] ||
            s->building[l] != s->building[r]) {
            return false;
        }
    }
    return true;
}

/* From the end of a dead end straight away from the building whose land it lies on, until a
 * building begins that sees the land. A building towards which the dead end runs is not hidden by
 * it. */
static xw_status cast(desk *k, spot tip, spot back, betweens *out, xw_error *err)
{
    uint32_t v = nearest(k, tip);
    if (!is_building(k, v)) return XW_OK;
    const spot from = foot(k, v, tip);
    const double dx = tip.x - from.x, dy = tip.y - from.y, far = sqrt(square(dx, dy));
    const double bx = back.x - tip.x, by = back.y - tip.y;
    if (far < 1.0 || dx * bx + dy * by > facing * far * sqrt(square(bx, by))) return XW_OK;
    spot end = {tip.x + dx / far * reach_mm, tip.y + dy / far * reach_mm};
    spot p = frame_out(&k->frame, tip), q = frame_out(&k->frame, end);
    bool p_moved, q_moved;
    if (!land_cut_to_box(&k->land, &p, &q, &p_moved, &q_moved) || p_moved) return XW_OK;
    double cut[LAND_CUTS_MAX];
    const size_t n = land_cuts(&k->land, p, q, cut);
    end = frame_in(&k->frame, q);
    double limit = n > 0 ? cut[0] : 1.0, t = 0.0;
    const double length = sqrt(square(end.x - tip.x, end.y - tip.y));
    const double skip = 1.0 / length; /* a millimetre */
    for (uint32_t label = k->label[v];;) {
        const double stop = stop_at(k, v, tip, end, skip);
        v = leave(k, v, tip, end, &t);
        if (stop < t) t = stop;
        if (t >= limit || v == XW_NONE || stop <= t) break;
        if (k->label[v] == label) continue;
        const double beyond = t + skip;
        if (!hides(k, v,
                   (spot){tip.x + beyond * (end.x - tip.x), tip.y + beyond * (end.y - tip.y)}))
            break;
        label = k->label[v];
    }
    t = fmin(fmin(t, limit) + over_mm / length, 1.0);
    if (!xw_grow((void **)&out->b, &out->cap, out->n + 1, sizeof *out->b)) {
        return xw_fail(err, XW_NOMEM, "%zu lines between buildings", out->n);
    }
    const spot z = {p.x + t * (q.x - p.x), p.y + t * (q.y - p.y)};
    const between b = {{(int32_t)lrint(p.x), (int32_t)lrint(p.y)},
                       {(int32_t)lrint(z.x), (int32_t)lrint(z.y)},
                       XW_NONE,
                       XW_NONE,
                       0,
                       XW_NONE};
    if (!xw_pt_eq(b.a, b.b)) out->b[out->n++] = b;
    return XW_OK;
}

xw_status voronoi_shadows(const scene *s, desk *k, const uint32_t *lanes, size_t n, betweens *out,
                          xw_error *err)
{
    xw_status st = read_lanes(s, k, lanes, n, err);
    if (!st) st = make_room(k, err);
    for (uint32_t i = 0; i < n && !st; i++) st = walk_lane(k, i, err);
    if (!st) st = find_groups(k, err);
    for (size_t i = 0; i < n && !st; i++) {
        const lane l = k->shadows.lanes[i];
        if (is_tip(s, 2 * lanes[i])) st = cast(k, l.a, l.b, out, err);
        if (!st && is_tip(s, 2 * lanes[i] + 1)) st = cast(k, l.b, l.a, out, err);
    }
    return st;
}
