#include "xiwang/archive.h"
#include "xiwang/mercator.h"

#include "support/test.h"

#include <libdeflate.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char dir[] = "/tmp/xw-archive-XXXXXX";

static const xw_archive_info info = {
    .name = "和平村",
    .description = "网格",
    .version = "3",
    .layers_json = "[{\"id\":\"teams\",\"fields\":{\"code\":\"String\"}}]",
    .box = {{1191300000, 261500000}, {1191390000, 261590000}},
    .min_zoom = 3,
    .max_zoom = 7,
};

/* What was put in, as the oracle keeps it. */
typedef struct given {
    unsigned z;
    uint32_t x, y;
    uint64_t id;
    unsigned char *gzip;
    size_t n;
} given;

static int by_id(const void *p, const void *q)
{
    const given *a = p, *b = q;
    return (a->id > b->id) - (a->id < b->id);
}

/* n tiles at random places of zooms 3 to 7 and beyond; many of them equal. */
static size_t make_tiles(xw_rng *r, given *t, size_t n, uint32_t kinds)
{
    xw_packer *p = NULL;
    assert_int_equal(xw_packer_create(&p, NULL), XW_OK);
    for (size_t i = 0; i < n; i++) {
        const unsigned z = 3 + xw_rng_below(r, 9);
        t[i] = (given){.z = z, .x = xw_rng_below(r, 1u << z), .y = xw_rng_below(r, 1u << z)};
        t[i].id = xw_tile_id(z, t[i].x, t[i].y);
    }
    qsort(t, n, sizeof *t, by_id);
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        if (k > 0 && t[k - 1].id == t[i].id) continue;
        t[k++] = t[i];
    }
    for (size_t i = 0; i < k; i++) {
        char content[64];
        const int len =
            snprintf(content, sizeof content, "tile %u, some text", xw_rng_below(r, kinds));
        xw_buf b;
        xw_buf_init(&b, 1 << 20);
        assert_int_equal(xw_packer_pack(p, content, (size_t)len, &b, NULL), XW_OK);
        t[i].gzip = (unsigned char *)b.data;
        t[i].n = b.n;
    }
    xw_packer_destroy(p);
    return k;
}

static void free_tiles(given *t, size_t n)
{
    for (size_t i = 0; i < n; i++) free(t[i].gzip);
}

static void path_of(char out[128], const char *name)
{
    (void)snprintf(out, 128, "%s/%s", dir, name);
}

static xw_status write_archive(const char *path, const given *t, size_t n, bool replace,
                               xw_error *err)
{
    xw_archive *a = NULL;
    xw_status st = xw_archive_create(path, &info, replace, &a, err);
    for (size_t i = 0; i < n && !st; i++) {
        st = xw_archive_add(a, t[i].z, t[i].x, t[i].y, t[i].gzip, t[i].n, err);
    }
    if (!st) st = xw_archive_finish(a, err);
    xw_archive_destroy(a);
    return st;
}

static char *read_file(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    *n = (size_t)ftell(f);
    rewind(f);
    char *out = malloc(*n + 1);
    assert_non_null(out);
    assert_int_equal(fread(out, 1, *n, f), *n);
    (void)fclose(f);
    return out;
}

static unsigned char *unpack(const void *gzip, size_t n, size_t *n_out)
{
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    unsigned char *out = malloc(1 << 22);
    assert_non_null(out);
    assert_int_equal(libdeflate_gzip_decompress(d, gzip, n, out, 1 << 22, n_out), 0);
    libdeflate_free_decompressor(d);
    return out;
}

static void test_gzip_is_read_back_and_repeatable(void **state)
{
    (void)state;
    xw_packer *p = NULL;
    assert_int_equal(xw_packer_create(&p, NULL), XW_OK);
    char text[5000];
    for (size_t i = 0; i < sizeof text; i++) text[i] = (char)('a' + i * i % 17);
    xw_buf a, b;
    xw_buf_init(&a, 1 << 20);
    xw_buf_init(&b, 100);
    assert_int_equal(xw_packer_pack(p, text, sizeof text, &a, NULL), XW_OK);
    const size_t n = a.n;
    assert_int_equal(xw_packer_pack(p, text, sizeof text, &a, NULL), XW_OK); /* appends */
    assert_int_equal(a.n, 2 * n);
    assert_memory_equal(a.data, a.data + n, n);
    size_t n_out;
    unsigned char *out = unpack(a.data, n, &n_out);
    assert_int_equal(n_out, sizeof text);
    assert_memory_equal(out, text, sizeof text);
    assert_int_equal(xw_packer_pack(p, text, sizeof text, &b, NULL), XW_LIMIT);
    free(out);
    xw_buf_finish(&a);
    xw_buf_finish(&b);
    xw_packer_destroy(p);
    xw_packer_destroy(NULL);
}

