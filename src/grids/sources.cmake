set(XW_SOURCES table.c shape.c
  aggregate.c aggregate_merge.c check.c check_buildings.c check_grids.c check_lineage.c check_map.c codes.c config.c
  graph.c grids.c metrics.c nest.c nest_chain.c nest_cut.c nest_cut_all.c nest_graph.c nest_inside.c
  nest_land.c nest_polish.c nest_strata.c refine.c refine_chain.c refine_fit.c
  refine_parts.c refine_split.c)
list(APPEND XW_SOURCES carve.c even.c exclusive.c profiles.c report.c report_parts.c rules.c check_roads.c)
list(APPEND XW_SOURCES rebuild.c rebuild_chain.c rebuild_codes.c rebuild_division.c rebuild_heal.c
  rebuild_lineage.c rebuild_match.c rebuild_report.c rebuild_room.c rebuild_torn.c rebuild_tower.c)
list(APPEND XW_SOURCES carve_land.c check_codes.c code.c crossings.c)
