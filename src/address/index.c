/* The index: an SQLite database as bytes, built in memory, saved behind a header, mapped again. */
#include "internal.h"

#include "xiwang/file.h"
#include "xiwang/fnv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { VERSION = 1, STEP = 4096, TERMS_MAX = 64 << 10, HEAD = 4096 };

/* The first page of a file. */
typedef struct head {
    char magic[8]; /* "XWADDR" */
    uint32_t version;
    uint32_t pad;
    uint64_t key, size, sum; /* of the bytes behind */
} head;
static const char magic[8] = "XWADDR\0";

const char *xw__doc_text(const xw_model *m, uint64_t doc)
{
    if (doc < m->n_addresses) return xw_model_text(m, m->addresses[doc].text);
    doc -= m->n_addresses;
    return doc < m->n_buildings ? xw_model_text(m, m->buildings[doc].name) : NULL;
}

uint64_t xw_address_key(const xw_model *m)
{
    uint64_t h = xw_fnv_u64(xw_fnv_u64(XW_FNV, m->n_addresses), m->n_buildings);
    const uint64_t n = (uint64_t)m->n_addresses + m->n_buildings;
    for (uint64_t i = 0; i < n; i++) h = xw_fnv_text(h, xw__doc_text(m, i));
    return xw_fnv_u64(h, VERSION);
}

static xw_status db_fail(sqlite3 *db, xw_error *err)
{
    const int rc = db ? sqlite3_errcode(db) & 0xFF : SQLITE_NOMEM;
    const xw_status st = rc == SQLITE_NOMEM                            ? XW_NOMEM
                         : rc == SQLITE_FULL || rc == SQLITE_TOOBIG    ? XW_LIMIT
                         : rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB ? XW_INPUT
                                                                       : XW_IO;
    return xw_fail(err, st, "index of addresses: %s", db ? sqlite3_errmsg(db) : "out of memory");
}

static xw_status exec(sqlite3 *db, const char *sql, xw_error *err)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? XW_OK : db_fail(db, err);
}

static xw_status add_docs(sqlite3 *db, const xw_model *m, const xw_job *job, xw_error *err)
{
    xw__folded f;
    xw_buf terms;
    sqlite3_stmt *add = NULL;
    xw_status st = XW_OK;
    const uint64_t n = (uint64_t)m->n_addresses + m->n_buildings;
    xw_buf_init(&terms, TERMS_MAX);
    if (sqlite3_prepare_v2(db, "INSERT INTO a(rowid,t) VALUES(?,?)", -1, &add, NULL)) {
        st = db_fail(db, err);
    }
    for (uint64_t i = 0; i < n && !st; i++) {
        if (i % STEP == 0) st = xw_job_step(job, "addresses", i, n, err);
        const char *text = xw__doc_text(m, i);
        if (st || !*text) continue;
        xw__fold(text, strlen(text), &f);
        xw_buf_clear(&terms);
        xw__terms_of(&f, &terms);
        st = xw_buf_status(&terms, "terms of an address", err);
        if (st || terms.n == 0) continue;
        (void)sqlite3_bind_int64(add, 1, (sqlite3_int64)i + 1);
        (void)sqlite3_bind_text(add, 2, terms.data, (int)terms.n, SQLITE_STATIC);
        if (sqlite3_step(add) != SQLITE_DONE) st = db_fail(db, err);
        (void)sqlite3_reset(add);
    }
    (void)sqlite3_finalize(add);
    xw_buf_finish(&terms);
    return st;
}

static xw_status fill(sqlite3 *db, const xw_model *m, const xw_job *job, xw_error *err)
{
    char sql[200];
    xw_status st = exec(db,
                        "PRAGMA page_size=4096; PRAGMA journal_mode=OFF; BEGIN;"
                        "CREATE VIRTUAL TABLE a USING fts5(t, content='', columnsize=0,"
                        " detail=none, tokenize='ascii');"
                        "INSERT INTO a(a,rank) VALUES('hashsize', 67108864);"
                        "CREATE TABLE common(term TEXT PRIMARY KEY) WITHOUT ROWID;"
                        "CREATE VIRTUAL TABLE temp.v USING fts5vocab(main, a, row);",
                        err);
    if (!st) st = add_docs(db, m, job, err);
    if (!st) st = exec(db, "INSERT INTO a(a) VALUES('optimize');", err);
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO common SELECT term FROM temp.v WHERE doc > %d AND length(term) < 12"
                   " AND term NOT GLOB 'n[0-9]*' AND term NOT GLOB '1*'; COMMIT; VACUUM;",
                   XW__COMMON_AT);
    return st ? st : exec(db, sql, err);
}

