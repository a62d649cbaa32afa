set(XW_SOURCES answer.c answer_around.c answer_brief.c answer_json.c compile.c disc.c hash.c query.c snapshot.c tile.c tile_grids.c tile_layers.c tile_ranks.c tile_schema.c tile_shades.c
    tile_shape.c tree.c write.c picture.c picture_borders.c picture_frame.c picture_labels.c picture_layers.c picture_lines.c picture_shape.c picture_svg.c)
