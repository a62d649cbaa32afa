/* Divisions, plots, buildings, edges, barriers, addresses and findings out of their layers. */
#include "internal.h"

static void no_memory(xw__rows *r)
{
    if (!r->status) r->status = xw_fail(r->err, XW_NOMEM, "%s: %s", r->db->path, r->table);
}

static const char *class_text(unsigned cls) { return xw_class_get(cls)->code; }

/* The class by its word; no word is no barrier. */
static uint8_t class_of(xw__rows *r, int col)
{
    if (xw__rows_null(r, col)) return XW_CLASS_NONE;
    return (uint8_t)xw__rows_one_of(r, col, class_text, XW_CLASS_COUNT);
}

static void put_pts(xw__rows *r, const xw_wkb_shape *shape, uint32_t *first, uint32_t *n)
{
    *first = *n = 0;
    if (r->status) return;
    r->status = xw_model_add_pts(r->m, shape->pts, shape->n_pts, first, r->err);
    *n = (uint32_t)shape->n_pts;
}

static xw_status read_divisions(const xw__db *db, xw_model *m, xw_error *err)
{
    xw__rows r;
    xw__rows_open(&r, db, m, "divisions",
                  "SELECT l.fid,l.code,l.name,l.level,l.parent_code,l.source_id,x.first_plot,"
                  "x.n_plots FROM divisions l LEFT JOIN xw_division x ON x.fid=l.fid"
                  " ORDER BY l.fid",
                  err);
    while (xw__rows_next(&r)) {
        xw_model_division *d = XW_MODEL_ADD(m, divisions);
        if (!d) {
            no_memory(&r);
            break;
        }
        d->code = xw__rows_text(&r, 1);
        d->name = xw__rows_text(&r, 2);
        d->level = xw__rows_text(&r, 3);
        d->parent_code = xw__rows_text(&r, 4);
        d->source = xw__rows_text(&r, 5);
        d->first_plot = (uint32_t)xw__rows_int(&r, 6, 0, XW_NONE);
        d->n_plots = (uint32_t)xw__rows_int(&r, 7, 0, XW_NONE);
    }
    return xw__rows_close(&r);
}

static xw_status read_plots(const xw__db *db, xw_model *m, xw_error *err)
{
    xw__rows r;
    xw__rows_open(&r, db, m, "plots",
                  "SELECT l.fid,l.block_id,l.building_id,l.kind,l.households,l.name,x.division,"
                  "x.x,x.y,x.area_m2 FROM plots l LEFT JOIN xw_plot x ON x.fid=l.fid"
                  " ORDER BY l.fid",
                  err);
    while (xw__rows_next(&r)) {
        xw_plot *p = XW_MODEL_ADD(m, plots);
        if (!p) {
            no_memory(&r);
            break;
        }
        p->block = xw__rows_id(&r, 1);
        p->building = xw__rows_id(&r, 2);
        p->kind = (uint8_t)xw__rows_one_of(&r, 3, xw_plot_kind_text, 3);
        p->households = (uint32_t)xw__rows_int(&r, 4, 0, XW_NONE);
        p->name = xw__rows_text(&r, 5);
        p->division = xw__rows_u32(&r, 6);
        p->anchor.x = (int32_t)xw__rows_int(&r, 7, -XW_LON_MAX, XW_LON_MAX);
        p->anchor.y = (int32_t)xw__rows_int(&r, 8, -XW_LAT_MAX, XW_LAT_MAX);
        p->area_m2 = xw__rows_real(&r, 9);
        if (p->division >= m->n_divisions) xw__rows_bad(&r, 6, "is no division");
    }
    return xw__rows_close(&r);
}

static void put_rings(xw__rows *r, const xw_wkb_shape *shape, xw_model_building *b)
{
    b->first_ring = (uint32_t)r->m->n_rings;
    if (r->status || shape->kind == XW_WKB_NONE) return;
    for (size_t i = 0; i < shape->n_parts && !r->status; i++) {
        const xw_wkb_part *part = &shape->parts[i];
        xw_span *span = XW_MODEL_ADD(r->m, rings);
        if (!span) {
            no_memory(r);
            return;
        }
        span->n = part->n;
        r->status = xw_model_add_pts(r->m, shape->pts + part->first, part->n, &span->first, r->err);
    }
    b->n_rings = (uint32_t)shape->n_parts;
}

