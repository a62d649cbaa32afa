set(XW_SOURCES
  add.c addresses.c axes.c barriers.c buildings.c classes.c codes.c divisions.c doors.c dots.c dwellings.c
  exclusive.c extent.c footprints.c gaps.c import.c layers.c layers_land.c osm.c osm_conf.c part.c repair.c shape.c
  source.c strays.c tally.c value.c
  sample.c sample_arms.c sample_budget.c sample_canvas.c sample_city.c sample_divisions.c
  sample_edges.c sample_emit.c sample_heap.c sample_houses.c sample_lanes.c sample_names.c
  sample_place.c sample_plan.c sample_regions.c sample_routes.c sample_seats.c sample_village.c
  sample_waters.c sample_write.c sample_yards.c
)
