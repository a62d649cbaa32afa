/* One picture: the frame is found first, then layer after layer is written. */
#include "xiwang/picture.h"

#include "picture_parts.h"

#include "xiwang/simplify.h"
#include "xiwang/tile.h"

#include <math.h>
#include <stdlib.h>

static xw_status check(const xw_model *m, const xw_picture_options *o, xw_error *err)
{
    if (o->width < XW_PICTURE_WIDTH_MIN || o->width > XW_PICTURE_WIDTH_MAX) {
        return xw_fail(err, XW_INPUT, "picture of %u pixels: its width is %d to %d", o->width,
                       XW_PICTURE_WIDTH_MIN, XW_PICTURE_WIDTH_MAX);
    }
    if (o->what == XW_PICTURE_GRIDS && o->level >= m->n_levels) {
        return xw_fail(err, XW_INPUT, "level %u: there are %u", o->level, m->n_levels);
    }
    if (o->focus != XW_NONE && o->focus >= m->n_grids) {
        return xw_fail(err, XW_INPUT, "grid %u: there are %zu", o->focus, m->n_grids);
    }
    return XW_OK;
}

static int32_t held(double v, int32_t most)
{
    v = floor(v + 0.5);
    return (int32_t)(v < -most ? -most : v > most ? most : v);
}

static xw_box around(xw_box b, double half_x, double half_y)
{
    const double x = ((double)b.min.x + b.max.x) / 2, y = ((double)b.min.y + b.max.y) / 2;
    return (xw_box){{held(x - half_x, XW_LON_MAX), held(y - half_y, XW_LAT_MAX)},
                    {held(x + half_x, XW_LON_MAX), held(y + half_y, XW_LAT_MAX)}};
}

/* The box on paper: not flatter than 0.5 and not higher than 1.2 times its width. */
static xw_status set_frame(xw__pic *p, xw_error *err)
{
    xw_box b = p->o->box;
    const bool all = xw_box_is_empty(b);
    if (all) b = xw_model_box(p->m);
    if (xw_box_is_empty(b)) return xw_fail(err, XW_INPUT, "the snapshot has no land");
    p->scale = xw_scale_at((int32_t)(((int64_t)b.min.y + b.max.y) / 2));
    const double margin = all ? 1.04 : 1;
    double w = margin * ((double)b.max.x - b.min.x) * p->scale.mx;
    double h = margin * ((double)b.max.y - b.min.y) * p->scale.my;
    if (w < 5) w = 5;
    if (h < 0.5 * w) h = 0.5 * w;
    if (h > 1.2 * w) w = h / 1.2;
    p->n.box = around(b, w / p->scale.mx / 2, h / p->scale.my / 2);
    p->map_w = (int32_t)p->o->width - 2 * XW__PIC_MARGIN;
    p->map_h = (int32_t)(p->map_w * h / w + 0.5);
    p->n.m_per_px = w / p->map_w;
    p->x_scale = p->scale.mx / p->n.m_per_px * XW__PIC_UNIT;
    p->y_scale = p->scale.my / p->n.m_per_px * XW__PIC_UNIT;
    p->reach = around(b, w / p->scale.mx / 2 + XW__PIC_REACH / p->x_scale,
                      h / p->scale.my / 2 + XW__PIC_REACH / p->y_scale);
    p->zoom = 0; /* vertices within a fourth of a pixel are left out */
    while (p->zoom < XW_ZOOM_MAX &&
           ldexp(XW_SIMPLIFY_TOLERANCE, -(int)p->zoom) * p->x_scale > XW__PIC_UNIT / 4.0) {
        p->zoom++;
    }
    return XW_OK;
}

/* No label stands under the scale bar or the sign of north. */
static xw_status keep_free(xw__pic *p, xw_error *err)
{
    const int32_t w = p->map_w * XW__PIC_UNIT, h = p->map_h * XW__PIC_UNIT;
    if (!xw_grow((void **)&p->rects, &p->cap_rects, p->n_rects + 2, sizeof *p->rects)) {
        return xw_fail(err, XW_NOMEM, "labels");
    }
    p->rects[p->n_rects++] = (xw__pic_rect){w - 640, 140, w - 120, 660};
    p->rects[p->n_rects++] = (xw__pic_rect){60, h - 360, w / 4 + 900, h};
    return XW_OK;
}