static xw_status read_buildings(const xw__db *db, xw_model *m, xw_wkb_shape *shape, xw_error *err)
{
    xw__rows r;
    xw__rows_open(&r, db, m, "buildings",
                  "SELECT fid,geom,name,households,floors,height,plot_id,source_id,use,estimated"
                  " FROM buildings ORDER BY fid",
                  err);
    while (xw__rows_next(&r)) {
        xw_model_building *b = XW_MODEL_ADD(m, buildings);
        if (!b) {
            no_memory(&r);
            break;
        }
        xw__rows_shape(&r, 1, XW_WKB_MULTIPOLYGON, true, shape);
        put_rings(&r, shape, b);
        b->name = xw__rows_text(&r, 2);
        b->households = (uint32_t)xw__rows_int(&r, 3, 0, XW_NONE);
        b->floors = (uint16_t)xw__rows_int(&r, 4, 0, UINT16_MAX);
        b->height_m = (float)xw__rows_real(&r, 5);
        b->plot = xw__rows_id(&r, 6);
        b->source = xw__rows_text(&r, 7);
        b->use = (uint8_t)xw__rows_one_of(&r, 8, xw_use_text, XW_USE_COUNT);
        b->estimated = (uint8_t)xw__rows_int(&r, 9, 0, UINT8_MAX);
    }
    return xw__rows_close(&r);
}

static xw_status read_edges(const xw__db *db, xw_model *m, xw_wkb_shape *shape, xw_error *err)
{
    xw__rows r;
    xw__rows_open(&r, db, m, "edges",
                  "SELECT l.fid,l.geom,l.basis,l.class,l.left_plot,l.right_plot,l.name,"
                  "l.source_id,l.flags,x.custody,x.length_m FROM edges l"
                  " LEFT JOIN xw_edge x ON x.fid=l.fid ORDER BY l.fid",
                  err);
    while (xw__rows_next(&r)) {
        xw_edge *e = XW_MODEL_ADD(m, edges);
        if (!e) {
            no_memory(&r);
            break;
        }
        xw__rows_shape(&r, 1, XW_WKB_LINE, false, shape);
        put_pts(&r, shape, &e->first, &e->n);
        e->basis = (uint8_t)xw__rows_one_of(&r, 2, xw_basis_text, XW_BASIS_BETWEEN + 1);
        e->cls = class_of(&r, 3);
        e->left = xw__rows_id(&r, 4);
        e->right = xw__rows_id(&r, 5);
        e->name = xw__rows_text(&r, 6);
        e->source = xw__rows_text(&r, 7);
        e->flags = (uint8_t)xw__rows_int(&r, 8, 0, UINT8_MAX);
        e->custody = xw__rows_u32(&r, 9);
        e->length_m = (float)xw__rows_real(&r, 10);
    }
    return xw__rows_close(&r);
}

static xw_status read_lines(const xw__db *db, xw_model *m, xw_wkb_shape *shape, xw_error *err)
{
    xw__rows r;
    xw__rows_open(&r, db, m, "barriers",
                  "SELECT fid,geom,class,name,source_id,flags FROM barriers ORDER BY fid", err);
    while (xw__rows_next(&r)) {
        xw_line *l = XW_MODEL_ADD(m, lines);
        if (!l) {
            no_memory(&r);
            break;
        }
        xw__rows_shape(&r, 1, XW_WKB_LINE, false, shape);
        put_pts(&r, shape, &l->first, &l->n);
        l->cls = class_of(&r, 2);
        l->name = xw__rows_text(&r, 3);
        l->source = xw__rows_text(&r, 4);
        l->flags = (uint8_t)xw__rows_int(&r, 5, 0, UINT8_MAX);
    }
    return xw__rows_close(&r);
}

