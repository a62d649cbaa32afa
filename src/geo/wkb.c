#include "xiwang/wkb.h"

#include <stdlib.h>
#include <string.h>

/* Bytes are placed one by one, so that the machine's own order does not matter. */
static char *put_u32(char *at, uint32_t v)
{
    for (int i = 0; i < 4; i++) *at++ = (char)(v >> (8 * i) & 0xff);
    return at;
}

static char *put_deg(char *at, int32_t units)
{
    const double deg = xw_deg(units);
    uint64_t bits;
    memcpy(&bits, &deg, sizeof bits);
    for (int i = 0; i < 8; i++) *at++ = (char)(bits >> (8 * i) & 0xff);
    return at;
}

static char *put_pts(char *at, const xw_pt *pts, size_t n)
{
    for (size_t i = 0; i < n; i++) at = put_deg(put_deg(at, pts[i].x), pts[i].y);
    return at;
}

static void add_head(xw_buf *out, xw_wkb_kind kind, uint32_t n)
{
    char head[9] = {1};
    (void)put_u32(put_u32(head + 1, (uint32_t)kind), n);
    xw_buf_add(out, head, sizeof head);
}

void xw_wkb_gpkg_header(xw_buf *out, int32_t srs_id, const xw_box *box)
{
    char head[40] = {'G', 'P', 0, (char)(box ? 0x03 : 0x01)};
    char *at = put_u32(head + 4, (uint32_t)srs_id);
    if (box) {
        at = put_deg(put_deg(at, box->min.x), box->max.x);
        at = put_deg(put_deg(at, box->min.y), box->max.y);
    }
    xw_buf_add(out, head, (size_t)(at - head));
}

void xw_wkb_point(xw_buf *out, xw_pt p)
{
    char all[21] = {1};
    (void)put_pts(put_u32(all + 1, XW_WKB_POINT), &p, 1);
    xw_buf_add(out, all, sizeof all);
}

void xw_wkb_line(xw_buf *out, const xw_pt *pts, size_t n)
{
    add_head(out, XW_WKB_LINE, (uint32_t)n);
    char *at = xw_buf_room(out, n * 16);
    if (at) (void)put_pts(at, pts, n);
}

void xw_wkb_multipolygon(xw_buf *out, const xw_wkb_ring *rings, size_t n)
{
    enum { POLYGON = 3 };
    uint32_t n_polygons = 0;
    for (size_t i = 0; i < n; i++) n_polygons += i == 0 || !rings[i].hole;
    add_head(out, XW_WKB_MULTIPOLYGON, n_polygons);
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        while (end < n && rings[end].hole) end++;
        add_head(out, (xw_wkb_kind)POLYGON, (uint32_t)(end - i));
        for (; i < end; i++) {
            char *at = xw_buf_room(out, 4 + ((size_t)rings[i].n + 1) * 16);
            if (!at) return;
            at = put_u32(at, rings[i].n + 1);
            at = put_pts(at, rings[i].pts, rings[i].n);
            if (rings[i].n) (void)put_pts(at, rings[i].pts, 1);
        }
    }
}

void xw_wkb_shape_finish(xw_wkb_shape *s)
{
    free(s->pts);
    free(s->parts);
    *s = (xw_wkb_shape){0};
}

typedef struct cursor {
    const unsigned char *at, *end;
    bool swapped; /* big-endian: the bytes run the other way */
} cursor;

static bool get_u32(cursor *c, uint32_t *out)
{
    if (c->end - c->at < 4) return false;
    uint32_t v = 0;
    for (int i = 0; i < 4; i++) v |= (uint32_t)c->at[c->swapped ? 3 - i : i] << (8 * i);
    c->at += 4;
    *out = v;
    return true;
}

static double get_double(const cursor *c, const unsigned char *at)
{
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++) bits |= (uint64_t)at[c->swapped ? 7 - i : i] << (8 * i);
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static bool get_order(cursor *c)
{
    if (c->end - c->at < 1 || *c->at > 1) return false;
    c->swapped = *c->at++ == 0;
    return true;
}

