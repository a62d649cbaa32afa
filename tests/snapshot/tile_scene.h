/* The two models that the tests of tiles draw, compiled and opened. */
#ifndef XW_TEST_TILE_SCENE_H
#define XW_TEST_TILE_SCENE_H

#include "snapshot/tile_town.h"
#include "support/test.h"
#include "support/toy_model.h"
#include "tiles/mvt_decode.h"
#include "xiwang/tile.h"

typedef struct scene {
    xw_model m;
    xw_snapshot *s;
    uint32_t x0, y0, x1, y1; /* tiles of the zoom at hand */
} scene;

extern scene town, toy;

/* Group set-up and tear-down of both. */
int scenes_set_up(void **state);
int scenes_tear_down(void **state);

/* Compiles and opens c->m; the caller closes c->s. */
void scene_open(scene *c, const char *name);
/* The tiles that hold the model at a zoom. */
void scene_frame(scene *c, unsigned z);
/* Draws and decodes one; a tile that breaks the specification fails the test. */
mvt_tile scene_draw(const scene *c, unsigned z, uint32_t x, uint32_t y);

#endif
