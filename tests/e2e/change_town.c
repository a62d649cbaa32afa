/* Changes a made-up town, as time does: houses come beside others, houses go, families come and go,
 * a new road is drawn through a block. The layers are those of `xiwang sample`.
 *   change_town IN.gpkg OUT.gpkg SEED NEW GONE OTHER ROADS
 * NEW, GONE, OTHER: buildings per thousand; ROADS: how many. Prints what was changed. */
#include "xiwang/rng.h"

#include <gdal.h>
#include <math.h>
#include <ogr_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct town {
    OGRLayerH houses, roads;
    xw_rng rng;
    unsigned seed, per_mille[3], n_roads;
    unsigned made, gone, other, drawn;
} town;

static bool copy_file(const char *from, const char *to)
{
    char bytes[1 << 16];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    bool ok = in && out;
    for (size_t n; ok && (n = fread(bytes, 1, sizeof bytes, in)) > 0;) {
        ok = fwrite(bytes, 1, n, out) == n;
    }
    if (in) (void)fclose(in);
    return (!out || fclose(out) == 0) && ok;
}

static double metre_x(double lat) { return 1 / (111320 * cos(lat * 3.14159265358979 / 180)); }
static double metre_y(void) { return 1 / 110574.0; }

static void set_text(OGRFeatureH f, const char *field, const char *value)
{
    const int i = OGR_F_GetFieldIndex(f, field);
    if (i >= 0) OGR_F_SetFieldString(f, i, value);
}

static void set_number(OGRFeatureH f, const char *field, int value)
{
    const int i = OGR_F_GetFieldIndex(f, field);
    if (i >= 0) OGR_F_SetFieldInteger(f, i, value);
}

/* A house of 6 to 8 m two metres beside a box. */
static bool build_beside(town *t, const OGREnvelope *box)
{
    const double mx = metre_x(box->MinY), my = metre_y();
    const double a = (6 + xw_rng_below(&t->rng, 3)) / 2.0;
    const uint32_t side = xw_rng_below(&t->rng, 4);
    double x = (box->MinX + box->MaxX) / 2, y = (box->MinY + box->MaxY) / 2;
    if (side < 2) x = side == 0 ? box->MinX - (a + 2) * mx : box->MaxX + (a + 2) * mx;
    if (side >= 2) y = side == 2 ? box->MinY - (a + 2) * my : box->MaxY + (a + 2) * my;
    OGRGeometryH ring = OGR_G_CreateGeometry(wkbLinearRing), g = OGR_G_CreateGeometry(wkbPolygon);
    for (int i = 0; i < 5; i++) {
        const double dx = (i % 4 == 1 || i % 4 == 2) ? a : -a, dy = i % 4 >= 2 ? a : -a;
        OGR_G_AddPoint_2D(ring, x + dx * mx, y + dy * my);
    }
    (void)OGR_G_AddGeometryDirectly(g, ring);
    OGRFeatureH f = OGR_F_Create(OGR_L_GetLayerDefn(t->houses));
    char id[48];
    (void)snprintf(id, sizeof id, "new-%u-%u", t->seed, t->made);
    set_text(f, "building_id", id);
    set_text(f, "use", "house");
    set_number(f, "households", 1 + (int)xw_rng_below(&t->rng, 2));
    set_number(f, "floors", 2);
    (void)OGR_F_SetGeometryDirectly(f, g);
    const bool ok = OGR_L_CreateFeature(t->houses, f) == OGRERR_NONE;
    OGR_F_Destroy(f);
    t->made += ok;
    return ok;
}

/* 150 m of lane a few metres beside a box. */
static bool draw_road(town *t, const OGREnvelope *box)
{
    const double mx = metre_x(box->MinY), my = metre_y(), x = box->MaxX + 3 * mx;
    OGRGeometryH line = OGR_G_CreateGeometry(wkbLineString);
    OGR_G_AddPoint_2D(line, x, box->MinY - 75 * my);
    OGR_G_AddPoint_2D(line, x + 10 * mx, box->MinY + 75 * my);
    OGRFeatureH f = OGR_F_Create(OGR_L_GetLayerDefn(t->roads));
    set_text(f, "class", "residential");
    set_text(f, "name", "新路");
    (void)OGR_F_SetGeometryDirectly(f, line);
    const bool ok = OGR_L_CreateFeature(t->roads, f) == OGRERR_NONE;
    OGR_F_Destroy(f);
    t->drawn += ok;
    return ok;
}

static bool other_households(town *t, OGRFeatureH f)
{
    const int i = OGR_F_GetFieldIndex(f, "households"), was = OGR_F_GetFieldAsInteger(f, i);
    OGR_F_SetFieldInteger(f, i, was > 1 && xw_rng_below(&t->rng, 2) ? was - 1 : was + 1);
    t->other++;
    return OGR_L_SetFeature(t->houses, f) == OGRERR_NONE;
}

static bool change_house(town *t, GIntBig fid)
{
    OGRFeatureH f = OGR_L_GetFeature(t->houses, fid);
    if (!f) return true;
    bool ok = true;
    OGREnvelope box;
    OGR_G_GetEnvelope(OGR_F_GetGeometryRef(f), &box);
    const bool inhabited = OGR_F_GetFieldAsInteger(f, OGR_F_GetFieldIndex(f, "households")) > 0;
    if (t->drawn < t->n_roads && xw_rng_below(&t->rng, 100) == 0) ok = draw_road(t, &box);
    if (xw_rng_below(&t->rng, 1000) < t->per_mille[0]) ok = build_beside(t, &box) && ok;
    if (xw_rng_below(&t->rng, 1000) < t->per_mille[1]) {
        ok = OGR_L_DeleteFeature(t->houses, fid) == OGRERR_NONE && ok;
        t->gone++;
    } else if (inhabited && xw_rng_below(&t->rng, 1000) < t->per_mille[2]) {
        ok = other_households(t, f) && ok;
    }
    OGR_F_Destroy(f);
    return ok;
}

int main(int argc, char **argv)
{
    town t = {0};
    if (argc != 8 || !copy_file(argv[1], argv[2])) {
        (void)fprintf(stderr, "change_town IN.gpkg OUT.gpkg SEED NEW GONE OTHER ROADS\n");
        return 2;
    }
    GDALAllRegister();
    t.seed = (unsigned)strtoul(argv[3], NULL, 10);
    t.rng.s = t.seed;
    for (int i = 0; i < 3; i++) t.per_mille[i] = (unsigned)strtoul(argv[4 + i], NULL, 10);
    t.n_roads = (unsigned)strtoul(argv[7], NULL, 10);
    GDALDatasetH d = GDALOpenEx(argv[2], GDAL_OF_VECTOR | GDAL_OF_UPDATE, NULL, NULL, NULL);
    if (!d) return 4;
    t.houses = GDALDatasetGetLayerByName(d, "buildings");
    t.roads = GDALDatasetGetLayerByName(d, "roads");
    bool ok = t.houses && t.roads && GDALDatasetStartTransaction(d, 0) == OGRERR_NONE;
    const GIntBig n = ok ? OGR_L_GetFeatureCount(t.houses, 1) : 0;
    for (GIntBig fid = 1; ok && fid <= n; fid++) ok = change_house(&t, fid);
    ok = ok && GDALDatasetCommitTransaction(d) == OGRERR_NONE;
    GDALClose(d);
    (void)printf("%u new, %u gone, %u with other households, %u roads\n", t.made, t.gone, t.other,
                 t.drawn);
    return ok ? 0 : 4;
}
