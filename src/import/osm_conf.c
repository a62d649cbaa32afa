#include "internal.h"

/* What GDAL's OSM driver is told to read: only the keys the import asks about. Closed ways become
 * areas by the keys that mean one here; everything else (walls round a school, roundabouts) stays a
 * line. Colons in names become underscores. */
const char xw__osm_conf[] =
    "closed_ways_are_polygons=building,natural,landuse,boundary,waterway=riverbank,waterway=dock\n"
    "attribute_name_laundering=yes\n"
    "report_all_nodes=no\n"
    "report_all_ways=no\n"
    "[points]\n"
    "osm_id=yes\n"
    "attributes=addr:housenumber,addr:street,addr:place,addr:city,addr:full\n"
    "other_tags=no\n"
    "[lines]\n"
    "osm_id=yes\n"
    "attributes=name,highway,waterway,railway,barrier,area,bridge,tunnel,covered,service,footway\n"
    "other_tags=no\n"
    "[multipolygons]\n"
    "osm_id=yes\n"
    "attributes=name,boundary,admin_level,ref,building,building:levels,building:flats,height,"
    "natural,waterway,landuse,barrier,amenity,shop,office,tourism,man_made,addr:housenumber,"
    "addr:street,addr:place,addr:city,addr:full\n"
    "other_tags=no\n"
    "[multilinestrings]\n"
    "osm_id=yes\n"
    "attributes=name\n"
    "other_tags=no\n"
    "[other_relations]\n"
    "osm_id=yes\n"
    "attributes=name\n"
    "other_tags=no\n";
