/* A tool of the build: writes C source with the files of a folder, packed, for assets.c.
 *
 *   embed OUT.c [DIR]... [-f /path FILE]...
 *
 * Every file below DIR becomes "/relative/path"; further files are named one by one. Files are
 * taken in the order of their paths, so equal input gives equal output. */
#include "xiwang/fnv.h"

#include <dirent.h>
#include <libdeflate.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILES_MAX = 4096, PATH_ROOM = 1024, DEPTH_MAX = 16 };

typedef struct file {
    char path[PATH_ROOM], source[PATH_ROOM];
} file;

static file *files; /* a tool that runs once: one list for all */
static size_t n_files;

static bool fail(const char *what, const char *path)
{
    (void)fprintf(stderr, "embed: %s: %s\n", path, what);
    return false;
}

static bool add(const char *path, const char *source)
{
    if (n_files == FILES_MAX) return fail("too many files", source);
    file *f = &files[n_files++];
    const int a = snprintf(f->path, PATH_ROOM, "%s", path);
    const int b = snprintf(f->source, PATH_ROOM, "%s", source);
    if (a >= PATH_ROOM || b >= PATH_ROOM) return fail("path too long", source);
    return true;
}

static bool walk(const char *dir, const char *prefix, int depth)
{
    DIR *d = depth < DEPTH_MAX ? opendir(dir) : NULL;
    if (!d) return fail("cannot be opened", dir);
    bool ok = true;
    for (const struct dirent *e; ok && (e = readdir(d)) != NULL;) {
        if (e->d_name[0] == '.') continue;
        char source[PATH_ROOM], path[PATH_ROOM];
        struct stat st;
        const int a = snprintf(source, sizeof source, "%s/%s", dir, e->d_name);
        const int b = snprintf(path, sizeof path, "%s/%s", prefix, e->d_name);
        if (a >= PATH_ROOM || b >= PATH_ROOM || stat(source, &st)) {
            ok = fail("cannot be read", source);
        } else {
            ok = S_ISDIR(st.st_mode) ? walk(source, path, depth + 1) : add(path, source);
        }
    }
    (void)closedir(d);
    return ok;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const file *)a)->path, ((const file *)b)->path);
}

static const char *type_of(const char *path)
{
    static const char *const types[][2] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".map", "application/json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".webp", "image/webp"},
        {".woff2", "font/woff2"},
        {".pbf", "application/x-protobuf"},
        {".webmanifest", "application/manifest+json"},
        {".txt", "text/plain; charset=utf-8"},
    };
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++) {
        if (strcmp(dot, types[i][0]) == 0) return types[i][1];
    }
    return "application/octet-stream";
}

static unsigned char *slurp(const char *path, size_t *n)
{
    FILE *in = fopen(path, "rb");
    unsigned char *bytes = NULL;
    *n = 0;
    if (!in) return NULL;
    if (fseek(in, 0, SEEK_END) == 0) {
        const long size = ftell(in);
        if (size >= 0 && fseek(in, 0, SEEK_SET) == 0) {
            bytes = malloc((size_t)size + 1);
            if (bytes) *n = fread(bytes, 1, (size_t)size, in);
            if (bytes && *n != (size_t)size) {
                free(bytes);
                bytes = NULL;
            }
        }
    }
    (void)fclose(in);
    return bytes;
}

/* The bytes of one file, packed where that makes them smaller. The line of the table is put into
 * row. */
static bool embed(FILE *out, size_t i, struct libdeflate_compressor *c, char row[PATH_ROOM + 200])
{
    size_t raw_n;
    unsigned char *raw = slurp(files[i].source, &raw_n);
    if (!raw) return fail("cannot be read", files[i].source);
    unsigned char *packed = malloc(raw_n + 1);
    const size_t packed_n =
        packed && raw_n > 0 ? libdeflate_gzip_compress(c, raw, raw_n, packed, raw_n) : 0;
    const unsigned char *bytes = packed_n ? packed : raw;
    const size_t n = packed_n ? packed_n : raw_n;
    (void)fprintf(out, "static const unsigned char file_%zu[%zu] = {", i, n ? n : 1);
    for (size_t k = 0; k < n; k++) (void)fprintf(out, "%s%u,", k % 32 ? "" : "\n", bytes[k]);
    (void)fprintf(out, "%s\n};\n", n ? "" : "0");
    (void)snprintf(row, PATH_ROOM + 200,
                   "    {\"%s\", \"%s\", \"%016llx\", file_%zu, %zu, %zu, %s},\n", files[i].path,
                   type_of(files[i].path), (unsigned long long)xw_fnv(XW_FNV, raw, raw_n), i, n,
                   raw_n, packed_n ? "true" : "false");
    free(packed);
    free(raw);
    return true;
}

static bool write_all(FILE *out)
{
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(12);
    char(*rows)[PATH_ROOM + 200] = calloc(n_files + 1, sizeof *rows);
    bool ok = c && rows;
    (void)fputs("/* Made by src/http/embed.c from the files of the page. */\n"
                "#include \"internal.h\"\n\n",
                out);
    for (size_t i = 0; ok && i < n_files; i++) ok = embed(out, i, c, rows[i]);
    (void)fputs("\nconst xw_http_asset xw__assets[] = {\n", out);
    for (size_t i = 0; ok && i < n_files; i++) (void)fputs(rows[i], out);
    (void)fprintf(
        out, "    {\"\", \"\", \"\", NULL, 0, 0, false},\n};\nconst size_t xw__n_assets = %zu;\n",
        n_files);
    libdeflate_free_compressor(c);
    free(rows);
    return ok;
}

int main(int argc, char **argv)
{
    files = calloc(FILES_MAX, sizeof *files);
    bool ok = files && argc >= 2;
    for (int i = 2; ok && i < argc; i++) {
        if (strcmp(argv[i], "-f") == 0 && i + 2 < argc) {
            ok = add(argv[i + 1], argv[i + 2]);
            i += 2;
        } else {
            ok = walk(argv[i], "", 0);
        }
    }
    FILE *out = ok ? fopen(argv[1], "wb") : NULL;
    if (ok && !out) ok = fail("cannot be written", argv[1]);
    if (ok) {
        qsort(files, n_files, sizeof *files, by_path);
        ok = write_all(out) && !ferror(out);
    }
    if (out && fclose(out)) ok = false;
    free(files);
    return ok ? 0 : 1;
}
