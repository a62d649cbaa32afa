/* What stands round the map: style sheet, title, legend, scale bar, north. */
#include "picture_parts.h"

#include "tile_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Light for ground, strong for the footprints on it. */
static const char *const ground[XW_TILE_SHADES] = {"#ddd0be", "#f3d0a6", "#bfdfbf", "#e9c5dc",
                                                   "#f0e3a2", "#c6c8ea", "#f2c0b4", "#b3ddd4"};
static const char *const strong[XW_TILE_SHADES] = {"#93795a", "#d48e46", "#67a878", "#b76f9f",
                                                   "#bfa233", "#777fbf", "#cf7565", "#4ba395"};

typedef struct basis_look {
    const char *colour, *zh;
} basis_look;
static const basis_look bases[XW__PIC_BASES] = {
    [XW_BASIS_ROAD] = {"#b3261e", "沿道路"},       [XW_BASIS_WATER] = {"#1565a8", "沿水系"},
    [XW_BASIS_RAIL] = {"#2b2b2b", "沿铁路"},       [XW_BASIS_WALL] = {"#7a4a1e", "沿围墙"},
    [XW_BASIS_DIVISION] = {"#6a2c91", "行政界线"}, [XW_BASIS_BUILDING] = {"#1d7a46", "沿房墙"},
    [XW_BASIS_BETWEEN] = {"#d97706", "两房之间"},
};

typedef struct class_look {
    const char *colour;
} class_look;
static const class_look roads[XW_CLASS_COUNT] = {
    [XW_CLASS_MOTORWAY] = {"#f2a36b"}, [XW_CLASS_TRUNK] = {"#f6bc82"},
    [XW_CLASS_PRIMARY] = {"#fad68f"},  [XW_CLASS_SECONDARY] = {"#fdebb0"},
    [XW_CLASS_TERTIARY] = {"#ffffff"}, [XW_CLASS_RESIDENTIAL] = {"#ffffff"},
    [XW_CLASS_SERVICE] = {"#ffffff"},  [XW_CLASS_TRACK] = {"#f0e6d2"},
    [XW_CLASS_PATH] = {"#f0e6d2"},
};

void xw__pic_style(xw__pic *p)
{
    xw_buf *const o = p->out;
    xw_buf_text(
        o,
        "<style>\n"
        "text{font-family:'Noto Sans CJK SC','Source Han Sans SC','PingFang SC',"
        "'Microsoft YaHei',sans-serif;fill:#2b2b33}\n"
        "path{fill:none;stroke-linejoin:round;stroke-linecap:round}\n"
        "#land path,#waters path,#plots path,#grids path,#buildings path{fill-rule:evenodd}\n"
        ".land{fill:#f6f3ea}.open{fill:#e9eed9}.water{fill:#b9d9ea;stroke:#86b6d1;"
        "stroke-width:.8}.thin{fill-opacity:.8}\n"
        ".b{stroke:#5c544b;stroke-width:.6}.home{fill:#b9a48d}.other{fill:#ddd8d0;"
        "stroke:#9b948b}\n"
        ".edge{stroke:#958c7f;stroke-linecap:butt}.bridge{stroke:#4a4640}.tunnel{stroke-"
        "dasharray:6 5;opacity:.55}\n"
        ".rail{stroke:#5b5b5b}.ties{stroke:#f4f4f4;stroke-dasharray:7 7;stroke-linecap:butt}"
        ".stream{stroke:#86b6d1}.wall{stroke:#8a6444}\n"
        ".halo{stroke:#fffdf6;stroke-opacity:.75}.plotline{stroke:#6b6257;stroke-opacity:.5}\n"
        ".veil{fill:#fffefb;fill-opacity:.62;fill-rule:evenodd}.focus{stroke:#111;stroke-width:1.4;"
        "stroke-dasharray:2 4}.rank{stroke:#3a3642}\n"
        "#labels text{text-anchor:middle;paint-order:stroke;stroke:#fffdf8;stroke-width:2.6px;"
        "stroke-linejoin:round;stroke-opacity:.85}\n"
        ".tg{font-weight:700}.tc{fill:#55505c;font-size:11px}.th{fill:#3d3945}"
        "#labels .tr{fill:#5d564d}#labels .tw{fill:#1f5f8b;font-style:italic}.tp{fill:#3a3340}\n"
        ".soft{fill:#6b6672}\n");
    for (int i = 0; i < XW_TILE_SHADES; i++) {
        xw_buf_fmt(o, ".g%d{fill:%s}.b%d{fill:%s}", i, ground[i], i, strong[i]);
    }
    for (unsigned c = 0; c < XW_CLASS_COUNT; c++) {
        if (roads[c].colour)
            xw_buf_fmt(o, ".%s{stroke:%s}", xw_class_get(c)->code, roads[c].colour);
    }
    for (int i = 0; i < XW__PIC_BASES; i++) {
        if (bases[i].colour) {
            xw_buf_fmt(o, ".on-%s{stroke:%s}", xw_basis_text((unsigned)i), bases[i].colour);
        }
    }
    xw_buf_text(o, "\n</style>\n");
}

