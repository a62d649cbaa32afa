/* What the files that draw pictures share. Internal. */
#ifndef XW_SNAPSHOT_PICTURE_PARTS_H
#define XW_SNAPSHOT_PICTURE_PARTS_H

#include "xiwang/clip.h"
#include "xiwang/picture.h"

/* Coordinates on the map are tenths of a pixel from its north-west corner: xw_tpt. */
enum {
    XW__PIC_UNIT = 10,
    XW__PIC_REACH = 240, /* geometry goes this far beyond the map, under its frame */
    XW__PIC_MARGIN = 22, /* pixels round the map */
    XW__PIC_HEAD = 78,
    XW__PIC_LABELS_MAX = 1500
};

typedef struct xw__pic_found { /* indices of a query */
    uint32_t *ix;
    size_t n, cap;
} xw__pic_found;

typedef struct xw__pic_rect { /* where a label stands */
    int32_t x0, y0, x1, y1;
} xw__pic_rect;

typedef struct xw__pic_name { /* a road's name that has been written there */
    xw_text name;
    int32_t x, y;
} xw__pic_name;

enum { XW__PIC_BASES = 8 };

typedef struct xw__pic {
    const xw_snapshot *s;
    const xw_model *m;
    const xw_picture_options *o;
    xw_buf *out;
    xw_picture_counts n;
    xw_box reach; /* lattice box of the map and a little more */
    xw_scale scale;
    double x_scale, y_scale; /* tenths of a pixel a lattice unit */
    int32_t map_w, map_h;    /* pixels */
    unsigned zoom;           /* vertices of a greater zoom rank are left out */
    uint32_t classes;        /* bit set of the barrier classes that were drawn */
    uint32_t bases;          /* of the bases of borders */
    uint32_t ranks;          /* of the levels whose borders were drawn */
    bool has_bridge, has_tunnel, has_water, has_home, has_other, has_open;
    uint64_t households; /* of the grids or plots in the picture */
    xw_clipper clipper;
    xw_tpt *pts; /* one ring or line */
    size_t n_pts, cap_pts;
    xw_tpt *shape; /* the rings of one polygon, clipped, one after the other */
    size_t n_shape, cap_shape;
    uint32_t *ring_end; /* ends of the rings in shape */
    size_t n_rings, cap_rings;
    xw__pic_rect *rects;
    size_t n_rects, cap_rects;
    xw__pic_name *names;
    size_t n_names, cap_names;
    xw_buf labels; /* written after all shapes */
} xw__pic;

/* ---- picture_svg.c: writing ---- */
/* Text of an element or attribute. */
void xw__svg_text(xw_buf *out, const char *text);
/* A number of tenths. */
void xw__svg_tenths(xw_buf *out, int32_t v);
/* Subpath of path data, with relative steps. */
void xw__svg_path(xw_buf *out, const xw_tpt *pts, size_t n, bool closed);
/* Width of a text in hundredths of its size: 100 for a Chinese character. */
int32_t xw__svg_text_width(const char *text);

/* ---- picture_shape.c: from the lattice to the map ---- */
xw_tpt xw__pic_project(const xw__pic *p, xw_pt at);
xw_status xw__pic_find(const xw__pic *p, xw_shape_kind kind, xw__pic_found *f, xw_error *err);
/* Clips the rings of a shape or of a footprint into p->shape. */
xw_status xw__pic_shape(xw__pic *p, xw_shape shape, xw_error *err);
xw_status xw__pic_footprint(xw__pic *p, const xw_model_building *b, xw_error *err);
/* Is p->shape empty or smaller than so many pixels both ways? */
bool xw__pic_is_below(const xw__pic *p, int32_t px);
/* <path class="…" d="…">: p->shape; the caller closes the element. */
void xw__pic_open_path(xw__pic *p, const char *cls);

/* A good place for a label inside p->shape, and how much room there is (tenths): a block of text
 * that is 2 a wide and 2 b high fits when a <= 1.6 room and b <= room. False when it is tiny. */
bool xw__pic_room(const xw__pic *p, xw_tpt *at, int32_t *room);

/* ---- layers ---- */
xw_status xw__pic_land(xw__pic *p, xw_error *err);
xw_status xw__pic_waters(xw__pic *p, xw_error *err);
xw_status xw__pic_plots(xw__pic *p, xw_error *err);
xw_status xw__pic_grids(xw__pic *p, xw_error *err);
xw_status xw__pic_buildings(xw__pic *p, xw_error *err);
xw_status xw__pic_lines(xw__pic *p, xw_error *err);
xw_status xw__pic_borders(xw__pic *p, xw_error *err);
xw_status xw__pic_focus(xw__pic *p, xw_error *err);

/* ---- labels: into p->labels, unless the place is taken ---- */
typedef struct xw__pic_line { /* a line of a label */
    const char *text;
    const char *cls;
    int32_t size; /* pixels */
} xw__pic_line;
xw_status xw__pic_label(xw__pic *p, xw_tpt at, const xw__pic_line *lines, size_t n, bool *placed,
                        xw_error *err);
/* The name of a line along its longest straight part in p->pts. */
xw_status xw__pic_name_line(xw__pic *p, xw_text name, const xw_tpt *pts, size_t n, const char *cls,
                            xw_error *err);

/* ---- picture_frame.c ---- */
void xw__pic_style(xw__pic *p);
void xw__pic_head(xw__pic *p);
/* The legend is written into foot, so that its height is known first. @return its height */
int32_t xw__pic_legend(xw__pic *p, xw_buf *foot);
void xw__pic_scale_bar(xw__pic *p);
double xw__pic_road_px(const xw__pic *p, unsigned cls);

#endif
