/* /collections/{id}/items: one page of features, and the way to the next one. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

enum {
    PAGE_FULL = 32 << 20, /* a page of this size ends early, its next link goes on */
    PAGE_MAX = 256 << 20, /* room for one more feature, however large */
    CURSOR_DIGEST = 8,    /* leading digits of the digest in a cursor */
};

/* Where a page lies among the rows that matched. */
typedef struct page {
    xw__collection c;
    xw__filter filter;
    bool filtered;
    uint32_t *rows; /* that matched, when filtered; else all of the collection match */
    size_t n_rows, cap_rows;
    size_t from;    /* position of the first feature */
    size_t n;       /* features written */
    size_t limit;   /* most features */
    bool by_offset; /* the client pages by offset: so do its links */
} page;

static size_t matched(const page *p) { return p->filtered ? p->n_rows : p->c.n_rows; }
static uint32_t row_at(const page *p, size_t i)
{
    return p->filtered ? p->rows[i] : p->c.first + (uint32_t)i;
}

static bool take_column(const xw__cx *cx, const xw__param *q, page *p, xw_http_response *rs)
{
    size_t n_cols;
    const xw_column *cols = xw_table_columns(p->c.table, &n_cols);
    size_t col = 0;
    while (col < n_cols && strcmp(cols[col].name, q->name) != 0) col++;
    if (col == n_cols) {
        char names[300] = "";
        size_t n = 0;
        for (size_t i = 0; i < n_cols && n < sizeof names; i++) {
            n += (size_t)snprintf(names + n, sizeof names - n, " %s", cols[i].name);
        }
        xw__problem(
            rs, 400,
            "parameter \"%s\" is unknown for %s, known are: limit offset cursor bbox bbox-crs "
            "crs datetime revision f%s",
            q->name, p->c.id, names);
        return false;
    }
    (void)cx;
    p->filter.equals[p->filter.n_equals].col = col;
    p->filter.equals[p->filter.n_equals].text = q->value;
    const bool ok =
        cols[col].type == XW_COL_INT
            ? xw__parse_int(q->value, INT64_MIN, INT64_MAX, &p->filter.equals[p->filter.n_equals].i)
        : cols[col].type == XW_COL_REAL
            ? xw__parse_num(q->value, &p->filter.equals[p->filter.n_equals].r)
            : true;
    if (!ok) {
        xw__problem(rs, 400, "parameter \"%s\" is \"%s\", a %snumber is needed", q->name, q->value,
                    cols[col].type == XW_COL_INT ? "whole " : "");
        return false;
    }
    p->filter.n_equals++;
    return true;
}

static bool check_crs(const xw__param *q, xw_http_response *rs)
{
    static const char *const known[] = {"http://www.opengis.net/def/crs/OGC/1.3/CRS84",
                                        "http://www.opengis.net/def/crs/OGC/0/CRS84",
                                        "https://www.opengis.net/def/crs/OGC/1.3/CRS84",
                                        "OGC:CRS84", "CRS84"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(q->value, known[i]) == 0) return true;
    }
    xw__problem(rs, 400, "parameter \"%s\" is \"%s\", only %s is offered", q->name, q->value,
                known[0]);
    return false;
}

static bool read_filter(const xw__cx *cx, page *p, xw_http_response *rs)
{
    for (unsigned i = 0; i < cx->n_params; i++) {
        const xw__param *q = &cx->params[i];
        xw_error err;
        if (strcmp(q->name, "bbox") == 0) {
            if (!xw__bbox_parse(q->value, &p->filter.bbox, &err)) {
                xw__problem_of(rs, &err);
                return false;
            }
            p->filter.has_bbox = true;
        } else if (strcmp(q->name, "crs") == 0 || strcmp(q->name, "bbox-crs") == 0) {
            if (!check_crs(q, rs)) return false;
        } else if (strcmp(q->name, "f") != 0 && strcmp(q->name, "limit") != 0 &&
                   strcmp(q->name, "offset") != 0 && strcmp(q->name, "cursor") != 0 &&
                   strcmp(q->name, "datetime") != 0 && strcmp(q->name, "revision") != 0) {
            if (!take_column(cx, q, p, rs)) return false;
        }
    }
    p->filtered = p->filter.has_bbox || p->filter.n_equals > 0;
    return true;
}