/* ---- MBTiles ---- */

static void assert_metadata(sqlite3 *db, const char *name, const char *want)
{
    sqlite3_stmt *s = NULL;
    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT value FROM metadata WHERE name=?1", -1, &s, NULL), 0);
    (void)sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(s, 0), want);
    (void)sqlite3_finalize(s);
}

static int64_t number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    const int64_t out = sqlite3_column_int64(s, 0);
    (void)sqlite3_finalize(s);
    return out;
}

static void test_mbtiles_hold_every_tile_and_its_metadata(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("mbtiles");
    static given t[3000];
    const size_t n = make_tiles(&r, t, 3000, 400);
    char path[128];
    path_of(path, "a.mbtiles");
    assert_int_equal(write_archive(path, t, n, false, NULL), XW_OK);
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_metadata(db, "name", "和平村");
    assert_metadata(db, "format", "pbf");
    assert_metadata(db, "minzoom", "3");
    assert_metadata(db, "maxzoom", "7");
    assert_metadata(db, "bounds", "119.1300000,26.1500000,119.1390000,26.1590000");
    assert_metadata(db, "json",
                    "{\"vector_layers\":[{\"id\":\"teams\",\"fields\":{\"code\":\"String\"}}]}");
    assert_int_equal(number(db, "SELECT count(*) FROM tiles"), n);
    assert_in_range(number(db, "SELECT count(*) FROM images"), 350, 400);
    assert_int_equal(number(db, "PRAGMA application_id"), 0x4d504258);
    sqlite3_stmt *s = NULL;
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT tile_data FROM tiles WHERE zoom_level=?1 AND "
                                        "tile_column=?2 AND tile_row=?3",
                                        -1, &s, NULL),
                     SQLITE_OK);
    for (size_t i = 0; i < n; i++) {
        (void)sqlite3_bind_int(s, 1, (int)t[i].z);
        (void)sqlite3_bind_int(s, 2, (int)t[i].x);
        (void)sqlite3_bind_int(s, 3, (int)((1u << t[i].z) - 1 - t[i].y)); /* from the south */
        assert_int_equal(sqlite3_step(s), SQLITE_ROW);
        assert_int_equal(sqlite3_column_bytes(s, 0), t[i].n);
        assert_memory_equal(sqlite3_column_blob(s, 0), t[i].gzip, t[i].n);
        (void)sqlite3_reset(s);
    }
    (void)sqlite3_finalize(s);
    (void)sqlite3_close(db);
    free_tiles(t, n);
    (void)unlink(path);
}

/* ---- PMTiles: an independent reader of the header and the directories ---- */

static uint64_t le(const unsigned char *p, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++) v |= (uint64_t)p[i] << (8 * i);
    return v;
}

typedef struct row {
    uint64_t id, run, length, offset;
} row;

static uint64_t varint(const unsigned char **p)
{
    uint64_t v = 0;
    for (unsigned shift = 0;; shift += 7) {
        const unsigned char b = *(*p)++;
        v |= (uint64_t)(b & 0x7F) << shift;
        if (b < 0x80) return v;
    }
}

static row *read_directory(const char *file, uint64_t at, uint64_t size, size_t *n)
{
    size_t n_raw;
    unsigned char *raw = unpack(file + at, size, &n_raw);
    const unsigned char *p = raw;
    *n = varint(&p);
    row *rows = calloc(*n, sizeof *rows);
    assert_non_null(rows);
    uint64_t id = 0;
    for (size_t i = 0; i < *n; i++) rows[i].id = id += varint(&p);
    for (size_t i = 0; i < *n; i++) rows[i].run = varint(&p);
    for (size_t i = 0; i < *n; i++) rows[i].length = varint(&p);
    for (size_t i = 0; i < *n; i++) {
        const uint64_t v = varint(&p);
        rows[i].offset = v ? v - 1 : rows[i - 1].offset + rows[i - 1].length;
    }
    assert_ptr_equal(p, raw + n_raw);
    free(raw);
    return rows;
}

typedef struct reading {
    const char *file;
    uint64_t leaves_at, data_at;
    const given *t;
    size_t n, at; /* the next tile to come */
    size_t n_leaves;
} reading;

