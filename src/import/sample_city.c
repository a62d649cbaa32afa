/* A cell of a city: five by five nodes, streets between neighbouring nodes, sixteen blocks. Streets
 * on a shared border are the border; from river and railway they stay off, with a street of their
 * own along the bank. */
#include "sample_internal.h"

#include <stdio.h>

typedef struct city {
    xw__place *p;
    vec2 node[5][5];      /* [column][row] */
    uint32_t level[4][5]; /* road index of node k,l to k+1,l */
    uint32_t up[5][4];    /* of node k,l to k,l+1 */
    uint32_t left;        /* blocks still to be built */
} city;

static double side_offset(const city *c, unsigned side)
{
    const xw__world *w = c->p->g->w;
    return xw__edge_offset(w, w->edges[xw__side_edge(w, c->p->cell, side)].kind);
}

/* Corner of the frame: between a level side (S or N) and an upright one (W or E). */
static vec2 frame_corner(const city *c, unsigned level, unsigned upright)
{
    const xw__world *w = c->p->g->w;
    const double a = side_offset(c, level), b = side_offset(c, upright);
    vec2 u[5], v[5];
    xw__edge_nodes(w, xw__side_edge(w, c->p->cell, upright), u);
    xw__edge_nodes(w, xw__side_edge(w, c->p->cell, level), v);
    const int iu = level == XW__S ? 0 : 4, iv = upright == XW__W ? 0 : 4;
    if (b <= 0.0) return u[iu];
    if (a <= 0.0) return v[iv];
    const uint32_t i = c->p->cell % w->nx + (upright == XW__E),
                   j = c->p->cell / w->nx + (level == XW__N);
    const vec2 corner = w->corners[xw__corner(w, i, j)];
    return v_add(u[iu], v_sub(v[iv], corner));
}

static void frame_side(const city *c, unsigned side, vec2 a, vec2 b, vec2 out[5])
{
    const xw__world *w = c->p->g->w;
    if (side_offset(c, side) > 0.0) {
        for (int k = 0; k < 5; k++) out[k] = v_lerp(a, b, k / 4.0);
        out[4] = b;
    } else {
        xw__edge_nodes(w, xw__side_edge(w, c->p->cell, side), out);
    }
}

static void lay_nodes(city *c)
{
    xw_rng *r = &c->p->rng;
    const vec2 sw = frame_corner(c, XW__S, XW__W), se = frame_corner(c, XW__S, XW__E);
    const vec2 nw = frame_corner(c, XW__N, XW__W), ne = frame_corner(c, XW__N, XW__E);
    vec2 s[5], n[5], w[5], e[5];
    frame_side(c, XW__S, sw, se, s);
    frame_side(c, XW__N, nw, ne, n);
    frame_side(c, XW__W, sw, nw, w);
    frame_side(c, XW__E, se, ne, e);
    for (int k = 0; k < 5; k++) {
        for (int l = 0; l < 5; l++) {
            const double u = k / 4.0, v = l / 4.0; /* Coons patch of the four sides */
            vec2 q = v_add(v_lerp(s[k], n[k], v), v_lerp(w[l], e[l], u));
            q = v_sub(q, v_lerp(v_lerp(sw, se, u), v_lerp(nw, ne, u), v));
            q.x += xw__between(r, -12.0, 12.0);
            q.y += xw__between(r, -12.0, 12.0);
            if (k == 0) q = w[l];
            if (k == 4) q = e[l];
            if (l == 0) q = s[k];
            if (l == 4) q = n[k];
            c->node[k][l] = q;
        }
    }
    c->p->hub = c->node[2][2];
}

/* Streets and houses are numbered within the nearest city: the place of a line among its lines, and
 * of a piece along the street. */
static void locate(const city *c, bool level, int line, int piece, int *street, uint32_t *number)
{
    const xw__world *w = c->p->g->w;
    uint32_t best = 0;
    double least = 1e30;
    for (uint32_t t = 0; t < w->n_cities; t++) {
        const vec2 d = v_sub(xw__cell_middle(w, c->p->cell), xw__cell_middle(w, w->towns[t].cell));
        if (v_len(d) < least) {
            least = v_len(d);
            best = t;
        }
    }
    const uint32_t seat = w->towns[best].cell, nx = w->nx;
    const int i = (int)(c->p->cell % nx) - (int)(seat % nx);
    const int j = (int)(c->p->cell / nx) - (int)(seat / nx);
    const int reach = 4 * (1 + (int)(0.7 * sqrt(w->towns[best].n_urban)));
    *street = 4 * (level ? j : i) + line + 6 + 110 * (int)best;
    const int along = 4 * (level ? i : j) + piece + reach;
    *number = along > 0 ? (uint32_t)along * 60 : 0;
}

