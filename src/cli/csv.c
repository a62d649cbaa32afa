#include "csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { ROW_MAX = 1 << 20, FIELDS_MAX = 4096 };

xw_status xw__csv_open(const char *path, csv *t, xw_error *err)
{
    struct stat s;
    *t = (csv){.path = path, .next = 1};
    xw_buf_init(&t->bytes, ROW_MAX);
    t->in = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (!t->in) {
        return xw_fail(err, errno == ENOENT ? XW_NOT_FOUND : XW_IO, "%s: %s", path,
                       strerror(errno));
    }
    if (fstat(fileno(t->in), &s) == 0 && S_ISREG(s.st_mode)) t->total = (uint64_t)s.st_size;
    return XW_OK;
}

void xw__csv_close(csv *t)
{
    if (t->in && t->in != stdin) (void)fclose(t->in);
    xw_buf_finish(&t->bytes);
    free(t->at);
    *t = (csv){0};
}

const char *xw__csv_field(const csv *t, size_t i) { return t->bytes.data + t->at[i]; }

static int get(csv *t)
{
    const int c = t->head_at < t->head_n ? (unsigned char)t->head[t->head_at++] : getc(t->in);
    t->done += c != EOF;
    return c;
}

static bool begin_field(csv *t)
{
    if (t->n == FIELDS_MAX || !xw_grow((void **)&t->at, &t->cap, t->n + 1, sizeof *t->at)) {
        t->bytes.failed = t->bytes.too_big = true;
        return false;
    }
    t->at[t->n++] = t->bytes.n;
    return true;
}

static void put(csv *t, int c)
{
    const char byte = (char)c;
    xw_buf_add(&t->bytes, &byte, 1);
}

/* The first row decides what parts fields: its own marks are counted outside of quotes. */
static void find_separator(csv *t)
{
    static const char marks[] = {',', ';', '\t'};
    size_t n[3] = {0};
    t->head_n = fread(t->head, 1, sizeof t->head, t->in);
    if (t->head_n >= 3 && memcmp(t->head, "\xEF\xBB\xBF", 3) == 0) t->head_at = 3;
    bool quoted = false;
    for (size_t i = t->head_at; i < t->head_n && (quoted || t->head[i] != '\n'); i++) {
        if (t->head[i] == '"') quoted = !quoted;
        for (int k = 0; k < 3 && !quoted; k++) n[k] += t->head[i] == marks[k];
    }
    const int most = n[1] > n[0] ? 1 : 0;
    t->separator = marks[n[2] > n[most] ? 2 : most];
}

/* One row, up to its line break. *got is false when there is nothing more at all. */
static xw_status read_row(csv *t, bool *got, bool *empty, xw_error *err)
{
    bool quoted = false, was_quoted = false;
    t->n = 0;
    t->line = t->next;
    xw_buf_clear(&t->bytes);
    int c = get(t);
    *got = c != EOF;
    *empty = true;
    if (!*got || !begin_field(t)) return XW_OK;
    for (;; c = get(t)) {
        if (c == EOF || (c == '\n' && !quoted)) break;
        if (c == '\n') t->next++;
        if (c == 0) return xw_fail(err, XW_INPUT, "%s: line %llu has a byte 0", t->path, t->next);
        *empty = *empty && (c == '\r' || c == ' ');
        if (quoted && c == '"') {
            quoted = false;
            was_quoted = true;
        } else if (!quoted && c == '"' && was_quoted) { /* doubled: it stands for itself */
            put(t, '"');
            quoted = true;
        } else if (!quoted && c == '"' && t->bytes.n == t->at[t->n - 1]) {
            quoted = true;
        } else if (!quoted && c == t->separator) {
            put(t, 0);
            if (!begin_field(t)) break;
            was_quoted = false;
        } else {
            put(t, c);
            was_quoted = was_quoted && quoted;
        }
    }
    t->next++;
    if (quoted) {
        return xw_fail(err, XW_INPUT, "%s: line %llu has a quote that is never closed", t->path,
                       t->line);
    }
    if (!t->bytes.failed && t->bytes.n > 0 && t->bytes.data[t->bytes.n - 1] == '\r') t->bytes.n--;
    put(t, 0);
    if (!t->bytes.failed) return XW_OK;
    return xw_fail(err, t->bytes.too_big ? XW_INPUT : XW_NOMEM,
                   "%s: the row at line %llu is longer than %d bytes or %d fields", t->path,
                   t->line, ROW_MAX, FIELDS_MAX);
}

xw_status xw__csv_next(csv *t, bool *got, xw_error *err)
{
    bool empty = true;
    xw_status st = XW_OK;
    if (!t->separator) find_separator(t);
    *got = true;
    while (!st && *got && empty) st = read_row(t, got, &empty, err);
    if (!st && ferror(t->in)) st = xw_fail(err, XW_IO, "%s: %s", t->path, strerror(errno));
    return st;
}
