/* xiwang build --each: one store a division, one after the other, and a manifest of them. */
#include "build_run.h"

#include "xiwang/file.h"
#include "xiwang/fnv.h"
#include "xiwang/json.h"
#include "xiwang/store.h"

#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct item { /* one store to come */
    char code[16];
    const char *name;
} item;

typedef struct plan {
    xw__build *b;
    xw_territory divisions;
    item *items;
    size_t n;
    char *before;    /* the manifest of the last run, or NULL */
    GString *lines;  /* the manifest's lines so far */
    uint64_t inputs; /* fingerprint of everything that decides the result */
    bool is_known;   /* all inputs are plain files */
    size_t n_kept;
    uint64_t households, buildings;
} plan;

/* ---- what decides the result ---- */

static bool add_file(const char *path, uint64_t *h)
{
    enum { CHUNK = 1 << 16 };
    FILE *f = fopen(path, "rb");
    unsigned char *bytes = malloc(CHUNK);
    size_t n = 0;
    const bool ok = f && bytes;
    while (ok && (n = fread(bytes, 1, CHUNK, f)) > 0) *h = xw_fnv(*h, bytes, n);
    const bool whole = ok && !ferror(f);
    if (f) (void)fclose(f);
    free(bytes);
    return whole;
}

/* A source is PATH or PATH:LAYER; a Shapefile keeps its columns in a second file. Folders and
 * databases have no bytes that we could compare. */
static bool add_source(const char *src, uint64_t *h)
{
    if (!src) {
        *h = xw_fnv_text(*h, "");
        return true;
    }
    *h = xw_fnv_text(*h, src);
    char *path = g_strdup(src);
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        char *colon = strrchr(path, ':');
        if (colon) *colon = '\0';
    }
    bool ok = g_file_test(path, G_FILE_TEST_IS_REGULAR) && add_file(path, h);
    char *const dot = strrchr(path, '.');
    if (ok && dot && g_ascii_strcasecmp(dot, ".shp") == 0) {
        memcpy(dot, ".dbf", 4);
        ok = add_file(path, h);
    }
    g_free(path);
    return ok;
}

static void fingerprint(plan *p)
{
    const xw_import_options *o = &p->b->in;
    const char *const texts[] = {
        XW_VERSION,  o->col_households,  o->col_floors, o->col_height,        o->col_name,
        o->col_use,  o->col_class,       o->col_code,   o->col_division_name, o->crs,
        o->encoding, o->exclusive_kinds, p->b->profile, p->b->effective,      o->paths ? "1" : "0"};
    const char *const files[] = {o->osm,       o->roads,     o->water,     o->rail,
                                 o->buildings, o->divisions, o->addresses, o->exclusive};
    uint64_t h = XW_FNV;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        h = xw_fnv_text(h, texts[i] ? texts[i] : "");
    }
    for (size_t i = 0; i < XW_ROLE_COUNT; i++) {
        h = xw_fnv_text(h, o->crs_of[i] ? o->crs_of[i] : "");
    }
    h = xw_fnv_u64(h, (uint64_t)o->division_level);
    h = xw_fnv_u64(h, p->b->effort);
    p->is_known = true;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        /* The layers of one file: its bytes count once. */
        bool again = false;
        for (size_t k = 0; k < i && files[i] && !again; k++) {
            const char *const colon = strrchr(files[i], ':');
            again =
                files[k] && colon && strncmp(files[k], files[i], (size_t)(colon - files[i])) == 0;
        }
        if (again) {
            h = xw_fnv_text(h, files[i]);
        } else {
            p->is_known = add_source(files[i], &h) && p->is_known;
        }
    }
    if (p->b->config_path) p->is_known = add_file(p->b->config_path, &h) && p->is_known;
    p->inputs = h;
}

/* ---- which parts ---- */

static xw_status add_item(plan *p, const char *code, size_t n, const char *name, xw_error *err)
{
    if (n >= sizeof p->items[0].code)
        return xw_fail(err, XW_INPUT, "%.40s: no division code", code);
    for (size_t i = 0; i < p->n; i++) {
        if (strlen(p->items[i].code) == n && memcmp(p->items[i].code, code, n) == 0) return XW_OK;
    }
    item *it = &p->items[p->n++];
    memset(it, 0, sizeof *it);
    memcpy(it->code, code, n);
    it->name = name;
    return XW_OK;
}

static int by_code(const void *a, const void *b)
{
    return strcmp(((const item *)a)->code, ((const item *)b)->code);
}

static xw_status unknown_level(const plan *p, xw_error *err)
{
    GString *have = g_string_new(NULL);
    for (size_t i = 0; i < p->divisions.n_divisions; i++) {
        const char *level = xw_territory_text(&p->divisions, p->divisions.divisions[i].level);
        if (!*level || strstr(have->str, level)) continue;
        g_string_append_printf(have, "%s%s", have->len ? ", " : "", level);
    }
    const xw_status st =
        xw_fail(err, XW_NOT_FOUND, "--each %.60s: neither codes nor a level (%.200s)", p->b->each,
                have->str);
    g_string_free(have, TRUE);
    return st;
}