static xw_address_index *create(uint64_t key, xw_error *err)
{
    xw_address_index *ix = calloc(1, sizeof *ix);
    if (!ix) {
        (void)xw_fail(err, XW_NOMEM, "index of addresses");
        return NULL;
    }
    ix->key = key;
    (void)pthread_mutex_init(&ix->lock, NULL);
    return ix;
}

static int by_term(const void *a, const void *b) { return strcmp(a, b); }

bool xw__is_common(const xw_address_index *ix, const char *term)
{
    char key[16] = "";
    if (strlen(term) >= sizeof key || ix->n_common == 0) return false;
    memcpy(key, term, strlen(term));
    return bsearch(key, ix->common, ix->n_common, sizeof *ix->common, by_term) != NULL;
}

static xw_status read_common(xw_address_index *ix, xw_error *err)
{
    xw__reader r;
    sqlite3_stmt *all = NULL;
    size_t cap = 0;
    int rc = SQLITE_DONE;
    xw_status st = xw__reader_take(ix, &r, err);
    if (st) return st;
    if (sqlite3_prepare_v2(r.db, "SELECT term FROM common ORDER BY term", -1, &all, NULL)) {
        st = db_fail(r.db, err);
    }
    while (!st && (rc = sqlite3_step(all)) == SQLITE_ROW) {
        const char *term = (const char *)sqlite3_column_text(all, 0);
        if (!term || strlen(term) >= sizeof *ix->common) continue;
        if (!xw_grow((void **)&ix->common, &cap, ix->n_common + 1, sizeof *ix->common)) {
            st = xw_fail(err, XW_NOMEM, "index of addresses");
            break;
        }
        memset(ix->common[ix->n_common], 0, sizeof *ix->common);
        memcpy(ix->common[ix->n_common++], term, strlen(term));
    }
    if (!st && rc != SQLITE_DONE) st = db_fail(r.db, err);
    (void)sqlite3_finalize(all);
    xw__reader_give(ix, &r);
    return st;
}

xw_status xw_address_index_build(const xw_model *m, const xw_job *job, xw_address_index **out,
                                 xw_error *err)
{
    sqlite3 *db = NULL;
    sqlite3_int64 size = 0;
    *out = NULL;
    xw_address_index *ix = create(xw_address_key(m), err);
    if (!ix) return XW_NOMEM;
    xw_status st = sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                                   NULL) == SQLITE_OK
                       ? XW_OK
                       : db_fail(db, err);
    if (!st) st = fill(db, m, job, err);
    if (!st) {
        ix->bytes = sqlite3_serialize(db, "main", &size, 0);
        ix->size = (size_t)size;
        if (!ix->bytes) st = xw_fail(err, XW_NOMEM, "index of addresses");
    }
    (void)sqlite3_close(db);
    if (!st) st = read_common(ix, err);
    if (st) {
        xw_address_index_destroy(ix);
        return st;
    }
    *out = ix;
    return XW_OK;
}

static xw_status check_head(const char *path, const xw_address_index *ix, uint64_t key,
                            xw_error *err)
{
    head h;
    memcpy(&h, ix->map, sizeof h);
    if (memcmp(h.magic, magic, sizeof magic) != 0 || h.version != VERSION) {
        return xw_fail(err, XW_INPUT, "%s: no index of addresses of this version", path);
    }
    if (h.size != ix->size || xw_fnv(XW_FNV, ix->bytes, ix->size) != h.sum) {
        return xw_fail(err, XW_INPUT, "%s: damaged", path);
    }
    if (h.key != key) return xw_fail(err, XW_CONFLICT, "%s: of other addresses", path);
    return XW_OK;
}