static xw_pt point_of(xw__rows *r, int col, xw_wkb_shape *shape)
{
    xw__rows_shape(r, col, XW_WKB_POINT, false, shape);
    return shape->kind == XW_WKB_POINT ? shape->pts[0] : (xw_pt){0, 0};
}

static xw_status read_addresses(const xw__db *db, xw_model *m, xw_wkb_shape *shape, xw_error *err)
{
    xw__rows r;
    xw__rows_open(&r, db, m, "addresses",
                  "SELECT fid,geom,text,street,number,place,building_id FROM addresses"
                  " ORDER BY fid",
                  err);
    while (xw__rows_next(&r)) {
        xw_address *a = XW_MODEL_ADD(m, addresses);
        if (!a) {
            no_memory(&r);
            break;
        }
        a->at = point_of(&r, 1, shape);
        a->text = xw__rows_text(&r, 2);
        a->street = xw__rows_text(&r, 3);
        a->number = xw__rows_text(&r, 4);
        a->place = xw__rows_text(&r, 5);
        a->building = xw__rows_id(&r, 6);
    }
    return xw__rows_close(&r);
}

static xw_status read_findings(const xw__db *db, xw_model *m, xw_wkb_shape *shape, xw_error *err)
{
    xw__rows r;
    xw__rows_open(&r, db, m, "findings",
                  "SELECT fid,geom,kind,layer,source_id,text FROM findings ORDER BY fid", err);
    while (xw__rows_next(&r)) {
        xw_finding *f = XW_MODEL_ADD(m, findings);
        if (!f) {
            no_memory(&r);
            break;
        }
        f->at = point_of(&r, 1, shape);
        f->kind = xw__rows_text(&r, 2);
        f->layer = xw__rows_text(&r, 3);
        f->source = xw__rows_text(&r, 4);
        f->text = xw__rows_text(&r, 5);
    }
    return xw__rows_close(&r);
}

xw_status xw__read_lineage(const xw__db *db, xw_model *m, xw_error *err)
{
    xw__rows r;
    xw_wkb_shape shape = {0};
    xw__rows_open(&r, db, m, "lineage",
                  "SELECT fid,geom,revision,level,old_code,new_code,households,of_households,"
                  "reason,old_ends,new_begins FROM lineage ORDER BY fid",
                  err);
    while (xw__rows_next(&r)) {
        xw_lineage *l = XW_MODEL_ADD(m, lineage);
        if (!l) {
            no_memory(&r);
            break;
        }
        l->at = point_of(&r, 1, &shape);
        l->revision = (uint32_t)xw__rows_int(&r, 2, 1, XW_NONE);
        l->level = xw__rows_text(&r, 3);
        l->old_code = xw__rows_text(&r, 4);
        l->new_code = xw__rows_text(&r, 5);
        l->households = (uint32_t)xw__rows_int(&r, 6, 0, XW_NONE);
        l->of = (uint32_t)xw__rows_int(&r, 7, 0, XW_NONE);
        l->reason = (uint8_t)xw__rows_one_of(&r, 8, xw_lineage_reason_text, XW_LINEAGE_COUNT);
        l->old_ends = (uint8_t)xw__rows_int(&r, 9, 0, 1);
        l->new_begins = (uint8_t)xw__rows_int(&r, 10, 0, 1);
    }
    xw_wkb_shape_finish(&shape);
    return xw__rows_close(&r);
}

xw_status xw__read_land(const xw__db *db, xw_model *m, xw_error *err)
{
    xw_wkb_shape shape = {0};
    xw_status st = read_divisions(db, m, err);
    if (!st) st = read_plots(db, m, err);
    if (!st) st = read_buildings(db, m, &shape, err);
    if (!st) st = read_edges(db, m, &shape, err);
    if (!st) st = read_lines(db, m, &shape, err);
    if (!st) st = read_addresses(db, m, &shape, err);
    if (!st) st = read_findings(db, m, &shape, err);
    xw_wkb_shape_finish(&shape);
    return st;
}