/* Codes when it starts with a digit and has more than two; else the word of a level. */
static xw_status list_items(plan *p, xw_error *err)
{
    const xw_territory *t = &p->divisions;
    const char *each = p->b->each;
    size_t room = t->n_divisions + 1;
    for (const char *c = each; *c; c++) room += *c == ',';
    p->items = calloc(room, sizeof *p->items);
    if (!p->items) return xw_fail(err, XW_NOMEM, "%zu parts", room);
    xw_status st = XW_OK;
    const bool codes = strspn(each, "0123456789") > 2;
    for (const char *at = each; codes && !st;) {
        const size_t n = strcspn(at, ",");
        const char *name = "";
        for (size_t i = 0; i < t->n_divisions; i++) {
            const xw_division *d = &t->divisions[i];
            if (strncmp(xw_territory_text(t, d->code), at, n) == 0 &&
                strspn(xw_territory_text(t, d->code) + n, "0") == 12 - n) {
                name = xw_territory_text(t, d->name);
            }
        }
        st = add_item(p, at, n, name, err);
        if (at[n] == '\0') break;
        at += n + 1;
    }
    for (size_t i = 0; i < t->n_divisions && !codes && !st; i++) {
        const xw_division *d = &t->divisions[i];
        if (strcmp(xw_territory_text(t, d->level), each) != 0) continue;
        const char *const code = xw_territory_text(t, d->code);
        st = add_item(p, code, strlen(code), xw_territory_text(t, d->name), err);
    }
    if (!st && p->n == 0) st = unknown_level(p, err);
    if (p->n > 0) qsort(p->items, p->n, sizeof *p->items, by_code);
    return st;
}

/* ---- the manifest: one line a part ---- */

static char *path_in(const plan *p, const char *name, const char *ending)
{
    char *file = g_strconcat(name, ending, NULL);
    char *path = g_build_filename(p->b->out, file, NULL);
    g_free(file);
    return path;
}

static xw_status write_manifest(const plan *p, bool is_whole, xw_error *err)
{
    char *path = path_in(p, "manifest", ".json");
    xw_buf head;
    xw_buf_init(&head, (size_t)1 << 30);
    xw_json j = xw_json_on(&head);
    xw_json_open(&j, '{');
    xw_json_kstr(&j, "each", p->b->each);
    xw_json_kbool(&j, "complete", is_whole);
    xw_json_kint(&j, "households", (int64_t)p->households);
    xw_json_kint(&j, "buildings", (int64_t)p->buildings);
    xw_buf_text(&head, ",\"parts\":[\n");
    xw_buf_add(&head, p->lines->str, p->lines->len);
    xw_buf_text(&head, "\n]}\n");
    xw_status st = xw_buf_status(&head, "manifest", err);
    if (!st) st = xw_file_write(path, head.data, head.n, true, err);
    xw_buf_finish(&head);
    g_free(path);
    return st;
}

/* How a part's line starts: what must not have changed. */
static char *line_start(const plan *p, const item *it)
{
    return g_strdup_printf("{\"code\":\"%s\",\"inputs\":\"%016llx\",", it->code,
                           (unsigned long long)p->inputs);
}

static uint64_t number_in(const char *line, const char *key)
{
    const char *at = strstr(line, key);
    return at ? strtoull(at + strlen(key), NULL, strstr(key, "digest") ? 16 : 10) : 0;
}

/* The line of an earlier run, when its inputs were the same and its store is still what it was. */
static char *finished_line(const plan *p, const item *it, const char *store)
{
    if (!p->before || !p->is_known || p->b->force) return NULL;
    char *start = line_start(p, it);
    const char *at = strstr(p->before, start);
    char *line = at ? g_strndup(at, strcspn(at, "\n")) : NULL;
    g_free(start);
    uint64_t digest;
    if (line && (xw_store_digest(store, &digest, NULL) != XW_OK ||
                 digest != number_in(line, "\"digest\":\""))) {
        g_free(line);
        line = NULL;
    }
    if (line && g_str_has_suffix(line, ",")) line[strlen(line) - 1] = '\0';
    return line;
}

static char *line_of(const plan *p, const item *it, const xw__build *b)
{
    const xw_model *m = &b->model;
    xw_buf out;
    char digest[20];
    xw_buf_init(&out, 1 << 20);
    char *start = line_start(p, it);
    xw_buf_text(&out, start);
    g_free(start);
    xw_json j = xw_json_on(&out);
    xw_json_kstr(&j, "name", it->name);
    char *file = g_strconcat(it->code, ".gpkg", NULL);
    xw_json_kstr(&j, "file", file);
    g_free(file);
    xw_json_kint(&j, "divisions", (int64_t)xw__divisions_with_land(m));
    xw_json_kint(&j, "households", (int64_t)xw__households_of(m));
    xw_json_kint(&j, "buildings", (int64_t)m->n_buildings);
    xw_json_kint(&j, "plots", (int64_t)m->n_plots);
    xw_json_key(&j, "grids");
    xw_json_open(&j, '{');
    for (uint32_t l = 0; l < m->n_levels; l++) {
        xw_json_kint(&j, xw_model_text(m, m->levels[l].key), m->levels[l].n_grids);
    }
    xw_json_close(&j, '}');
    xw_json_kint(&j, "findings", (int64_t)m->n_findings);
    (void)snprintf(digest, sizeof digest, "%016llx", (unsigned long long)xw_store_model_digest(m));
    xw_json_kstr(&j, "digest", digest);
    xw_json_close(&j, '}');
    char *line = g_strdup(out.data);
    xw_buf_finish(&out);
    return line;
}

