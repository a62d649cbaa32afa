#include "locate_bulk.h"

#include "xiwang/bulk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PIECE = 1 << 16 };

static const struct {
    const char *name, *ending;
    xw_bulk_format format;
} formats[] = {{"csv", ".csv", XW_BULK_CSV},         {"ndjson", ".ndjson", XW_BULK_NDJSON},
               {"ndjson", ".jsonl", XW_BULK_NDJSON}, {"geojson", ".geojson", XW_BULK_GEOJSON},
               {"json", ".json", XW_BULK_JSON},      {"binary", ".bin", XW_BULK_BINARY}};

static bool ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text), k = strlen(end);
    return n >= k && strcmp(text + n - k, end) == 0;
}

static xw_status find_format(const locate_bulk *o, xw_bulk_format *out, xw_error *err)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (o->format ? strcmp(o->format, formats[i].name) == 0
                      : ends_with(o->path, formats[i].ending)) {
            *out = formats[i].format;
            return XW_OK;
        }
    }
    return xw_fail(err, XW_USAGE,
                   "--format \"%s\": csv, ndjson, geojson, json and binary are known",
                   o->format ? o->format : "");
}

static xw_status put_out(void *user, const void *bytes, size_t n, xw_error *err)
{
    if (fwrite(bytes, 1, n, user) == n) return XW_OK;
    return xw_fail(err, XW_IO, "standard output cannot be written");
}

static uint64_t size_of(FILE *in)
{
    struct stat info;
    return fstat(fileno(in), &info) == 0 && S_ISREG(info.st_mode) ? (uint64_t)info.st_size : 0;
}

static xw_status pump(FILE *in, const locate_bulk *o, xw_bulk *b, xw_error *err)
{
    const uint64_t total = size_of(in);
    uint64_t done = 0;
    char *piece = malloc(PIECE);
    if (!piece) return xw_fail(err, XW_NOMEM, "a piece of a file");
    xw_status st = XW_OK;
    while (!st) {
        const size_t n = fread(piece, 1, PIECE, in);
        if (n == 0) break;
        done += n;
        st = xw_bulk_feed(b, piece, n, err);
        if (!st) st = xw_job_step(o->job, "locate", done, total, err);
    }
    if (!st && ferror(in)) st = xw_fail(err, XW_IO, "%s", strerror(errno));
    free(piece);
    return st ? st : xw_bulk_end(b, err);
}

xw_status xw__locate_bulk(const xw_snapshot *s, const locate_bulk *o, bool *some_bad, xw_error *err)
{
    const bool is_stdin = strcmp(o->path, "-") == 0;
    const char *name = is_stdin ? "standard input" : o->path;
    uint64_t points = 0, errors = 0;
    xw_bulk *b = NULL;
    xw_bulk_how how = {.common = *o->common,
                       .short_answer = o->short_answer,
                       .valid_until = o->valid_until,
                       .fields = o->fields,
                       .at_time = xw_bulk_times_at,
                       .times = o->times,
                       .write = put_out,
                       .user = stdout};
    *some_bad = false;
    xw_status st = find_format(o, &how.format, err);
    if (st) return st;
    FILE *in = is_stdin ? stdin : fopen(o->path, "rb");
    if (!in) {
        return xw_fail(err, errno == ENOENT ? XW_NOT_FOUND : XW_IO, "%s: %s", name,
                       strerror(errno));
    }
    st = xw_bulk_create(s, &how, &b, err);
    if (!st) st = pump(in, o, b, err);
    if (b) xw_bulk_counts(b, &points, &errors);
    *some_bad = errors > 0;
    if (st && st != XW_CANCELLED) (void)xw_fail_within(err, st, "%s", name);
    xw_bulk_destroy(b);
    if (!is_stdin) (void)fclose(in);
    return st;
}
