#include "internal.h"

#include <stdlib.h>
#include <string.h>

static xw_status add_root(xw__sheets *s, const char *name, uint32_t page, xw_error *err)
{
    if (!xw_grow((void **)&s->roots, &s->cap_roots, s->n_roots + 1, sizeof *s->roots)) {
        return xw_fail(err, XW_NOMEM, "tables of the store");
    }
    s->roots[s->n_roots].page = page;
    return xw_strings_add(&s->names, name, &s->roots[s->n_roots++].name, err);
}

static xw_status find_root(const xw__sheets *s, const char *name, uint32_t *page, xw_error *err)
{
    for (size_t i = 0; i < s->n_roots; i++) {
        if (strcmp(xw_strings_get(&s->names, s->roots[i].name), name) != 0) continue;
        *page = s->roots[i].page;
        return XW_OK;
    }
    return xw_fail(err, XW_INTERNAL, "table %s is missing", name);
}

/* The module has put an empty root into each index: its size is that of all nodes. */
static xw_status read_node_size(const xw__db *db, xw__sheets *s, xw_error *err)
{
    sqlite3_stmt *st = NULL;
    xw_status status = XW_OK;
    for (size_t i = 0; i < s->n_roots && !status && s->node_size == 0; i++) {
        const char *name = xw_strings_get(&s->names, s->roots[i].name);
        const size_t n = strlen(name);
        if (strncmp(name, "rtree_", 6) != 0 || n < 5 || strcmp(name + n - 5, "_node") != 0) {
            continue;
        }
        char *sql = sqlite3_mprintf("SELECT length(data) FROM \"%w\" WHERE nodeno=1", name);
        status = sql ? xw__sql_prepare(db, sql, &st, err)
                     : xw_fail(err, XW_NOMEM, "tables of the store");
        if (!status && sqlite3_step(st) == SQLITE_ROW) {
            s->node_size = (size_t)sqlite3_column_int(st, 0);
        }
        (void)sqlite3_finalize(st);
        sqlite3_free(sql);
    }
    return status;
}

xw_status xw__sheets_read(const xw__db *db, xw__sheets *out, xw_error *err)
{
    sqlite3_stmt *st = NULL;
    *out = (xw__sheets){.pages = {.fd = -1}};
    xw_status status = xw__sql_prepare(
        db, "SELECT name, rootpage FROM sqlite_schema WHERE type='table' AND rootpage > 0", &st,
        err);
    for (int code; !status && (code = sqlite3_step(st)) != SQLITE_DONE;) {
        if (code != SQLITE_ROW) {
            status = xw__sql_fail(db, "", err);
            break;
        }
        const unsigned char *name = sqlite3_column_text(st, 0);
        if (!name) {
            status = xw_fail(err, XW_NOMEM, "tables of the store");
            break;
        }
        status = add_root(out, (const char *)name, (uint32_t)sqlite3_column_int64(st, 1), err);
    }
    (void)sqlite3_finalize(st);
    return status ? status : read_node_size(db, out, err);
}

xw_status xw__sheets_begin(xw__sheets *s, const char *fmt, const char *layer, xw__sheet *out,
                           xw_error *err)
{
    uint32_t root = 0;
    char *name = sqlite3_mprintf(fmt, layer);
    if (!name) return xw_fail(err, XW_NOMEM, "table of %s", layer);
    const xw_status st = find_root(s, name, &root, err);
    sqlite3_free(name);
    if (!st) xw__sheet_begin(out, &s->pages, root);
    return st;
}

void xw__sheets_finish(xw__sheets *s)
{
    free(s->roots);
    xw_strings_finish(&s->names);
    s->roots = NULL;
}
