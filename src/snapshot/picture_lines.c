/* Lines of a picture: the barriers as they were given, and the borders between plots. */
#include "picture_parts.h"

#include "tile_parts.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct breadth {
    double metres, least_px;
} breadth;

double xw__pic_road_px(const xw__pic *p, unsigned cls)
{
    static const breadth widths[XW_CLASS_COUNT] = {
        [XW_CLASS_MOTORWAY] = {14, 3.2}, [XW_CLASS_TRUNK] = {12, 2.8},
        [XW_CLASS_PRIMARY] = {11, 2.5},  [XW_CLASS_SECONDARY] = {9, 2.1},
        [XW_CLASS_TERTIARY] = {7, 1.7},  [XW_CLASS_RESIDENTIAL] = {5, 1.2},
        [XW_CLASS_SERVICE] = {3.5, .8},  [XW_CLASS_TRACK] = {2.5, .8},
        [XW_CLASS_PATH] = {1.6, .7},     [XW_CLASS_RIVER] = {8, 2},
        [XW_CLASS_STREAM] = {2.5, 1},    [XW_CLASS_RAIL] = {3, 1.6},
        [XW_CLASS_WALL] = {.6, 1},
    };
    if (cls >= XW_CLASS_COUNT) return 1;
    const double px = widths[cls].metres / p->n.m_per_px;
    return px > widths[cls].least_px ? px : widths[cls].least_px;
}

/* ---- barriers as given ---- */

typedef struct barrier { /* of a picture, in the order of drawing */
    uint32_t ix;
    uint8_t place;
} barrier;

/* What is lower comes first: tunnels, waters, walls, small ways, great roads, railways, bridges. */
static uint8_t place_of(const xw_line *l)
{
    static const uint8_t order[XW_CLASS_COUNT] = {
        [XW_CLASS_STREAM] = 1,      [XW_CLASS_RIVER] = 2,    [XW_CLASS_WALL] = 3,
        [XW_CLASS_PATH] = 4,        [XW_CLASS_TRACK] = 5,    [XW_CLASS_SERVICE] = 6,
        [XW_CLASS_RESIDENTIAL] = 7, [XW_CLASS_TERTIARY] = 8, [XW_CLASS_SECONDARY] = 9,
        [XW_CLASS_PRIMARY] = 10,    [XW_CLASS_TRUNK] = 11,   [XW_CLASS_MOTORWAY] = 12,
        [XW_CLASS_RAIL] = 13,
    };
    const uint8_t at = l->cls < XW_CLASS_COUNT ? order[l->cls] : 0;
    if (l->flags & XW_BARRIER_TUNNEL) return at;
    return (uint8_t)(l->flags & XW_BARRIER_BRIDGE ? 40 + at : 20 + at);
}

static int by_place(const void *a, const void *b)
{
    const barrier *p = a, *q = b;
    if (p->place != q->place) return p->place < q->place ? -1 : 1;
    return (p->ix > q->ix) - (p->ix < q->ix);
}

typedef struct parts { /* of one clipped line */
    xw__pic *p;
    xw_buf path;
    xw_status st;
    xw_error *err;
    const xw_line *line;
    bool named; /* write the name too */
} parts;

static void take_part(void *user, const xw_tpt *pts, size_t n)
{
    parts *k = user;
    xw__svg_path(&k->path, pts, n, false);
    if (k->st || !k->named || k->line->name == 0) return;
    const xw_basis basis = xw_basis_of_class(k->line->cls);
    k->st = xw__pic_name_line(k->p, k->line->name, pts, n, basis == XW_BASIS_WATER ? "tw" : "tr",
                              k->err);
}

static void put_stroke(xw__pic *p, const char *cls, double width, const char *path)
{
    xw_buf_fmt(p->out, "<path class=\"%s\" stroke-width=\"", cls);
    xw__svg_tenths(p->out, (int32_t)(width * XW__PIC_UNIT + 0.5));
    xw_buf_fmt(p->out, "\" d=\"%s\"/>\n", path);
}

/* Roads have an edge of their own colour below them: all edges of a place come first, so that
 * crossings are open. */