/* ---- head ---- */

static void put_text(xw_buf *out, const char *cls, int32_t size, int32_t x, int32_t y,
                     const char *text)
{
    xw_buf_fmt(out, "<text class=\"%s\" font-size=\"%d\" x=\"%d\" y=\"%d\">", cls, (int)size,
               (int)x, (int)y);
    xw__svg_text(out, text);
    xw_buf_text(out, "</text>\n");
}

static void name_of_what(const xw__pic *p, xw_buf *out)
{
    switch (p->o->what) {
    case XW_PICTURE_GIVEN:
        xw_buf_text(out, "原始数据");
        return;
    case XW_PICTURE_PLOTS:
        xw_buf_text(out, "地块");
        return;
    default:
        xw_buf_text(out, xw_model_text(p->m, p->m->levels[p->o->level].name));
        xw_buf_text(out, "网格");
    }
}

static void tell_counts(const xw__pic *p, xw_buf *t)
{
    const xw_model *m = p->m;
    if (p->o->what == XW_PICTURE_GIVEN) {
        xw_buf_fmt(t, "画面内 %zu 栋房屋，%zu 条线", p->n.buildings, p->n.lines);
    } else if (p->o->what == XW_PICTURE_PLOTS) {
        xw_buf_fmt(t, "画面内 %zu 个地块，%llu 户", p->n.plots, (unsigned long long)p->households);
    } else {
        const xw_level *l = &m->levels[p->o->level];
        const bool is_last = p->o->level + 1 == m->n_levels;
        xw_buf_fmt(t, "画面内 %zu 个%s，%llu 户（每%s至多 %u %s）", p->n.grids,
                   xw_model_text(m, l->name), (unsigned long long)p->households,
                   xw_model_text(m, l->name), l->cap,
                   is_last ? "户" : xw_model_text(m, m->levels[p->o->level + 1].name));
    }
    xw_buf_fmt(t, " · 版本 %u", m->revision);
}

void xw__pic_head(xw__pic *p)
{
    xw_buf t;
    xw_buf_init(&t, 1 << 16);
    if (p->o->title) {
        xw_buf_text(&t, p->o->title);
    } else {
        xw_buf_text(&t, xw_model_text(p->m, p->m->name));
        if (t.n > 0) xw_buf_text(&t, " · ");
        if (p->o->focus != XW_NONE) {
            xw_buf_text(&t, xw_model_text(p->m, p->m->grids[p->o->focus].name));
            xw_buf_text(&t, " · ");
        }
        name_of_what(p, &t);
    }
    put_text(p->out, "tg", 24, XW__PIC_MARGIN, 40, t.n > 0 ? t.data : "");
    xw_buf_clear(&t);
    tell_counts(p, &t);
    put_text(p->out, "soft", 13, XW__PIC_MARGIN, 63, t.n > 0 ? t.data : "");
    if (t.failed) p->out->failed = true;
    xw_buf_finish(&t);
}

/* ---- legend ---- */

enum { ROW = 24, KEY = 30, GAP = 22 };

typedef struct legend {
    xw_buf *out;
    int32_t x, y, right;
} legend;

/* Starts an item, on a new row when the text would not fit; its sign has KEY x 14 pixels. */
static void item(legend *l, const char *sign, const char *text)
{
    const int32_t width = KEY + 6 + xw__svg_text_width(text) * 13 / 100;
    if (l->x + width > l->right && l->x > XW__PIC_MARGIN) {
        l->x = XW__PIC_MARGIN;
        l->y += ROW;
    }
    xw_buf_fmt(l->out,
               "<g transform=\"translate(%d %d)\">%s<text font-size=\"13\" x=\"%d\" y=\"12\">",
               (int)l->x, (int)l->y, sign, KEY + 6);
    xw__svg_text(l->out, text);
    xw_buf_text(l->out, "</text></g>\n");
    l->x += width + GAP;
}

static void area_item(legend *l, const char *cls, const char *text)
{
    char sign[160];
    (void)snprintf(sign, sizeof sign, "<path class=\"%s\" d=\"M2 1h26v13h-26z\"/>", cls);
    item(l, sign, text);
}

static void line_item(legend *l, const char *cls, double width, const char *text)
{
    char sign[200];
    (void)snprintf(sign, sizeof sign, "<path class=\"%s\" stroke-width=\"%d.%d\" d=\"M2 7.5h26\"/>",
                   cls, (int)width, (int)(width * 10) % 10);
    item(l, sign, text);
}

static void road_item(const xw__pic *p, legend *l, unsigned cls)
{
    double w = xw__pic_road_px(p, cls);
    if (w > 9) w = 9;
    char sign[300];
    const int32_t t = (int32_t)(w * 10);
    (void)snprintf(sign, sizeof sign,
                   "<path class=\"edge\" stroke-width=\"%d.%d\" d=\"M2 7.5h26\"/>"
                   "<path class=\"%s\" stroke-width=\"%d.%d\" d=\"M2 7.5h26\"/>",
                   (t + 16) / 10, (t + 16) % 10, xw_class_get(cls)->code, t / 10, t % 10);
    item(l, sign, xw_class_get(cls)->zh);
}