static xw_status draw_map(xw__pic *p, xw_error *err)
{
    xw_status st = keep_free(p, err);
    if (!st) st = xw__pic_land(p, err);
    if (!st && p->o->what == XW_PICTURE_GRIDS) st = xw__pic_grids(p, err);
    if (!st && p->o->what == XW_PICTURE_PLOTS) st = xw__pic_plots(p, err);
    if (!st) st = xw__pic_waters(p, err);
    if (!st) st = xw__pic_lines(p, err);
    if (!st) st = xw__pic_buildings(p, err);
    if (!st) st = xw__pic_focus(p, err);
    if (!st) st = xw__pic_borders(p, err);
    if (st) return st;
    xw_buf_text(p->out, "<g id=\"labels\">\n");
    if (p->labels.n > 0) xw_buf_add(p->out, p->labels.data, p->labels.n);
    xw_buf_text(p->out, "</g>\n");
    xw__pic_scale_bar(p);
    return xw_buf_status(&p->labels, "labels", err);
}

static void put_document(xw__pic *p, const xw_buf *map, const xw_buf *foot, int32_t foot_h)
{
    const int w = (int)p->o->width, h = XW__PIC_HEAD + p->map_h + foot_h + 6;
    p->n.width = (uint32_t)w;
    p->n.height = (uint32_t)h;
    xw_buf_fmt(p->out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
               "viewBox=\"0 0 %d %d\">\n",
               w, h, w, h);
    xw__pic_style(p);
    xw_buf_fmt(p->out, "<rect width=\"%d\" height=\"%d\" fill=\"#fffefb\"/>\n", w, h);
    xw__pic_head(p);
    xw_buf_fmt(p->out,
               "<clipPath id=\"frame\"><rect width=\"%d\" height=\"%d\"/></clipPath>\n"
               "<g transform=\"translate(%d %d)\"><g clip-path=\"url(#frame)\">\n"
               "<rect width=\"%d\" height=\"%d\" fill=\"#e3e7e6\"/>\n",
               (int)p->map_w, (int)p->map_h, XW__PIC_MARGIN, XW__PIC_HEAD, (int)p->map_w,
               (int)p->map_h);
    xw_buf_add(p->out, map->data, map->n);
    xw_buf_fmt(p->out,
               "</g><rect width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#8b8793\"/></g>\n"
               "<g id=\"legend\" transform=\"translate(0 %d)\">\n",
               (int)p->map_w, (int)p->map_h, XW__PIC_HEAD + (int)p->map_h);
    xw_buf_add(p->out, foot->data, foot->n);
    xw_buf_text(p->out, "</g>\n</svg>\n");
}

static void finish(xw__pic *p)
{
    xw_clipper_finish(&p->clipper);
    xw_buf_finish(&p->labels);
    free(p->pts);
    free(p->shape);
    free(p->ring_end);
    free(p->rects);
    free(p->names);
}

xw_status xw_picture_draw(const xw_snapshot *s, const xw_picture_options *o, xw_buf *out,
                          xw_picture_counts *counts, xw_error *err)
{
    xw__pic p = {.s = s, .m = xw_snapshot_model(s), .o = o};
    xw_buf map, foot;
    xw_buf_init(&map, out->ceiling);
    xw_buf_init(&foot, out->ceiling);
    xw_buf_init(&p.labels, out->ceiling);
    xw_status st = check(p.m, o, err);
    if (!st) st = set_frame(&p, err);
    p.out = &map;
    if (!st) st = draw_map(&p, err);
    if (!st) {
        const int32_t foot_h = xw__pic_legend(&p, &foot);
        st = xw_buf_status(&map, "picture", err);
        if (!st) st = xw_buf_status(&foot, "legend", err);
        p.out = out;
        if (!st) put_document(&p, &map, &foot, foot_h);
        if (!st) st = xw_buf_status(out, "picture", err);
    }
    if (counts && !st) *counts = p.n;
    finish(&p);
    xw_buf_finish(&map);
    xw_buf_finish(&foot);
    return st;
}