static void walk(reading *r, uint64_t at, uint64_t size)
{
    size_t n;
    row *rows = read_directory(r->file, at, size, &n);
    for (size_t i = 0; i < n; i++) {
        if (rows[i].run == 0) {
            r->n_leaves++;
            walk(r, r->leaves_at + rows[i].offset, rows[i].length);
            continue;
        }
        for (uint64_t k = 0; k < rows[i].run; k++, r->at++) {
            assert_true(r->at < r->n);
            assert_int_equal(r->t[r->at].id, rows[i].id + k);
            assert_int_equal(r->t[r->at].n, rows[i].length);
            assert_memory_equal(r->file + r->data_at + rows[i].offset, r->t[r->at].gzip,
                                rows[i].length);
        }
    }
    free(rows);
}

static void check_pmtiles(const char *path, const given *t, size_t n, size_t n_contents,
                          bool leaves)
{
    size_t size;
    char *file = read_file(path, &size);
    const unsigned char *h = (const unsigned char *)file;
    assert_memory_equal(h, "PMTiles\3", 8);
    uint64_t v[11];
    for (size_t i = 0; i < 11; i++) v[i] = le(h + 8 + 8 * i, 8);
    assert_int_equal(v[0], 127);
    assert_true(v[0] + v[1] <= 16384);
    assert_int_equal(v[2] + v[3], size); /* the metadata come last */
    assert_int_equal(v[8], n);
    assert_int_equal(v[10], n_contents);
    assert_int_equal(h[96], 1);
    assert_int_equal(h[97], 2);
    assert_int_equal(h[98], 2);
    assert_int_equal(h[99], 1);
    assert_int_equal(h[100], 3);
    assert_int_equal(h[101], 7);
    assert_int_equal(le(h + 102, 4), 1191300000);
    assert_int_equal(le(h + 114, 4), 261590000);
    assert_int_equal(h[118], 3);
    assert_int_equal(le(h + 119, 4), 1191345000);
    assert_int_equal(le(h + 123, 4), 261545000);
    size_t n_json;
    char *json = (char *)unpack(file + v[2], v[3], &n_json);
    json[n_json] = '\0';
    assert_non_null(strstr(json, "\"vector_layers\":[{\"id\":\"teams\""));
    assert_non_null(strstr(json, "\"name\":\"和平村\""));
    reading r = {file, v[4], v[6], t, n, 0, 0};
    walk(&r, v[0], v[1]);
    assert_int_equal(r.at, n);
    assert_int_equal(r.n_leaves > 0, leaves);
    assert_int_equal(v[5] > 0, leaves);
    free(json);
    free(file);
}

static void test_pmtiles_are_read_back_with_and_without_leaves(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("pmtiles");
    enum { MOST = 60000 };
    given *t = calloc(MOST, sizeof *t);
    assert_non_null(t);
    char path[128];
    path_of(path, "a.pmtiles");
    static const struct {
        size_t n;
        uint32_t kinds;
    } cases[] = {{1, 1}, {2000, 5}, {MOST, 30000}, {0, 1}};
    for (size_t c = 0; c < 4; c++) {
        const size_t n = make_tiles(&r, t, cases[c].n, cases[c].kinds);
        size_t n_contents = 0; /* by brute force over the shortest enough cases */
        for (size_t i = 0; i < n && cases[c].n < MOST; i++) {
            bool is_new = true;
            for (size_t k = 0; k < i && is_new; k++) {
                is_new = t[k].n != t[i].n || memcmp(t[k].gzip, t[i].gzip, t[i].n) != 0;
            }
            n_contents += is_new;
        }
        assert_int_equal(write_archive(path, t, n, true, NULL), XW_OK);
        if (cases[c].n == MOST) {
            size_t size;
            char *file = read_file(path, &size);
            n_contents = le((unsigned char *)file + 88, 8);
            free(file);
            assert_in_range(n_contents, 20000, 30000);
        }
        check_pmtiles(path, t, n, n_contents, cases[c].n == MOST);
        free_tiles(t, n);
    }
    free(t);
    (void)unlink(path);
}

static void test_equal_tiles_give_equal_files(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("archive-equal");
    static given t[500];
    const size_t n = make_tiles(&r, t, 500, 50);
    static const char *const names[] = {"a.mbtiles", "b.mbtiles", "a.pmtiles", "b.pmtiles"};
    char path[128];
    for (int pair = 0; pair < 4; pair += 2) {
        size_t n_file[2];
        char *file[2];
        for (int i = 0; i < 2; i++) {
            path_of(path, names[pair + i]);
            assert_int_equal(write_archive(path, t, n, false, NULL), XW_OK);
            file[i] = read_file(path, &n_file[i]);
            (void)unlink(path);
        }
        assert_int_equal(n_file[0], n_file[1]);
        assert_memory_equal(file[0], file[1], n_file[0]);
        free(file[0]);
        free(file[1]);
    }
    free_tiles(t, n);
}