static xw_status map_file(const char *path, xw_address_index *ix, xw_error *err)
{
    struct stat s;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return xw_fail(err, errno == ENOENT ? XW_NOT_FOUND : XW_IO, "%s: %s", path,
                       strerror(errno));
    }
    xw_status st = XW_OK;
    if (fstat(fd, &s) || !S_ISREG(s.st_mode) || s.st_size <= HEAD) {
        st = xw_fail(err, XW_INPUT, "%s: no index of addresses", path);
    } else {
        ix->map_size = (size_t)s.st_size;
        ix->map = mmap(NULL, ix->map_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (ix->map == MAP_FAILED) {
            ix->map = NULL;
            st = xw_fail(err, XW_IO, "%s: %s", path, strerror(errno));
        } else {
            ix->bytes = (unsigned char *)ix->map + HEAD;
            ix->size = ix->map_size - HEAD;
        }
    }
    (void)close(fd);
    return st;
}

xw_status xw_address_index_open(const char *path, uint64_t key, xw_address_index **out,
                                xw_error *err)
{
    *out = NULL;
    xw_address_index *ix = create(key, err);
    if (!ix) return XW_NOMEM;
    xw_status st = map_file(path, ix, err);
    if (!st) st = check_head(path, ix, key, err);
    if (!st) st = read_common(ix, err);
    if (st) {
        xw_address_index_destroy(ix);
        return st;
    }
    *out = ix;
    return XW_OK;
}

xw_status xw_address_index_save(const xw_address_index *ix, const char *path, xw_error *err)
{
    char first[HEAD] = "";
    head h = {.version = VERSION, .key = ix->key, .size = ix->size};
    xw_buf temp;
    memcpy(h.magic, magic, sizeof magic);
    h.sum = xw_fnv(XW_FNV, ix->bytes, ix->size);
    memcpy(first, &h, sizeof h);
    xw_buf_init(&temp, 1 << 16);
    xw_status st = xw_file_temp(path, &temp, err);
    if (!st) {
        FILE *f = fopen(temp.data, "wb");
        bool ok =
            f && fwrite(first, sizeof first, 1, f) == 1 && fwrite(ix->bytes, ix->size, 1, f) == 1;
        if (f && fclose(f)) ok = false;
        st = ok ? xw_file_commit(temp.data, path, true, err)
                : xw_fail(err, XW_IO, "%s: %s", path, strerror(errno));
        if (st) (void)unlink(temp.data);
    }
    xw_buf_finish(&temp);
    return st;
}

size_t xw_address_index_size(const xw_address_index *ix) { return ix->size; }

void xw_address_index_destroy(xw_address_index *ix)
{
    if (!ix) return;
    for (size_t i = 0; i < ix->n_readers; i++) {
        (void)sqlite3_finalize(ix->readers[i].find);
        (void)sqlite3_close(ix->readers[i].db);
    }
    if (ix->map) {
        (void)munmap(ix->map, ix->map_size);
    } else {
        sqlite3_free(ix->bytes);
    }
    free(ix->common);
    (void)pthread_mutex_destroy(&ix->lock);
    free(ix);
}

static xw_status reader_open(const xw_address_index *ix, xw__reader *out, xw_error *err)
{
    sqlite3 *db = NULL;
    xw_status st = XW_OK;
    *out = (xw__reader){0};
    if (sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ||
        sqlite3_deserialize(db, "main", ix->bytes, (sqlite3_int64)ix->size, (sqlite3_int64)ix->size,
                            SQLITE_DESERIALIZE_READONLY) ||
        sqlite3_prepare_v3(db, "SELECT rowid FROM a WHERE a MATCH ?1 LIMIT ?2", -1,
                           SQLITE_PREPARE_PERSISTENT, &out->find, NULL)) {
        st = db_fail(db, err);
        (void)sqlite3_close(db);
        return st;
    }
    out->db = db;
    return XW_OK;
}

xw_status xw__reader_take(xw_address_index *ix, xw__reader *out, xw_error *err)
{
    (void)pthread_mutex_lock(&ix->lock);
    const bool idle = ix->n_readers > 0;
    if (idle) *out = ix->readers[--ix->n_readers];
    (void)pthread_mutex_unlock(&ix->lock);
    return idle ? XW_OK : reader_open(ix, out, err);
}

void xw__reader_give(xw_address_index *ix, const xw__reader *r)
{
    (void)pthread_mutex_lock(&ix->lock);
    const bool kept = ix->n_readers < XW__CONNECTIONS_MAX;
    if (kept) ix->readers[ix->n_readers++] = *r;
    (void)pthread_mutex_unlock(&ix->lock);
    if (kept) return;
    (void)sqlite3_finalize(r->find);
    (void)sqlite3_close(r->db);
}
