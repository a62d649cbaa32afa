set(XW_SOURCES table.c shape.c
  aggregate.c aggregate_merge.c check.c check_buildings.c check_grids.c check_map.c codes.c config.c
  graph.c grids.c metrics.c nest.c nest_chain.c nest_cut.c nest_cut_all.c nest_graph.c nest_inside.c
  nest_land.c nest_polish.c nest_strata.c refine.c refine_chain.c refine_fit.c
  refine_parts.c refine_split.c)
list(APPEND XW_SOURCES carve.c even.c exclusive.c profiles.c report.c report_parts.c rules.c check_roads.c)