/* Reads n vertices behind those of the shape. */
static xw_status get_pts(cursor *c, uint32_t n, xw_wkb_shape *s, xw_error *err)
{
    if ((uint64_t)(c->end - c->at) < (uint64_t)n * 16) {
        return xw_fail(err, XW_INPUT, "geometry is cut");
    }
    if (!xw_grow((void **)&s->pts, &s->cap_pts, s->n_pts + n, sizeof *s->pts)) {
        return xw_fail(err, XW_NOMEM, "%zu vertices", s->n_pts + n);
    }
    for (uint32_t i = 0; i < n; i++, c->at += 16) {
        const double x = get_double(c, c->at), y = get_double(c, c->at + 8);
        xw_pt p;
        if (!xw_pt_from_deg(x, y, &p) || xw_deg(p.x) != x || xw_deg(p.y) != y) {
            return xw_fail(err, XW_INPUT, "geometry has a coordinate off the lattice: %.12g %.12g",
                           x, y);
        }
        s->pts[s->n_pts++] = p;
    }
    return XW_OK;
}

static xw_status add_part(xw_wkb_shape *s, size_t first, bool hole, xw_error *err)
{
    if (!xw_grow((void **)&s->parts, &s->cap_parts, s->n_parts + 1, sizeof *s->parts)) {
        return xw_fail(err, XW_NOMEM, "%zu rings", s->n_parts + 1);
    }
    s->parts[s->n_parts++] =
        (xw_wkb_part){.first = first, .n = (uint32_t)(s->n_pts - first), .hole = hole};
    return XW_OK;
}

/* The rings of a polygon behind its type. */
static xw_status get_rings(cursor *c, xw_wkb_shape *s, xw_error *err)
{
    uint32_t n_rings, n;
    if (!get_u32(c, &n_rings)) return xw_fail(err, XW_INPUT, "geometry is cut");
    for (uint32_t i = 0; i < n_rings; i++) {
        const size_t first = s->n_pts;
        if (!get_u32(c, &n)) return xw_fail(err, XW_INPUT, "geometry is cut");
        if (n < 4) return xw_fail(err, XW_INPUT, "ring has %u vertices", n);
        xw_status st = get_pts(c, n, s, err);
        if (st) return st;
        if (!xw_pt_eq(s->pts[first], s->pts[s->n_pts - 1])) {
            return xw_fail(err, XW_INPUT, "ring is not closed");
        }
        s->n_pts--;
        st = add_part(s, first, i > 0, err);
        if (st) return st;
    }
    return XW_OK;
}

static xw_status get_geometry(cursor *c, xw_wkb_shape *s, xw_error *err)
{
    enum { POLYGON = 3 };
    uint32_t type, n = 1;
    if (!get_order(c) || !get_u32(c, &type)) return xw_fail(err, XW_INPUT, "geometry is cut");
    if (type == POLYGON) {
        s->kind = XW_WKB_MULTIPOLYGON;
        return get_rings(c, s, err);
    }
    if (type != XW_WKB_POINT && type != XW_WKB_LINE && type != XW_WKB_MULTIPOLYGON) {
        return xw_fail(err, XW_INPUT, "geometry has the type %u", type);
    }
    if (type != XW_WKB_POINT && !get_u32(c, &n)) return xw_fail(err, XW_INPUT, "geometry is cut");
    s->kind = (xw_wkb_kind)type;
    if (type != XW_WKB_MULTIPOLYGON) {
        const xw_status st = get_pts(c, n, s, err);
        return st ? st : add_part(s, 0, false, err);
    }
    for (uint32_t i = 0; i < n; i++) {
        if (!get_order(c) || !get_u32(c, &type)) return xw_fail(err, XW_INPUT, "geometry is cut");
        if (type != POLYGON) return xw_fail(err, XW_INPUT, "polygon has the type %u", type);
        const xw_status st = get_rings(c, s, err);
        if (st) return st;
    }
    return XW_OK;
}

xw_status xw_wkb_read_gpkg(const void *bytes, size_t n, xw_wkb_shape *out, xw_error *err)
{
    static const uint8_t envelope_size[8] = {0, 32, 48, 48, 64};
    cursor c = {bytes, bytes, false};
    out->kind = XW_WKB_NONE;
    out->n_pts = out->n_parts = 0;
    if (n < 8) return xw_fail(err, XW_INPUT, "geometry is cut");
    c.end = c.at + n;
    const unsigned envelope = c.at[3] >> 1 & 7;
    if (c.at[0] != 'G' || c.at[1] != 'P' || c.at[2] != 0 || envelope > 4) {
        return xw_fail(err, XW_INPUT, "geometry has no GeoPackage header");
    }
    if (n < 8u + envelope_size[envelope]) return xw_fail(err, XW_INPUT, "geometry is cut");
    c.at += 8 + envelope_size[envelope];
    const xw_status st = get_geometry(&c, out, err);
    if (st) return st;
    return c.at == c.end
               ? XW_OK
               : xw_fail(err, XW_INPUT, "geometry has %zu bytes left over", (size_t)(c.end - c.at));
}
