/* Labels of a picture: the first that asks for a place has it. */
#include "picture_parts.h"

#include <math.h>

static bool meets(xw__pic_rect a, xw__pic_rect b)
{
    return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;
}

static bool is_free(const xw__pic *p, xw__pic_rect r)
{
    const int32_t w = p->map_w * XW__PIC_UNIT, h = p->map_h * XW__PIC_UNIT;
    if (r.x0 < 30 || r.y0 < 30 || r.x1 > w - 30 || r.y1 > h - 30) return false;
    for (size_t i = 0; i < p->n_rects; i++) {
        if (meets(r, p->rects[i])) return false;
    }
    return true;
}

static xw_status take_place(xw__pic *p, xw__pic_rect r, xw_error *err)
{
    if (!xw_grow((void **)&p->rects, &p->cap_rects, p->n_rects + 1, sizeof *p->rects)) {
        return xw_fail(err, XW_NOMEM, "%zu labels", p->n_rects);
    }
    p->rects[p->n_rects++] = r;
    return XW_OK;
}

xw_status xw__pic_label(xw__pic *p, xw_tpt at, const xw__pic_line *lines, size_t n, bool *placed,
                        xw_error *err)
{
    int32_t half = 0, height = 0;
    *placed = false;
    for (size_t i = 0; i < n; i++) {
        const int32_t w = xw__svg_text_width(lines[i].text) * lines[i].size / 20;
        if (w > half) half = w;
        height += lines[i].size * 11;
    }
    const xw__pic_rect r = {at.x - half - 10, at.y - height / 2 - 5, at.x + half + 10,
                            at.y + height / 2 + 5};
    if (p->n.labels >= XW__PIC_LABELS_MAX || !is_free(p, r)) return XW_OK;
    const xw_status st = take_place(p, r, err);
    if (st) return st;
    int32_t top = at.y - height / 2;
    for (size_t i = 0; i < n; i++) {
        xw_buf_fmt(&p->labels, "<text class=\"%s\" font-size=\"%d\" x=\"", lines[i].cls,
                   (int)lines[i].size);
        xw__svg_tenths(&p->labels, at.x);
        xw_buf_text(&p->labels, "\" y=\"");
        xw__svg_tenths(&p->labels, top + lines[i].size * 9);
        xw_buf_text(&p->labels, "\">");
        xw__svg_text(&p->labels, lines[i].text);
        xw_buf_text(&p->labels, "</text>\n");
        top += lines[i].size * 11;
    }
    p->n.labels++;
    *placed = true;
    return XW_OK;
}

/* ---- names along lines ---- */

enum { NAME_SIZE = 12, NAME_AGAIN = 6000 }; /* pixels; tenths between two of one name */

static bool is_near(const xw__pic *p, xw_text name, int32_t x, int32_t y)
{
    for (size_t i = 0; i < p->n_names; i++) {
        const xw__pic_name *k = &p->names[i];
        const int64_t dx = (int64_t)k->x - x, dy = (int64_t)k->y - y;
        if (k->name == name && dx * dx + dy * dy < (int64_t)NAME_AGAIN * NAME_AGAIN) return true;
    }
    return false;
}

/* The longest part that turns no more than the text can follow: from vertex i to vertex k no vertex
 * is farther than 2.5 px from the straight line. */
static bool is_straight(const xw_tpt *pts, size_t i, size_t k)
{
    const double dx = pts[k].x - pts[i].x, dy = pts[k].y - pts[i].y;
    const double len = sqrt(dx * dx + dy * dy);
    if (len <= 0) return false;
    for (size_t v = i + 1; v < k; v++) {
        const double off = (dx * (pts[v].y - pts[i].y) - dy * (pts[v].x - pts[i].x)) / len;
        if (off > 25 || off < -25) return false;
    }
    return true;
}

static double longest_part(const xw_tpt *pts, size_t n, size_t *from, size_t *to)
{
    double best = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        for (size_t k = i + 1; k < n && k - i < 24 && is_straight(pts, i, k); k++) {
            const double dx = pts[k].x - pts[i].x, dy = pts[k].y - pts[i].y;
            const double len = sqrt(dx * dx + dy * dy);
            if (len <= best) continue;
            best = len;
            *from = i;
            *to = k;
        }
    }
    return best;
}

static void put_name(xw__pic *p, const char *text, const char *cls, double x, double y, double dx,
                     double dy)
{
    xw_buf_fmt(&p->labels,
               "<text class=\"%s\" font-size=\"%d\" transform=\"matrix(%.4f %.4f %.4f "
               "%.4f %.1f %.1f)\" y=\"4.3\">",
               cls, NAME_SIZE, dx, dy, -dy, dx, x / XW__PIC_UNIT, y / XW__PIC_UNIT);
    xw__svg_text(&p->labels, text);
    xw_buf_text(&p->labels, "</text>\n");
}

xw_status xw__pic_name_line(xw__pic *p, xw_text name, const xw_tpt *pts, size_t n, const char *cls,
                            xw_error *err)
{
    const char *const text = xw_model_text(p->m, name);
    const double width = xw__svg_text_width(text) * NAME_SIZE / 10.0;
    size_t from = 0, to = 0;
    const double len = longest_part(pts, n, &from, &to);
    if (len < width * 1.15 || p->n.labels >= XW__PIC_LABELS_MAX) return XW_OK;
    const double x = (pts[from].x + pts[to].x) / 2.0, y = (pts[from].y + pts[to].y) / 2.0;
    if (is_near(p, name, (int32_t)x, (int32_t)y)) return XW_OK;
    double dx = (pts[to].x - pts[from].x) / len, dy = (pts[to].y - pts[from].y) / len;
    if (dx < 0 || (dx == 0 && dy > 0)) { /* to be read from the left */
        dx = -dx;
        dy = -dy;
    }
    const int steps = (int)(width / 100) + 1;
    const size_t before = p->n_rects;
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i <= steps; i++) { /* the text is a row of squares */
            const double t = ((double)i / steps - 0.5) * width;
            const int32_t cx = (int32_t)(x + dx * t), cy = (int32_t)(y + dy * t);
            const xw__pic_rect r = {cx - 65, cy - 65, cx + 65, cy + 65};
            if (pass == 0 && !is_free(p, r)) return XW_OK;
            const xw_status st = pass == 1 ? take_place(p, r, err) : XW_OK;
            if (st) return st;
        }
    }
    if (!xw_grow((void **)&p->names, &p->cap_names, p->n_names + 1, sizeof *p->names)) {
        p->n_rects = before;
        return xw_fail(err, XW_NOMEM, "%zu names", p->n_names);
    }
    p->names[p->n_names++] = (xw__pic_name){name, (int32_t)x, (int32_t)y};
    put_name(p, text, cls, x, y, dx, dy);
    p->n.labels++;
    return XW_OK;
}
