set(XW_SOURCES answer.c answer_json.c compile.c disc.c hash.c query.c snapshot.c tile.c tile_grids.c tile_layers.c tile_ranks.c tile_schema.c tile_shades.c
    tile_shape.c tree.c write.c)