static void put_line(xw__pic *p, const xw_line *l, const char *path, bool below)
{
    const char *const tunnel = l->flags & XW_BARRIER_TUNNEL ? " tunnel" : "";
    const double w = xw__pic_road_px(p, l->cls);
    const xw_basis basis = xw_basis_of_class(l->cls);
    char cls[48];
    if (basis != XW_BASIS_ROAD) {
        if (below && basis == XW_BASIS_RAIL) put_stroke(p, "rail", w, path);
        if (below) return;
        (void)snprintf(cls, sizeof cls, "%s%s",
                       basis == XW_BASIS_RAIL    ? "ties"
                       : basis == XW_BASIS_WATER ? "stream"
                                                 : "wall",
                       tunnel);
        put_stroke(p, cls, basis == XW_BASIS_RAIL ? w * 0.55 : w, path);
        return;
    }
    if (below) {
        (void)snprintf(cls, sizeof cls, "%s%s",
                       l->flags & XW_BARRIER_BRIDGE ? "edge bridge" : "edge", tunnel);
        put_stroke(p, cls, w + (l->flags & XW_BARRIER_BRIDGE ? 3 : 1.6), path);
        return;
    }
    (void)snprintf(cls, sizeof cls, "road %s%s", xw_class_get(l->cls)->code, tunnel);
    put_stroke(p, cls, w, path);
}

static void note_line(xw__pic *p, const xw_line *l)
{
    p->n.lines++;
    if (l->cls < XW_CLASS_COUNT) p->classes |= 1u << l->cls;
    p->has_bridge = p->has_bridge || (l->flags & XW_BARRIER_BRIDGE);
    p->has_tunnel = p->has_tunnel || (l->flags & XW_BARRIER_TUNNEL);
}

/* Draws the lines of one place: first what is below, then what is above. */
static xw_status draw_place(parts *k, const barrier *list, size_t n, xw_error *err)
{
    xw__pic *p = k->p;
    const xw_tbox box = {
        {-XW__PIC_REACH, -XW__PIC_REACH},
        {p->map_w * XW__PIC_UNIT + XW__PIC_REACH, p->map_h * XW__PIC_UNIT + XW__PIC_REACH}};
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < n; i++) {
            const xw_line *l = &p->m->lines[list[i].ix];
            if (!xw_grow((void **)&p->pts, &p->cap_pts, l->n, sizeof *p->pts)) {
                return xw_fail(err, XW_NOMEM, "line of %u vertices", l->n);
            }
            p->n_pts = 0;
            for (uint32_t v = 0; v < l->n; v++) {
                const xw_tpt t = xw__pic_project(p, p->m->pts[l->first + v]);
                if (v == 0 || !xw_tpt_eq(t, p->pts[p->n_pts - 1])) p->pts[p->n_pts++] = t;
            }
            xw_buf_clear(&k->path);
            k->line = l;
            k->err = err;
            k->named = pass == 1;
            xw_status st = xw_clip_line(&p->clipper, p->pts, p->n_pts, box, take_part, k, err);
            if (!st) st = k->st;
            if (!st) st = xw_buf_status(&k->path, "line", err);
            if (st) return st;
            if (k->path.n == 0) continue;
            put_line(p, l, k->path.data, pass == 0);
            if (pass == 1) note_line(p, l);
        }
    }
    return XW_OK;
}

/* Is a class worth drawing at this scale? */
static bool is_seen(const xw__pic *p, const xw_line *l)
{
    static const double most_m_per_px[XW_CLASS_COUNT] = {
        [XW_CLASS_RESIDENTIAL] = 14, [XW_CLASS_SERVICE] = 5, [XW_CLASS_TRACK] = 8,
        [XW_CLASS_PATH] = 4,         [XW_CLASS_STREAM] = 14, [XW_CLASS_WALL] = 4};
    if (l->cls >= XW_CLASS_COUNT || l->cls == XW_CLASS_DIVISION) return false;
    return most_m_per_px[l->cls] == 0 || p->n.m_per_px <= most_m_per_px[l->cls];
}

xw_status xw__pic_lines(xw__pic *p, xw_error *err)
{
    xw__pic_found f = {0};
    xw_status st = xw__pic_find(p, XW_SHAPE_LINE, &f, err);
    barrier *list = st ? NULL : malloc((f.n + 1) * sizeof *list);
    if (!st && !list) st = xw_fail(err, XW_NOMEM, "%zu lines", f.n);
    size_t n = 0;
    for (size_t i = 0; i < f.n && !st; i++) {
        const xw_line *l = &p->m->lines[f.ix[i]];
        if (is_seen(p, l)) list[n++] = (barrier){f.ix[i], place_of(l)};
    }
    if (!st && n > 0) qsort(list, n, sizeof *list, by_place);
    parts k = {.p = p, .st = XW_OK};
    xw_buf_init(&k.path, (size_t)1 << 28);
    xw_buf_text(p->out, "<g id=\"roads\">\n");
    for (size_t i = 0; i < n && !st;) { /* tunnels, then the ground, then bridges */
        size_t end = i;
        while (end < n && list[end].place / 20 == list[i].place / 20) end++;
        st = draw_place(&k, list + i, end - i, err);
        i = end;
    }
    xw_buf_text(p->out, "</g>\n");
    xw_buf_finish(&k.path);
    free(list);
    free(f.ix);
    return st;
}