/* A cursor is "<digest>-<row>": the page begins with the first match at or after that row. */
static bool seek(const xw__cx *cx, page *p, xw_http_response *rs)
{
    const char *cursor = xw__param_get(cx, "cursor");
    const char *offset_text = xw__param_get(cx, "offset");
    int64_t limit, offset, row;
    if (!xw__param_int(cx, "limit", 1, INT64_MAX, XW_HTTP_LIMIT_DEFAULT, &limit, rs) ||
        !xw__param_int(cx, "offset", 0, INT64_MAX, 0, &offset, rs)) {
        return false;
    }
    /* larger than the maximum is served as the maximum: OGC API Features 7.15.2 */
    p->limit = limit > XW_HTTP_LIMIT_MAX ? XW_HTTP_LIMIT_MAX : (size_t)limit;
    p->by_offset = offset_text != NULL;
    if (!cursor) {
        p->from = (uint64_t)offset > matched(p) ? matched(p) : (size_t)offset;
        return true;
    }
    if (offset_text) {
        xw__problem(rs, 400, "parameters \"cursor\" and \"offset\" exclude each other");
        return false;
    }
    if (strlen(cursor) < CURSOR_DIGEST + 2 || cursor[CURSOR_DIGEST] != '-' ||
        !xw__parse_int(cursor + CURSOR_DIGEST + 1, 0, UINT32_MAX, &row)) {
        xw__problem(rs, 400, "parameter \"cursor\" is \"%s\", which no link of ours says", cursor);
        return false;
    }
    if (strncmp(cursor, xw_snapshot_digest(cx->pin.snapshot), CURSOR_DIGEST) != 0) {
        xw__problem(rs, 400, "parameter \"cursor\" is \"%s\", of another revision: begin again",
                    cursor);
        return false;
    }
    size_t lo = 0, hi = matched(p);
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (row_at(p, mid) < row)
            lo = mid + 1;
        else
            hi = mid;
    }
    p->from = lo;
    return true;
}

/* The request again, with other paging parameters; all pages are of the same revision, whatever
 * comes into force meanwhile. */
static void page_link(const xw__cx *cx, const page *p, size_t from, const char *rel, xw_json *j,
                      const char *base)
{
    xw_buf path;
    xw_buf_init(&path, 4 * XW_HTTP_TARGET_MAX);
    xw_buf_fmt(&path, "/collections/%s/items?", p->c.id);
    for (unsigned i = 0; i < cx->n_params; i++) {
        const xw__param *q = &cx->params[i];
        if (strcmp(q->name, "limit") == 0 || strcmp(q->name, "offset") == 0 ||
            strcmp(q->name, "cursor") == 0 || strcmp(q->name, "datetime") == 0 ||
            strcmp(q->name, "revision") == 0) {
            continue;
        }
        xw__url_encode(&path, q->name);
        xw_buf_add(&path, "=", 1);
        xw__url_encode(&path, q->value);
        xw_buf_add(&path, "&", 1);
    }
    xw_buf_fmt(&path, "revision=%u&limit=%zu", cx->m->revision, p->limit);
    if (p->by_offset) {
        xw_buf_fmt(&path, "&offset=%zu", from);
    } else if (from > 0) {
        xw_buf_fmt(&path, "&cursor=%.8s-%u", xw_snapshot_digest(cx->pin.snapshot), row_at(p, from));
    }
    if (path.failed) {
        j->out->failed = true;
    } else {
        xw__json_link(j, base, path.data, rel, XW__TYPE_GEOJSON, NULL);
    }
    xw_buf_finish(&path);
}

