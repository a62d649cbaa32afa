set(XW_SOURCES build.c build_input.c build_each.c build_part.c build_run.c check.c common.c config.c csv.c draw.c events.c events_import.c events_map.c events_tally.c export.c export_graph.c export_ogr.c locate.c locate_address.c locate_bulk.c locate_csv.c main.c open_store.c
    report.c revisions.c sample.c serve.c tiles.c)
list(APPEND XW_SOURCES export_crosswalk.c rebuild.c)