/* ---- one after the other ---- */

static void tell(const plan *p, size_t i, const char *what, double seconds)
{
    if (p->b->json) return;
    (void)fprintf(p->b->say, "%zu of %zu  %s  %s  %s", i + 1, p->n, p->items[i].code,
                  p->items[i].name, what);
    if (seconds > 0) (void)fprintf(p->b->say, "  %.1f s", seconds);
    (void)fprintf(p->b->say, "\n");
    (void)fflush(p->b->say);
}

static xw_status build_one(plan *p, size_t i, const char *store, char **line, xw_error *err)
{
    xw__build one = *p->b;
    xw__part part;
    xw_status st = xw__part_open(&p->divisions, p->items[i].code, &part, err);
    if (st) return st;
    const gint64 before = g_get_monotonic_time();
    one.part = &part;
    one.out = store;
    one.force = true; /* the folder is ours */
    st = xw__build_run(&one, err);
    if (p->b->cli->job.progress) (void)fputc('\n', stderr);
    if (!st) {
        char what[80];
        *line = line_of(p, &p->items[i], &one);
        (void)snprintf(what, sizeof what, "%llu households, %zu buildings",
                       (unsigned long long)xw__households_of(&one.model), one.model.n_buildings);
        tell(p, i, what, (double)(g_get_monotonic_time() - before) / 1e6);
    }
    xw__build_clear(&one);
    xw__part_close(&part);
    (void)malloc_trim(0); /* what one part needed is not kept for the next */
    return st ? xw_fail_within(err, st, "%s %s", p->items[i].code, p->items[i].name) : XW_OK;
}

static xw_status run_item(plan *p, size_t i, xw_error *err)
{
    char *store = path_in(p, p->items[i].code, ".gpkg");
    char *line = finished_line(p, &p->items[i], store);
    xw_status st = XW_OK;
    if (line) {
        p->n_kept++;
        tell(p, i, "kept", 0);
    } else {
        st = build_one(p, i, store, &line, err);
    }
    if (!st && line) {
        g_string_append_printf(p->lines, "%s%s", p->lines->len ? ",\n" : "", line);
        p->households += number_in(line, "\"households\":");
        p->buildings += number_in(line, "\"buildings\":");
        st = write_manifest(p, i + 1 == p->n, err);
    }
    g_free(line);
    g_free(store);
    return st;
}

static xw_status prepare(plan *p, xw_error *err)
{
    if (g_mkdir_with_parents(p->b->out, 0777) != 0) {
        return xw_fail(err, XW_IO, "%.300s: %s", p->b->out, strerror(errno));
    }
    char *path = path_in(p, "manifest", ".json");
    (void)g_file_get_contents(path, &p->before, NULL, NULL);
    g_free(path);
    fingerprint(p);
    const xw_status st = xw_import_divisions(&p->b->in, &p->b->cli->job, &p->divisions, err);
    return st ? st : list_items(p, err);
}

static void summary(const plan *p)
{
    xw_buf out;
    xw_buf_init(&out, 1 << 16);
    if (!p->b->json) {
        (void)fprintf(p->b->say,
                      "%s: %zu stores (%zu kept), %llu households, %llu buildings, peak %ld MiB\n",
                      p->b->out, p->n, p->n_kept, (unsigned long long)p->households,
                      (unsigned long long)p->buildings, xw__peak_mib());
        return;
    }
    xw_json j = xw_json_on(&out);
    xw_json_open(&j, '{');
    xw_json_kstr(&j, "folder", p->b->out);
    xw_json_kint(&j, "stores", (int64_t)p->n);
    xw_json_kint(&j, "kept", (int64_t)p->n_kept);
    xw_json_kint(&j, "households", (int64_t)p->households);
    xw_json_kint(&j, "buildings", (int64_t)p->buildings);
    xw_json_kint(&j, "peak_mib", xw__peak_mib());
    xw_json_close(&j, '}');
    if (!out.failed) (void)puts(out.data);
    xw_buf_finish(&out);
}

xw_status xw__build_each(xw__build *b, xw_error *err)
{
    plan p = {.b = b, .lines = g_string_new(NULL)};
    xw_territory_init(&p.divisions);
    xw_status st = prepare(&p, err);
    for (size_t i = 0; i < p.n && !st; i++) st = run_item(&p, i, err);
    if (!st) summary(&p);
    g_string_free(p.lines, TRUE);
    g_free(p.before);
    free(p.items);
    xw_territory_finish(&p.divisions);
    return st;
}
