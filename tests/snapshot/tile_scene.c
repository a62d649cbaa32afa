#include "snapshot/tile_scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char dir[] = "/tmp/xw-tile-XXXXXX";

scene town, toy;

void scene_open(scene *c, const char *name)
{
    char path[64];
    xw_error err = {XW_OK, ""};
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    if (xw_snapshot_write(&c->m, path, NULL, &err) || xw_snapshot_open(path, &c->s, &err)) {
        fail_msg("%s", err.text);
    }
    (void)unlink(path);
}

int scenes_set_up(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("tile");
    if (!mkdtemp(dir) || !tile_town_make(&town.m, &r) || !toy_model_make(&toy.m)) return -1;
    scene_open(&town, "town");
    scene_open(&toy, "toy");
    return 0;
}

int scenes_tear_down(void **state)
{
    (void)state;
    xw_snapshot_close(town.s);
    xw_snapshot_close(toy.s);
    xw_model_finish(&town.m);
    xw_model_finish(&toy.m);
    return rmdir(dir);
}

void scene_frame(scene *c, unsigned z)
{
    const xw_box b = xw_model_box(&c->m);
    xw_tile_of(z, (xw_pt){b.min.x, b.max.y}, &c->x0, &c->y0);
    xw_tile_of(z, (xw_pt){b.max.x, b.min.y}, &c->x1, &c->y1);
}

mvt_tile scene_draw(const scene *c, unsigned z, uint32_t x, uint32_t y)
{
    xw_buf b;
    xw_error err = {XW_OK, ""};
    xw_buf_init(&b, 1 << 26);
    if (xw_tile_draw(c->s, z, x, y, &b, &err)) fail_msg("%s", err.text);
    mvt_tile t = mvt_decode(b.data, b.n);
    if (t.fault) fail_msg("tile %u/%u/%u: %s", z, x, y, t.fault);
    xw_buf_finish(&b);
    return t;
}