static void links(const xw__cx *cx, const page *p, xw_json *j)
{
    char scratch[300], self[XW_HTTP_TARGET_MAX + 1];
    const char *base = xw__base_url(cx, scratch);
    const size_t end = p->from + p->n;
    xw_json_key(j, "links");
    xw_json_open(j, '[');
    (void)snprintf(self, sizeof self, "%s", cx->rq->target);
    xw__json_link(j, base, self, "self", XW__TYPE_GEOJSON, NULL);
    if (end < matched(p)) page_link(cx, p, end, "next", j, base);
    if (p->from > 0) page_link(cx, p, p->from > p->limit ? p->from - p->limit : 0, "prev", j, base);
    (void)snprintf(self, sizeof self, "/collections/%s", p->c.id);
    xw__json_link(j, base, self, "collection", "application/json", NULL);
    xw_json_close(j, ']');
}

static void write_page(const xw__cx *cx, page *p, xw_http_response *rs)
{
    char when[XW_WHEN_TEXT];
    xw_json j = xw__json_body(rs, XW__TYPE_GEOJSON, PAGE_MAX);
    xw_json_open(&j, '{');
    xw_json_kstr(&j, "type", "FeatureCollection");
    xw_json_key(&j, "features");
    xw_json_open(&j, '[');
    while (p->n < p->limit && p->from + p->n < matched(p)) {
        xw__feature_json(cx->pin.snapshot, &p->c, row_at(p, p->from + p->n), &j);
        xw_json_close(&j, '}');
        p->n++;
        if (rs->body.failed || rs->body.n > PAGE_FULL) break;
    }
    xw_json_close(&j, ']');
    xw_json_kint(&j, "numberMatched", (int64_t)matched(p));
    xw_json_kint(&j, "numberReturned", (int64_t)p->n);
    xw_when_text(cx->rq->now_unix, when);
    xw_json_kstr(&j, "timeStamp", when);
    links(cx, p, &j);
    xw_json_close(&j, '}');
}

void xw__get_items(xw__cx *cx, xw_http_response *rs)
{
    page p = {0};
    xw_error err;
    if (!xw__collection_find(cx->m, cx->args[0], &p.c)) {
        xw__problem(rs, 404, "there is no collection \"%s\", see /collections", cx->args[0]);
        return;
    }
    if (!read_filter(cx, &p, rs)) return;
    if (p.filtered &&
        xw__filter_rows(cx->pin.snapshot, &p.c, &p.filter, &p.rows, &p.n_rows, &p.cap_rows, &err)) {
        xw__problem_of(rs, &err);
    } else if (seek(cx, &p, rs)) {
        write_page(cx, &p, rs);
    }
    free(p.rows);
}

void xw__get_item(xw__cx *cx, xw_http_response *rs)
{
    char scratch[300], path[XW_HTTP_TARGET_MAX + 1];
    xw__collection c;
    if (!xw__collection_find(cx->m, cx->args[0], &c)) {
        xw__problem(rs, 404, "there is no collection \"%s\", see /collections", cx->args[0]);
        return;
    }
    for (unsigned i = 0; i < cx->n_params; i++) {
        if (strcmp(cx->params[i].name, "crs") == 0 && !check_crs(&cx->params[i], rs)) return;
    }
    const uint32_t row = xw__feature_find(cx->m, &c, cx->args[1]);
    if (row == XW_NONE) {
        xw__problem(rs, 404, "%s has no feature \"%s\"", c.id, cx->args[1]);
        return;
    }
    const char *base = xw__base_url(cx, scratch);
    xw_json j = xw__json_body(rs, XW__TYPE_GEOJSON, PAGE_MAX);
    xw__feature_json(cx->pin.snapshot, &c, row, &j);
    xw_json_key(&j, "links");
    xw_json_open(&j, '[');
    (void)snprintf(path, sizeof path, "%s", cx->rq->target);
    xw__json_link(&j, base, path, "self", XW__TYPE_GEOJSON, NULL);
    (void)snprintf(path, sizeof path, "/collections/%s", c.id);
    xw__json_link(&j, base, path, "collection", "application/json", NULL);
    xw_json_close(&j, ']');
    xw_json_close(&j, '}');
}
