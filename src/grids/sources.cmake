set(XW_SOURCES table.c shape.c
  aggregate.c aggregate_merge.c check.c check_buildings.c check_grids.c check_map.c codes.c config.c
  graph.c grids.c profiles.c metrics.c refine.c refine_chain.c refine_fit.c refine_parts.c refine_split.c)