static void grid_items(const xw__pic *p, legend *l)
{
    const xw_model *m = p->m;
    if (p->o->what == XW_PICTURE_GRIDS) {
        for (uint32_t k = 0; k <= p->o->level; k++) {
            if (!(p->ranks & (1u << k)) || k >= m->n_levels) continue;
            char text[64];
            const uint32_t steps = p->o->level - k;
            (void)snprintf(text, sizeof text, "%.40s界", xw_model_text(m, m->levels[k].name));
            line_item(l, "rank", 1.8 + 1.1 * (steps > 3 ? 3 : steps), text);
        }
    }
    for (unsigned b = 0; b < XW__PIC_BASES; b++) {
        if (!(p->bases & (1u << b)) || !bases[b].zh) continue;
        char cls[32];
        (void)snprintf(cls, sizeof cls, "on-%s", xw_basis_text(b));
        line_item(l, cls, 2.6, bases[b].zh);
    }
}

int32_t xw__pic_legend(xw__pic *p, xw_buf *foot)
{
    legend l = {foot, XW__PIC_MARGIN, 14, XW__PIC_MARGIN + p->map_w};
    const bool grids = p->o->what == XW_PICTURE_GRIDS;
    grid_items(p, &l);
    if (p->has_home)
        area_item(&l, grids ? "b b0" : "b home", grids ? "住房（随网格着色）" : "住房");
    if (p->has_other) area_item(&l, "b other", "其他房屋");
    if (p->has_open) area_item(&l, "open", "空地");
    if (p->has_water) area_item(&l, "water", "水面");
    for (unsigned c = 0; c < XW_CLASS_COUNT; c++) {
        if (!(p->classes & (1u << c))) continue;
        switch (xw_basis_of_class(c)) {
        case XW_BASIS_ROAD:
            road_item(p, &l, c);
            break;
        case XW_BASIS_RAIL:
            item(&l,
                 "<path class=\"rail\" stroke-width=\"4\" d=\"M2 7.5h26\"/><path class=\"ties\" "
                 "stroke-width=\"2.2\" d=\"M2 7.5h26\"/>",
                 xw_class_get(c)->zh);
            break;
        case XW_BASIS_WATER:
            line_item(&l, "stream", c == XW_CLASS_RIVER ? 4 : 2, xw_class_get(c)->zh);
            break;
        default:
            line_item(&l, "wall", 1.6, xw_class_get(c)->zh);
        }
    }
    if (p->has_bridge) {
        item(&l,
             "<path class=\"bridge\" stroke-width=\"8\" d=\"M4 7.5h22\" style=\"stroke-linecap:"
             "butt\"/><path stroke=\"#fff\" stroke-width=\"5\" d=\"M2 7.5h26\"/>",
             "桥");
    }
    if (p->has_tunnel) line_item(&l, "edge tunnel", 5, "隧道、涵洞");
    return l.y + ROW + 8;
}

/* ---- scale bar and north ---- */

void xw__pic_scale_bar(xw__pic *p)
{
    static const double steps[3] = {1, 2, 5};
    const double most = p->map_w / 4.0 * p->n.m_per_px;
    double metres = 1;
    for (int k = 0; k < 24; k++) {
        const double m = steps[k % 3] * pow(10, k / 3);
        if (m <= most) metres = m;
    }
    const int32_t w = (int32_t)(metres / p->n.m_per_px + 0.5), h = p->map_h;
    char text[32];
    (void)snprintf(text, sizeof text, metres >= 1000 ? "%.0f 公里" : "%.0f 米",
                   metres >= 1000 ? metres / 1000 : metres);
    const int32_t tw = xw__svg_text_width(text) * 12 / 100;
    xw_buf_fmt(
        p->out,
        "<g transform=\"translate(14 %d)\"><rect x=\"-6\" y=\"-6\" width=\"%d\" height=\"26\" "
        "rx=\"4\" fill=\"#fff\" fill-opacity=\".82\"/>"
        "<path d=\"M0 4h%dv7h-%dz\" fill=\"#fff\" stroke=\"#333\"/>"
        "<path d=\"M0 4h%dv7h-%dz\" style=\"fill:#333\"/>"
        "<text font-size=\"12\" x=\"%d\" y=\"12\">%s</text></g>\n",
        (int)(h - 28), (int)(w + tw + 20), (int)w, (int)w, (int)(w / 2), (int)(w / 2), (int)(w + 8),
        text);
    xw_buf_fmt(p->out,
               "<g transform=\"translate(%d 40)\"><circle r=\"24\" fill=\"#fff\" "
               "fill-opacity=\".82\"/><path d=\"M0 -5L7 16L0 11L-7 16z\" style=\"fill:#333\"/>"
               "<text font-size=\"13\" text-anchor=\"middle\" y=\"-9\">北</text></g>\n",
               (int)(p->map_w - 38));
}
