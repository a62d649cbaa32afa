#include "xiwang/tile.h"

#include "tile_parts.h"

xw_status xw_tile_draw(const xw_snapshot *s, unsigned z, uint32_t x, uint32_t y, xw_buf *out,
                       xw_error *err)
{
    if (!xw_tile_exists(z, x, y)) {
        return xw_fail(err, XW_INPUT, "tile %u/%u/%u: there is none", z, x, y);
    }
    xw__drawing d = {.s = s,
                     .m = xw_snapshot_model(s),
                     .z = z,
                     .x = x,
                     .y = y,
                     .frame = xw_tile_frame_of(z, x, y),
                     .box = xw_tile_box(z, x, y, XW_TILE_BUFFER)};
    xw_status st = xw_mvt_create(out->ceiling - out->n, &d.mvt, err);
    if (!st) st = xw__draw_divisions(&d, err);
    if (!st) st = xw__draw_grids(&d, err);
    if (!st) st = xw__draw_plots(&d, err);
    if (!st) st = xw__draw_barriers(&d, err);
    if (!st) st = xw__draw_buildings(&d, err);
    if (!st) st = xw__draw_labels(&d, err);
    if (!st) {
        st = xw_mvt_take(d.mvt, out, err);
        if (st) st = xw_fail_within(err, st, "tile %u/%u/%u", z, x, y);
    }
    xw__drawing_finish(&d);
    return st;
}
