/* A small independent reader of Mapbox vector tiles, for tests: it refuses whatever the
 * specification (2.1) does not allow, and names the paragraph. */
#ifndef XW_TEST_MVT_DECODE_H
#define XW_TEST_MVT_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct mvt_path { /* a point set, a line or a ring */
    int32_t (*pts)[2];
    size_t n;
    int64_t area2; /* of a ring: > 0 exterior */
} mvt_path;

typedef struct mvt_value {
    char type; /* 's' text, 'f' float, 'd' double, 'i' integer, 'b' bool */
    char *s;
    double r;
    int64_t i;
} mvt_value;

typedef struct mvt_feature {
    uint64_t id;
    unsigned type;
    uint32_t *tags; /* key, value, key, value … */
    size_t n_tags;
    mvt_path *paths;
    size_t n_paths;
} mvt_feature;

typedef struct mvt_layer {
    char *name;
    uint32_t extent, version;
    char **keys;
    mvt_value *values;
    mvt_feature *features;
    size_t n_keys, n_values, n_features;
} mvt_layer;

typedef struct mvt_tile {
    mvt_layer *layers;
    size_t n_layers;
    const char *fault; /* NULL: a valid tile */
} mvt_tile;

/* Never fails but by `fault`; the tile is to be freed in any case. */
mvt_tile mvt_decode(const void *bytes, size_t n);
void mvt_free(mvt_tile *t);

/* NULL when there is none. */
const mvt_layer *mvt_find(const mvt_tile *t, const char *layer);
const mvt_value *mvt_get(const mvt_layer *l, const mvt_feature *f, const char *key);
/* The text of an attribute, "" when it is missing or no text. */
const char *mvt_text(const mvt_layer *l, const mvt_feature *f, const char *key);
/* The number of an attribute; -1e9 when it is missing. */
double mvt_number(const mvt_layer *l, const mvt_feature *f, const char *key);

#endif