static uint32_t add_piece(city *c, bool level, int k, int l, unsigned cls, bool emit)
{
    const vec2 a = c->node[k][l], b = level ? c->node[k + 1][l] : c->node[k][l + 1];
    const vec2 q[3] = {a, v_mid(a, b), b};
    char name[XW__NAME];
    int street;
    uint32_t number;
    locate(c, level, level ? l : k, level ? k : l, &street, &number);
    xw__name_street((uint32_t)((street % 600 + 600) % 600), cls <= XW_CLASS_PRIMARY, level, name);
    const uint32_t ix = xw__place_road(c->p, q, 3, cls, name, emit);
    if (ix == XW_NONE) return ix;
    c->p->roads[ix].number[0] += number;
    c->p->roads[ix].number[1] += number;
    return ix;
}

/* Streets of one line; its first and last piece lead to a side that may have no street. */
static void add_line(city *c, bool level, int line)
{
    const xw__world *w = c->p->g->w;
    const uint32_t cell = c->p->cell;
    const unsigned before = level ? XW__W : XW__S, after = level ? XW__E : XW__N;
    const unsigned own = line == 0 ? (level ? XW__S : XW__W) : (level ? XW__N : XW__E);
    const bool outer = line == 0 || line == 4;
    const xw__edge *edge = w->edges + xw__side_edge(w, cell, own);
    const bool bank = outer && edge->kind & XW__CROSSED, street = outer && edge->kind & XW__STREET;
    for (int k = 0; k < 4; k++) {
        uint32_t *out = level ? &c->level[k][line] : &c->up[line][k];
        *out = XW_NONE;
        if (outer && !bank && !street) continue;
        /* A street on a border is drawn by the cell on the left of the edge: its S or E side. */
        const bool emit = !street || own == XW__S || own == XW__E;
        unsigned cls = outer ? XW_CLASS_TERTIARY : XW_CLASS_RESIDENTIAL;
        if (!outer && (k == 0 || k == 3)) {
            const xw__edge *end = w->edges + xw__side_edge(w, cell, k ? after : before);
            const bool open = end->kind & (XW__STREET | XW__CROSSED);
            if (!open && !(line == 2 && end->link)) continue;
        }
        if (line == 2) {
            const xw__edge *end = w->edges + xw__side_edge(w, cell, k < 2 ? before : after);
            cls = end->link && end->link - 1u < XW_CLASS_TERTIARY ? end->link - 1u
                                                                  : (unsigned)XW_CLASS_TERTIARY;
        }
        *out = level ? add_piece(c, true, k, line, cls, emit)
                     : add_piece(c, false, line, k, cls, emit);
    }
}

/* From the street along the bank on to the bridge. */
static void add_ramps(city *c)
{
    const xw__world *w = c->p->g->w;
    const vec2 ends[4] = {c->node[2][0], c->node[4][2], c->node[2][4], c->node[0][2]};
    for (unsigned side = 0; side < 4; side++) {
        const uint32_t e = xw__side_edge(w, c->p->cell, side);
        const xw__portal portal = xw__edge_portal(w, e);
        if (!w->edges[e].link || portal.span <= 0.0) continue;
        const double sign = side == XW__S || side == XW__E ? 1.0 : -1.0;
        const vec2 q[2] = {ends[side], v_mad(portal.at, portal.left, sign * portal.span)};
        (void)xw__place_road(c->p, q, 2, w->edges[e].link - 1u, "", true);
    }
}

typedef struct block {
    vec2 q[4];
    uint32_t road[4]; /* S E N W */
} block;

static block block_of(const city *c, int k, int l)
{
    return (block){{c->node[k][l], c->node[k + 1][l], c->node[k + 1][l + 1], c->node[k][l + 1]},
                   {c->level[k][l], c->up[k + 1][l], c->level[k][l + 1], c->up[k][l]}};
}

/* The block without a strip along each side. */
static void shrink(const xw__place *p, const block *b, double by, vec2 out[4])
{
    vec2 a[4], u[4];
    for (int k = 0; k < 4; k++) {
        const double half = b->road[k] == XW_NONE ? 4.0 : p->roads[b->road[k]].half;
        u[k] = v_unit(v_sub(b->q[(k + 1) % 4], b->q[k]));
        a[k] = v_mad(b->q[k], v_left(u[k]), half + by);
    }
    for (int k = 0; k < 4; k++) { /* where line k - 1 meets line k */
        const int j = (k + 3) % 4;
        const double t = v_cross(v_sub(a[k], a[j]), u[k]) / v_cross(u[j], u[k]);
        out[k] = v_mad(a[j], u[j], t);
    }
}

