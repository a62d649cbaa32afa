set(XW_SOURCES
  addresses.c barriers.c buildings.c classes.c codes.c divisions.c dwellings.c extent.c import.c
  layers.c layers_land.c osm.c osm_conf.c repair.c shape.c source.c value.c
)
