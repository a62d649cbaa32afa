/* Compares what `xiwang locate --csv` said with GEOS on exported polygons.
 *   locate_oracle points FILE N SEED          writes N random points of the layer's box as CSV
 *   locate_oracle compare FILE ANSWERS.csv COLUMN
 * FILE is an export of a grid level, COLUMN the column of the answers with that level's code.
 * Points on a boundary are left out of the comparison and counted. Exit 1 on a difference. */
#include "xiwang/rng.h"

#include <gdal.h>
#include <geos_c.h>
#include <math.h>
#include <ogr_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 64 };

static void die(const char *what, const char *which)
{
    (void)fprintf(stderr, "locate_oracle: %s: %s\n", which, what);
    exit(2);
}

static OGRLayerH open_layer(const char *path, GDALDatasetH *ds)
{
    GDALAllRegister();
    *ds = GDALOpenEx(path, GDAL_OF_VECTOR, NULL, NULL, NULL);
    if (!*ds) die("cannot be opened", path);
    return GDALDatasetGetLayer(*ds, 0);
}

static void write_points(const char *path, long n, uint64_t seed)
{
    GDALDatasetH ds;
    OGREnvelope box;
    if (OGR_L_GetExtent(open_layer(path, &ds), &box, 1)) die("has no extent", path);
    xw_rng r = {seed};
    (void)printf("id,lon,lat\n");
    for (long i = 0; i < n; i++) {
        const double x = box.MinX + xw_rng_unit(&r) * (box.MaxX - box.MinX);
        const double y = box.MinY + xw_rng_unit(&r) * (box.MaxY - box.MinY);
        (void)printf("%ld,%.7f,%.7f\n", i, x, y);
    }
    (void)GDALClose(ds);
}

typedef struct cover {
    GEOSContextHandle_t g;
    GEOSSTRtree *tree;
    struct item {
        GEOSGeometry *shape;
        const GEOSPreparedGeometry *ready;
        char code[40];
    } * items;
    size_t n;
} cover;

static void read_cover(const char *path, cover *c)
{
    GDALDatasetH ds;
    OGRLayerH layer = open_layer(path, &ds);
    const int code = OGR_FD_GetFieldIndex(OGR_L_GetLayerDefn(layer), "code");
    if (code < 0) die("has no column code", path);
    c->g = GEOS_init_r();
    c->tree = GEOSSTRtree_create_r(c->g, 10);
    c->items = calloc((size_t)OGR_L_GetFeatureCount(layer, 1) + 1, sizeof *c->items);
    for (OGRFeatureH f; (f = OGR_L_GetNextFeature(layer)); OGR_F_Destroy(f)) {
        OGRGeometryH geometry = OGR_F_GetGeometryRef(f);
        const int size = OGR_G_WkbSize(geometry);
        unsigned char *wkb = malloc((size_t)size);
        if (!wkb) die("out of memory", path);
        (void)OGR_G_ExportToWkb(geometry, wkbNDR, wkb);
        struct item *it = &c->items[c->n++];
        it->shape = GEOSGeomFromWKB_buf_r(c->g, wkb, (size_t)size);
        it->ready = GEOSPrepare_r(c->g, it->shape);
        (void)snprintf(it->code, sizeof it->code, "%s", OGR_F_GetFieldAsString(f, code));
        GEOSSTRtree_insert_r(c->g, c->tree, it->shape, it);
        free(wkb);
    }
    (void)GDALClose(ds);
}

static void finish_cover(cover *c)
{
    for (size_t i = 0; i < c->n; i++) {
        GEOSPreparedGeom_destroy_r(c->g, c->items[i].ready);
        GEOSGeom_destroy_r(c->g, c->items[i].shape);
    }
    GEOSSTRtree_destroy_r(c->g, c->tree);
    GEOS_finish_r(c->g);
    free(c->items);
}

typedef struct ask {
    const cover *c;
    const GEOSGeometry *point;
    const char *said;
    bool found, boundary, said_is_there;
} ask;

static void visit(void *item, void *user)
{
    struct item *it = item;
    ask *a = user;
    if (!GEOSPreparedIntersects_r(a->c->g, it->ready, a->point)) return;
    if (!GEOSPreparedContains_r(a->c->g, it->ready, a->point)) {
        a->boundary = true;
        return;
    }
    a->found = true;
    if (strcmp(it->code, a->said) == 0) a->said_is_there = true;
}

/* Splits a line of CSV without quotes in place. */
static size_t split(char *line, char **field)
{
    size_t n = 0;
    line[strcspn(line, "\r\n")] = '\0';
    for (char *at = line; at && n < FIELDS_MAX; n++) {
        field[n] = at;
        at = strchr(at, ',');
        if (at) *at++ = '\0';
    }
    return n;
}

static size_t column_of(char **field, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(field[i], name) == 0) return i;
    }
    die("no such column in the answers", name);
    return 0;
}

static int compare(const char *path, const char *answers, const char *column)
{
    static char line[65536];
    char *field[FIELDS_MAX];
    cover c = {0};
    long n = 0, on_boundary = 0, outside = 0, different = 0;
    read_cover(path, &c);
    FILE *f = fopen(answers, "r");
    if (!f || !fgets(line, sizeof line, f)) die("cannot be read", answers);
    size_t n_fields = split(line, field);
    const size_t lon = column_of(field, n_fields, "lon"), lat = column_of(field, n_fields, "lat");
    const size_t code = column_of(field, n_fields, column);
    while (fgets(line, sizeof line, f)) {
        n_fields = split(line, field);
        if (n_fields <= code) continue;
        GEOSGeometry *p =
            GEOSGeom_createPointFromXY_r(c.g, strtod(field[lon], NULL), strtod(field[lat], NULL));
        ask a = {.c = &c, .point = p, .said = field[code]};
        GEOSSTRtree_query_r(c.g, c.tree, p, visit, &a);
        GEOSGeom_destroy_r(c.g, p);
        n++;
        outside += !a.found && !a.boundary;
        on_boundary += a.boundary;
        if (a.boundary) continue;
        if (a.found ? !a.said_is_there : field[code][0] != '\0') {
            different++;
            (void)fprintf(stderr, "%s,%s: said \"%s\", GEOS disagrees\n", field[lon], field[lat],
                          field[code]);
        }
    }
    (void)fclose(f);
    (void)printf("%ld points against %zu polygons: %ld different, %ld on a boundary, %ld outside\n",
                 n, c.n, different, on_boundary, outside);
    finish_cover(&c);
    return different > 0 || n == 0;
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "points") == 0) {
        write_points(argv[2], strtol(argv[3], NULL, 10), strtoull(argv[4], NULL, 10));
        return 0;
    }
    if (argc == 5 && strcmp(argv[1], "compare") == 0) return compare(argv[2], argv[3], argv[4]);
    (void)fprintf(stderr,
                  "usage: locate_oracle points FILE N SEED | compare FILE ANSWERS COLUMN\n");
    return 2;
}