static bool build_yard(city *c, const block *b, xw__yard_kind kind, uint32_t want)
{
    xw__place *p = c->p;
    const unsigned first = xw_rng_below(&p->rng, 4);
    for (unsigned n = 0; n < 4; n++) {
        const unsigned side = (first + n) % 4;
        if (b->road[side] == XW_NONE) continue;
        for (double by = 6.0; by < 30.0; by += 9.0) {
            vec2 q[4];
            shrink(p, b, by, q);
            xw__yard y = {.kind = kind,
                          .want = want,
                          .road = b->road[side],
                          .gate = v_mid(b->q[side], b->q[(side + 1) % 4]),
                          .side = side == 0 || side == 1 ? 0 : 1};
            for (unsigned k = 0; k < 4; k++) y.q[k] = q[(side + k) % 4];
            if (!xw__yard_fits(p, &y)) continue;
            (void)xw__yard_build(p, &y);
            return true;
        }
    }
    return false;
}

/* Old streets: rows of houses on all sides and along a lane through the block. */
static void build_rows(city *c, const block *b)
{
    xw__place *p = c->p;
    const int s = xw_rng_below(&p->rng, 2) ? 1 : 0;
    uint32_t lane = XW_NONE;
    if (p->want > 60 && b->road[s] != XW_NONE && b->road[s + 2] != XW_NONE) {
        const vec2 a = v_mid(b->q[s], b->q[s + 1]), z = v_mid(b->q[s + 2], b->q[(s + 3) % 4]);
        vec2 q[7];
        for (int k = 0; k < 7; k++) {
            const double bow = sin(3.141592653589793 * k / 6.0);
            q[k] = v_lerp(a, z, k / 6.0);
            q[k] = v_mad(q[k], v_left(v_unit(v_sub(z, a))), bow * xw__between(&p->rng, -5.0, 5.0));
        }
        q[0] = a;
        q[6] = z;
        char name[XW__NAME], number[16];
        xw__name_number(++p->n_lanes, number);
        (void)snprintf(name, sizeof name, "%s%s巷", p->stem, number);
        lane = xw__place_road(p, q, 7, XW_CLASS_RESIDENTIAL, name, true);
    }
    const uint32_t first = (uint32_t)p->n_roads;
    for (uint32_t v = 2; lane != XW_NONE && v < 5; v += 2) {
        (void)xw__lane_grow(p, lane, v, 0, 70.0);
        (void)xw__lane_grow(p, lane, v, 1, 70.0);
    }
    for (unsigned k = 0; k < 4; k++) {
        if (b->road[k] != XW_NONE) xw__frontage(p, b->road[k], k < 2 ? 0 : 1, 6.0, 1e9);
    }
    for (unsigned k = 0; k < 2 && lane != XW_NONE; k++) xw__frontage(p, lane, k, 4.0, 1e9);
    for (uint32_t k = first; k < p->n_roads; k++) {
        xw__frontage(p, k, 0, 4.0, 1e9);
        xw__frontage(p, k, 1, 4.0, 1e9);
    }
}

static void build_block(city *c, const block *b)
{
    xw__place *p = c->p;
    const int64_t total = p->want, fair = total / (c->left ? c->left : 1);
    c->left--;
    unsigned streets = 0;
    for (int k = 0; k < 4; k++) streets += b->road[k] != XW_NONE;
    const double dice = xw_rng_unit(&p->rng);
    if (!streets || (c->left && dice < 0.05)) return; /* a field or a park */
    if (c->left && dice < 0.11 && build_yard(c, b, XW__SCHOOL, 0)) return;
    if (c->left && dice < (fair < 70 ? 0.24 : 0.14) && build_yard(c, b, XW__WORKS, 0)) return;
    const bool high = xw__chance(&p->rng, 0.2); /* a few blocks hold a good part of the people */
    int64_t want = (int64_t)((double)fair * (high ? xw__between(&p->rng, 3.0, 5.0)
                                                  : xw__between(&p->rng, 0.4, 1.5)));
    if (!c->left) want = total;
    want = want < 20 ? 20 : want;
    if (want > total) want = total;
    p->want = want;
    bool done = false;
    if (want > 230) {
        done = build_yard(c, b, XW__TOWERS, (uint32_t)want);
    } else if (want > 110 && xw__chance(&p->rng, 0.8)) {
        done = build_yard(c, b, XW__SLABS, (uint32_t)want);
    }
    if (!done) build_rows(c, b);
    p->want = total - (want - p->want);
}

void xw__city(xw__place *p)
{
    city c = {.p = p, .left = 16};
    lay_nodes(&c);
    for (int line = 0; line < 5; line++) {
        add_line(&c, true, line);
        add_line(&c, false, line);
    }
    add_ramps(&c);
    /* From the middle outward, so that what is over lands at the rim. */
    static const uint8_t order[16] = {5, 6, 9, 10, 1, 4, 2, 7, 8, 11, 13, 14, 0, 3, 12, 15};
    for (int k = 0; k < 16 && p->want > 0 && !p->g->st; k++) {
        const block b = block_of(&c, order[k] % 4, order[k] / 4);
        build_block(&c, &b);
    }
}
