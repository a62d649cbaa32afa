/* From metres on the plane to the territory on the lattice. */
#include "sample_internal.h"

#include <stdio.h>

xw_pt xw__to_lattice(const xw__world *w, vec2 p)
{
    return (xw_pt){(int32_t)(1190000000 + llround(p.x / w->scale.mx)),
                   (int32_t)(262000000 + llround(p.y / w->scale.my))};
}

xw_text xw__emit_text(xw__gen *g, const char *text)
{
    xw_text out = 0;
    if (!g->st) g->st = xw_strings_add(&g->t->text, text, &out, g->err);
    return out;
}

void xw__emit_line(xw__gen *g, const vec2 *p, size_t n, unsigned cls, unsigned flags, xw_text name)
{
    xw_barrier b = {.cls = (uint8_t)cls, .flags = (uint8_t)flags, .name = name};
    for (size_t i = 0; i < n && !g->st; i++) {
        const xw_pt at = xw__to_lattice(g->w, p[i]);
        if (b.n && xw_pt_eq(at, g->t->pts[g->t->n_pts - 1])) continue;
        uint32_t ix;
        g->st = xw_territory_add_pts(g->t, &at, 1, &ix, g->err);
        if (!b.n++) b.first = ix;
    }
    if (b.n >= 2 && !g->st) g->st = xw_territory_add_barrier(g->t, &b, g->err);
}

static void emit_ring(xw__gen *g, const vec2 *p, uint32_t n, bool hole)
{
    xw_pt ring[16];
    for (uint32_t i = 0; i < n; i++) ring[i] = xw__to_lattice(g->w, p[i]);
    if ((xw_ring_area2((xw_ring){ring, n}) < 0) != hole) {
        for (uint32_t i = 0; i < n / 2; i++) {
            const xw_pt k = ring[i];
            ring[i] = ring[n - 1 - i];
            ring[n - 1 - i] = k;
        }
    }
    if (!g->st) g->st = xw_territory_add_ring(g->t, ring, n, g->err);
}

static void emit_address(xw__gen *g, const xw__house *h, uint32_t building)
{
    char number[32], line[160];
    (void)snprintf(number, sizeof number, "%u号", h->number);
    (void)snprintf(line, sizeof line, "%s%s%s", h->street, number, h->place ? h->place : "");
    xw_address a = {.at = xw__to_lattice(g->w, h->door), .building = building};
    a.text = xw__emit_text(g, line);
    a.street = xw__emit_text(g, h->street);
    a.number = xw__emit_text(g, number);
    a.place = xw__emit_text(g, h->place ? h->place : "");
    if (!g->st) g->st = xw_territory_add_address(g->t, &a, g->err);
}

void xw__emit_building(xw__gen *g, const vec2 *ring, uint32_t n, const vec2 *hole,
                       const xw__house *h)
{
    xw_building b = {.area = {(uint32_t)g->t->n_rings, hole ? 2 : 1},
                     .households = (int32_t)h->households,
                     .floors = (uint16_t)h->floors,
                     .use = (uint8_t)h->use,
                     .height_m = (float)h->height_m};
    char id[24];
    (void)snprintf(id, sizeof id, "B%07zu", g->t->n_buildings + 1);
    b.source = xw__emit_text(g, id);
    b.name = xw__emit_text(g, h->name ? h->name : "");
    emit_ring(g, ring, n, false);
    if (hole) emit_ring(g, hole, 4, true);
    uint32_t ix = XW_NONE;
    if (!g->st) g->st = xw_territory_add_building(g->t, &b, &ix, g->err);
    if (h->number) emit_address(g, h, ix);
    g->made += h->households;
}
