/* Points as numbers of the machine; the form is described in bulk.h. */
#include "bulk.h"

static uint64_t little(const unsigned char *p, unsigned n)
{
    uint64_t v = 0;
    for (unsigned i = n; i > 0; i--) v = v << 8 | p[i - 1];
    return v;
}

static xw_status take_head(xw_bulk *b, const unsigned char *p, xw_error *err)
{
    if (memcmp(p, "XWPT", 4) != 0) {
        return xw_fail(err, XW_INPUT, "the body does not begin with XWPT");
    }
    if (p[4] != 1 || p[5] > 1 || p[6] != 0 || p[7] != 0) {
        return xw_fail(err, XW_INPUT, "version %u, kind %u of the binary form is unknown", p[4],
                       p[5]);
    }
    b->kind = p[5];
    if (b->kind == 0 && b->how.common.crs) {
        return xw_fail(err, XW_INPUT, "kind 0 is in units of the lattice, not of a crs");
    }
    b->declared = little(p + 8, 8);
    unsigned char head[XW_BULK_BINARY_HEAD];
    memcpy(head, p, sizeof head);
    memcpy(head, "XWGX", 4);
    head[5] = 2;
    xw_buf_add(&b->out, head, sizeof head);
    b->has_head = true;
    return XW_OK;
}

static bool is_valid(xw_pt p)
{
    return p.x >= -1800000000 && p.x <= 1800000000 && p.y >= -900000000 && p.y <= 900000000;
}

static xw_status take_point(xw_bulk *b, const unsigned char *p, xw_error *err)
{
    xw__point point = {0};
    const uint64_t number = b->n_points;
    xw_status st;
    if (b->kind == 0) {
        const xw_pt at = {(int32_t)(uint32_t)little(p, 4), (int32_t)(uint32_t)little(p + 4, 4)};
        point.x = xw_deg(at.x);
        point.y = xw_deg(at.y);
        if (b->batches && is_valid(at)) {
            b->batch[b->n_batch++] = at;
            b->n_points++;
            return b->n_batch == BULK_BATCH ? bulk_flush_batch(b, err) : XW_OK;
        }
    } else {
        const uint64_t bits[2] = {little(p, 8), little(p + 8, 8)};
        memcpy(&point.x, &bits[0], 8);
        memcpy(&point.y, &bits[1], 8);
    }
    st = bulk_answer(b, &point, NULL, err);
    if (st == XW_INPUT) (void)xw_fail_within(err, st, "point %llu", (unsigned long long)number);
    return st;
}

xw_status bulk_feed_binary(xw_bulk *b, const char *p, const char *end, xw_error *err)
{
    xw_status st = XW_OK;
    while (!st && p < end) {
        const size_t size = !b->has_head ? XW_BULK_BINARY_HEAD : b->kind == 0 ? 8 : 16;
        const unsigned char *item = (const unsigned char *)p;
        if (b->has_head && b->n_points == b->declared) {
            return xw_fail(err, XW_INPUT, "the body goes on behind point %llu, the last",
                           (unsigned long long)b->declared);
        }
        if (b->pending.n > 0 || (size_t)(end - p) < size) {
            const size_t missing = size - b->pending.n;
            const size_t n = (size_t)(end - p) < missing ? (size_t)(end - p) : missing;
            xw_buf_add(&b->pending, p, n);
            p += n;
            st = xw_buf_status(&b->pending, "a point", err);
            if (st || b->pending.n < size) return st;
            item = (const unsigned char *)b->pending.data;
        } else {
            p += size;
        }
        st = b->has_head ? take_point(b, item, err) : take_head(b, item, err);
        b->pending.n = 0;
    }
    return st;
}

xw_status bulk_end_binary(xw_bulk *b, xw_error *err)
{
    if (!b->has_head) return xw_fail(err, XW_INPUT, "the body is shorter than its head");
    if (b->pending.n > 0 || (b->declared != XW_BULK_TO_THE_END && b->declared != b->n_points)) {
        return xw_fail(err, XW_INPUT, "the body ends within point %llu",
                       (unsigned long long)b->n_points);
    }
    return bulk_flush_batch(b, err);
}
