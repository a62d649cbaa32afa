#include "report.h"

#include "xiwang/file.h"
#include "xiwang/finding.h"
#include "xiwang/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK ((size_t)1 << 16)

xw_status xw__findings_count(xw__findings all, xw__kind_count **out, size_t *n, xw_error *err)
{
    xw__kind_count *c = NULL;
    size_t cap = 0;
    *out = NULL;
    *n = 0;
    for (size_t i = 0; i < all.n; i++) {
        size_t k = 0;
        while (k < *n && c[k].kind != all.f[i].kind) k++;
        if (k == *n) {
            if (!xw_grow((void **)&c, &cap, *n + 1, sizeof *c)) {
                free(c);
                *n = 0;
                return xw_fail(err, XW_NOMEM, "kinds of findings");
            }
            c[(*n)++] = (xw__kind_count){all.f[i].kind, 0};
        }
        c[k].n++;
    }
    *out = c;
    return XW_OK;
}

/* ---- for people ---------------------------------------------------------------------------- */

static int rank_of(const char *severity)
{
    return severity[0] == 'e' ? 0 : severity[0] == 'w' ? 1 : 2;
}

xw_status xw__findings_print(FILE *to, xw__findings all, xw_error *err)
{
    xw__kind_count *c;
    size_t n;
    const xw_status st = xw__findings_count(all, &c, &n, err);
    for (int rank = 0; rank < 3 && !st; rank++) {
        for (size_t i = 0; i < n; i++) {
            const char *kind = xw_strings_get(all.text, c[i].kind);
            const xw_finding_info *info = xw_finding_get(kind);
            if (rank_of(info->severity) != rank) continue;
            (void)fprintf(to, "  finding    %s: %zu  %s (%s: %s)\n", kind, c[i].n, info->zh,
                          info->severity, info->action);
        }
    }
    free(c);
    return st;
}

/* ---- GeoJSON ------------------------------------------------------------------------------- */

static xw_status io_failed(const xw__report *r, xw_error *err)
{
    return xw_fail(err, XW_IO, "report %.300s: %s",
                   strcmp(r->path, "-") == 0 ? "on standard output" : r->path, strerror(errno));
}

xw_status xw__report_open(xw__report *r, const char *path, xw_error *err)
{
    *r = (xw__report){.path = path};
    if (!path) return XW_OK;
    if (strcmp(path, "-") == 0) {
        r->file = stdout;
        return XW_OK;
    }
    xw_buf_init(&r->temp, (size_t)1 << 16);
    xw_status st = xw_file_temp(path, &r->temp, err);
    if (!st && !(r->file = fopen(r->temp.data, "wb"))) {
        st = io_failed(r, err);
        (void)unlink(r->temp.data);
    }
    if (st) xw_buf_finish(&r->temp);
    return st;
}

void xw__report_close(xw__report *r)
{
    if (r->file && r->file != stdout) {
        (void)fclose(r->file);
        (void)unlink(r->temp.data);
    }
    xw_buf_finish(&r->temp);
    *r = (xw__report){0};
}

static xw_status flush(xw__report *r, xw_buf *b, size_t when, xw_error *err)
{
    const xw_status st = xw_buf_status(b, "report", err);
    if (st || b->n < when || b->n == 0) return st;
    if (fwrite(b->data, 1, b->n, r->file) != b->n) return io_failed(r, err);
    xw_buf_clear(b);
    return XW_OK;
}

static void put_feature(xw_json *j, const char *kind, const char *layer, const char *source,
                        const char *text, xw_pt at)
{
    const xw_finding_info *info = xw_finding_get(kind);
    xw_json_open(j, '{');
    xw_json_kstr(j, "type", "Feature");
    xw_json_key(j, "geometry");
    if (at.x == 0 && at.y == 0) { /* the input says no place */
        xw_json_null(j);
    } else {
        xw_json_open(j, '{');
        xw_json_kstr(j, "type", "Point");
        xw_json_key(j, "coordinates");
        xw_json_pt(j, at.x, at.y);
        xw_json_close(j, '}');
    }
    xw_json_key(j, "properties");
    xw_json_open(j, '{');
    xw_json_kstr(j, "kind", kind);
    xw_json_kstr(j, "kind_zh", info->zh);
    xw_json_kstr(j, "severity", info->severity);
    xw_json_kstr(j, "layer", layer);
    xw_json_kstr(j, "source_id", source);
    xw_json_kstr(j, "text", text);
    xw_json_kstr(j, "action", info->action);
    xw_json_close(j, '}');
    xw_json_close(j, '}');
    xw_buf_text(j->out, "\n");
}

static xw_status put_head(xw_json *j, xw__findings all, const xw_error *failure, xw_error *err)
{
    xw__kind_count *c;
    size_t n;
    const xw_status st = xw__findings_count(all, &c, &n, err);
    if (st) return st;
    xw_json_open(j, '{');
    xw_json_kstr(j, "type", "FeatureCollection");
    xw_json_kstr(j, "status", failure ? "failed" : "built");
    xw_json_key(j, "error");
    xw_json_str(j, failure ? failure->text : NULL);
    xw_json_kint(j, "findings", (int64_t)all.n + (failure ? 1 : 0));
    xw_json_key(j, "counts");
    xw_json_open(j, '{');
    for (size_t i = 0; i < n; i++) {
        xw_json_kint(j, xw_strings_get(all.text, c[i].kind), (int64_t)c[i].n);
    }
    if (failure) xw_json_kint(j, "build-failed", 1);
    xw_json_close(j, '}');
    free(c);
    return XW_OK;
}

static xw_status put_all(xw__report *r, xw_buf *b, xw__findings all, const xw_error *failure,
                         xw_error *err)
{
    xw_json j = xw_json_on(b);
    xw_status st = put_head(&j, all, failure, err);
    xw_json_key(&j, "features");
    xw_json_open(&j, '[');
    xw_buf_text(b, "\n");
    if (failure) put_feature(&j, "build-failed", "", "", failure->text, (xw_pt){0, 0});
    for (size_t i = 0; i < all.n && !st; i++) {
        const xw_finding *f = &all.f[i];
        put_feature(&j, xw_strings_get(all.text, f->kind), xw_strings_get(all.text, f->layer),
                    xw_strings_get(all.text, f->source), xw_strings_get(all.text, f->text), f->at);
        st = flush(r, b, CHUNK, err);
    }
    xw_json_close(&j, ']');
    xw_json_close(&j, '}');
    xw_buf_text(b, "\n");
    return st ? st : flush(r, b, 0, err);
}

xw_status xw__report_write(xw__report *r, xw__findings all, const xw_error *failure, xw_error *err)
{
    if (!r->file) return XW_OK;
    xw_buf b;
    xw_buf_init(&b, 16 * CHUNK);
    xw_status st = put_all(r, &b, all, failure, err);
    xw_buf_finish(&b);
    if (!st && fflush(r->file) != 0) st = io_failed(r, err);
    if (!st && r->file != stdout) {
        const bool closed = fclose(r->file) == 0;
        r->file = NULL;
        st = closed ? xw_file_commit(r->temp.data, r->path, true, err) : io_failed(r, err);
        if (st) (void)unlink(r->temp.data);
    }
    xw__report_close(r);
    return st;
}