static size_t files_in_dir(void)
{
    char command[160];
    (void)snprintf(command, sizeof command, "ls -A %s | wc -l", dir);
    FILE *f = popen(command, "r");
    assert_non_null(f);
    unsigned n = 99;
    assert_int_equal(fscanf(f, "%u", &n), 1);
    (void)pclose(f);
    return n;
}

static void test_there_is_a_whole_archive_or_none(void **state)
{
    (void)state;
    xw_rng r = {5};
    static given t[50];
    const size_t n = make_tiles(&r, t, 50, 9);
    static const char *const names[] = {"c.mbtiles", "c.pmtiles"};
    char path[128];
    xw_error err;
    for (int i = 0; i < 2; i++) {
        path_of(path, names[i]);
        xw_archive *a = NULL;
        assert_int_equal(xw_archive_create(path, &info, false, &a, NULL), XW_OK);
        assert_int_equal(xw_archive_add(a, t[0].z, t[0].x, t[0].y, t[0].gzip, t[0].n, NULL), XW_OK);
        assert_int_equal(access(path, F_OK), -1);
        xw_archive_destroy(a); /* given up */
        assert_int_equal(files_in_dir(), 0);

        assert_int_equal(write_archive(path, t, n, false, NULL), XW_OK);
        size_t before, after;
        char *file = read_file(path, &before);
        assert_int_equal(write_archive(path, t, n, false, &err), XW_EXISTS);
        assert_non_null(strstr(err.text, names[i]));
        assert_int_equal(write_archive(path, t, 1, true, &err), XW_OK);
        char *other = read_file(path, &after);
        assert_true(after != before || memcmp(file, other, after) != 0);
        free(file);
        free(other);
        assert_int_equal(files_in_dir(), 1);

        /* A file that appears while the archive is made is not overwritten. */
        (void)unlink(path);
        assert_int_equal(xw_archive_create(path, &info, false, &a, NULL), XW_OK);
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        (void)fclose(f);
        assert_int_equal(xw_archive_finish(a, &err), XW_EXISTS);
        xw_archive_destroy(a);
        assert_int_equal(files_in_dir(), 1);
        (void)unlink(path);
    }
    free_tiles(t, n);
}

static void test_what_cannot_be_written_is_named(void **state)
{
    (void)state;
    xw_archive *a = NULL;
    xw_error err;
    assert_true(xw_archive_knows("x.mbtiles") && xw_archive_knows("a/b.pmtiles"));
    assert_false(xw_archive_knows("x.zip") || xw_archive_knows(".pmtiles") || xw_archive_knows(""));
    assert_int_equal(xw_archive_create("x.zip", &info, false, &a, &err), XW_USAGE);
    assert_null(a);
    assert_non_null(strstr(err.text, "x.zip"));
    char path[128];
    path_of(path, "missing/a.pmtiles");
    assert_int_equal(xw_archive_create(path, &info, false, &a, &err), XW_IO);
    assert_null(a);
    assert_non_null(strstr(err.text, "missing/a.pmtiles"));
    xw_archive_destroy(NULL);
}

static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    xw_rng r = {5};
    static given t[700];
    const size_t n_tiles = make_tiles(&r, t, 700, 600);
    static const char *const names[] = {"d.mbtiles", "d.pmtiles"};
    char path[128];
    for (int i = 0; i < 2; i++) {
        path_of(path, names[i]);
        int n_hits = 0;
        for (int n = 0;; n++) {
            fail_alloc_at(n);
            const xw_status st = write_archive(path, t, n_tiles, true, NULL);
            const bool hit = fail_alloc_stop();
            assert_int_equal(st, hit ? XW_NOMEM : XW_OK);
            if (!hit) break;
            assert_int_equal(files_in_dir(), 0);
            n_hits++;
        }
        assert_true(n_hits > 6);
        (void)unlink(path);
    }
    free_tiles(t, n_tiles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gzip_is_read_back_and_repeatable),
        cmocka_unit_test(test_mbtiles_hold_every_tile_and_its_metadata),
        cmocka_unit_test(test_pmtiles_are_read_back_with_and_without_leaves),
        cmocka_unit_test(test_equal_tiles_give_equal_files),
        cmocka_unit_test(test_there_is_a_whole_archive_or_none),
        cmocka_unit_test(test_what_cannot_be_written_is_named),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    if (!mkdtemp(dir)) return 1;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)rmdir(dir);
    return failed;
}
