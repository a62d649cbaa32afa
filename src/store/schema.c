/* The tables of OGC GeoPackage 1.3 (12-128r17) with its extensions for spatial indexes
 * (gpkg_rtree_index) and for names and titles of columns (gpkg_schema). */
#include "internal.h"

static const char base_tables[] =
    "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY "
    "KEY,"
    " organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL,"
    " definition TEXT NOT NULL, description TEXT);"
    "INSERT INTO gpkg_spatial_ref_sys VALUES"
    "('Undefined cartesian SRS',-1,'NONE',-1,'undefined','undefined cartesian'),"
    "('Undefined geographic SRS',0,'NONE',0,'undefined','undefined geographic'),"
    "('WGS 84 geodetic',4326,'EPSG',4326,'GEOGCS[\"WGS 84\",DATUM[\"WGS_1984\","
    "SPHEROID[\"WGS 84\",6378137,298.257223563,AUTHORITY[\"EPSG\",\"7030\"]],"
    "AUTHORITY[\"EPSG\",\"6326\"]],PRIMEM[\"Greenwich\",0,AUTHORITY[\"EPSG\",\"8901\"]],"
    "UNIT[\"degree\",0.0174532925199433,AUTHORITY[\"EPSG\",\"9122\"]],"
    "AXIS[\"Latitude\",NORTH],AXIS[\"Longitude\",EAST],AUTHORITY[\"EPSG\",\"4326\"]]',"
    "'longitude/latitude in degrees on the WGS 84 ellipsoid'),"
    "('China Geodetic Coordinate System 2000',4490,'EPSG',4490,"
    "'GEOGCS[\"China Geodetic Coordinate System 2000\",DATUM[\"China_2000\","
    "SPHEROID[\"CGCS2000\",6378137,298.257222101,AUTHORITY[\"EPSG\",\"1024\"]],"
    "AUTHORITY[\"EPSG\",\"1043\"]],PRIMEM[\"Greenwich\",0,AUTHORITY[\"EPSG\",\"8901\"]],"
    "UNIT[\"degree\",0.0174532925199433,AUTHORITY[\"EPSG\",\"9122\"]],"
    "AXIS[\"Latitude\",NORTH],AXIS[\"Longitude\",EAST],AUTHORITY[\"EPSG\",\"4490\"]]',"
    "'longitude/latitude in degrees, CGCS2000');"

    "CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL,"
    " identifier TEXT UNIQUE, description TEXT DEFAULT '',"
    " last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),"
    " min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,"
    " CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));"

    "CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,"
    " geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL,"
    " m TINYINT NOT NULL, CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),"
    " CONSTRAINT uk_gc_table_name UNIQUE (table_name),"
    " CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),"
    " CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));"

    "CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,"
    " definition TEXT NOT NULL, scope TEXT NOT NULL,"
    " CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));"

    "CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,"
    " name TEXT, title TEXT, description TEXT, mime_type TEXT, constraint_name TEXT,"
    " CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),"
    " CONSTRAINT gdc_tn UNIQUE (table_name, name));"

    "CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL,"
    " constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN,"
    " max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,"
    " CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));"

    "INSERT INTO gpkg_extensions VALUES"
    "('gpkg_data_columns',NULL,'gpkg_schema',"
    "'http://www.geopackage.org/spec121/#extension_schema','read-write'),"
    "('gpkg_data_column_constraints',NULL,'gpkg_schema',"
    "'http://www.geopackage.org/spec121/#extension_schema','read-write');";

xw_status xw__schema_reopen(const xw__db *db, xw_error *err)
{
    /* The file is new and private until it is renamed: nothing to roll back, nothing to share. */
    return xw__sql_exec(db,
                        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
                        "PRAGMA locking_mode=EXCLUSIVE; BEGIN;",
                        err);
}

xw_status xw__schema_create(const xw__db *db, xw_error *err)
{
    xw_status st = xw__sql_exec(db,
                                "PRAGMA page_size=4096; PRAGMA encoding='UTF-8';"
                                "PRAGMA auto_vacuum=NONE; PRAGMA application_id=0x47504B47;"
                                "PRAGMA user_version=10300;",
                                err);
    if (!st) st = xw__schema_reopen(db, err);
    return st ? st : xw__sql_exec(db, base_tables, err);
}

static const char *geometry_name(xw_table t)
{
    switch (xw_table_kind(t)) {
    case XW_WKB_POINT:
        return "POINT";
    case XW_WKB_LINE:
        return "LINESTRING";
    default:
        return "MULTIPOLYGON";
    }
}

xw_status xw__schema_layer(const xw__db *db, xw_table t, const char *layer, xw_error *err)
{
    size_t n;
    const xw_column *columns = xw_table_columns(t, &n);
    sqlite3_str *sql = sqlite3_str_new(db->sql);
    sqlite3_str_appendf(sql,
                        "CREATE TABLE \"%w\" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,"
                        " geom %s",
                        layer, geometry_name(t));
    for (size_t i = 0; i < n; i++) {
        sqlite3_str_appendf(sql, ", \"%w\" %s", columns[i].name,
                            columns[i].type == XW_COL_INT    ? "INTEGER"
                            : columns[i].type == XW_COL_REAL ? "REAL"
                                                             : "TEXT");
    }
    sqlite3_str_appendall(sql, ")");
    char *text = sqlite3_str_finish(sql);
    if (!text) return xw_fail(err, XW_NOMEM, "layer %s", layer);
    const xw_status st = xw__sql_exec(db, text, err);
    sqlite3_free(text);
    return st;
}

/* Chinese labels; QGIS and GDAL show them as aliases. */
static xw_status name_columns(const xw__db *db, xw_table t, const char *layer, xw_error *err)
{
    size_t n;
    const xw_column *columns = xw_table_columns(t, &n);
    for (size_t i = 0; i < n; i++) {
        const xw_status st = xw__sql_execf(
            db, err, "INSERT INTO gpkg_data_columns VALUES(%Q,%Q,%Q,%Q,NULL,NULL,NULL)", layer,
            columns[i].name, columns[i].zh, columns[i].zh);
        if (st) return st;
    }
    return XW_OK;
}

xw_status xw__schema_register(const xw__db *db, xw_table t, const char *layer, const char *title,
                              xw_box box, const char *when, xw_error *err)
{
    xw_status st = xw__sql_execf(
        db, err,
        "INSERT INTO gpkg_contents(table_name,data_type,identifier,description,last_change,srs_id)"
        " VALUES(%Q,'features',%Q,%Q,%Q,%d);"
        "INSERT INTO gpkg_geometry_columns VALUES(%Q,'geom','%s',%d,0,0);"
        "INSERT INTO gpkg_extensions VALUES(%Q,'geom','gpkg_rtree_index',"
        "'http://www.geopackage.org/spec120/#extension_rtree','write-only')",
        layer, layer, title, when, XW__SRS, layer, geometry_name(t), XW__SRS, layer);
    if (!st && !xw_box_is_empty(box)) {
        st = xw__sql_execf(db, err,
                           "UPDATE gpkg_contents SET min_x=%!.17g,min_y=%!.17g,max_x=%!.17g,"
                           "max_y=%!.17g WHERE table_name=%Q",
                           xw_deg(box.min.x), xw_deg(box.min.y), xw_deg(box.max.x),
                           xw_deg(box.max.y), layer);
    }
    return st ? st : name_columns(db, t, layer, err);
}

xw_status xw__schema_triggers(const xw__db *db, const char *layer, xw_error *err)
{
    static const char put[] = " INSERT OR REPLACE INTO \"rtree_%w_geom\" VALUES (NEW.\"fid\","
                              " ST_MinX(NEW.\"geom\"), ST_MaxX(NEW.\"geom\"),"
                              " ST_MinY(NEW.\"geom\"), ST_MaxY(NEW.\"geom\"));";
    static const struct {
        const char *name, *event, *when, *forget; /* forget: rows that leave the index first */
        bool puts;
    } triggers[] = {
        {"insert", "INSERT", "NEW.\"geom\" NOT NULL AND NOT ST_IsEmpty(NEW.\"geom\")", NULL, true},
        {"update1", "UPDATE OF \"geom\"",
         "OLD.\"fid\" = NEW.\"fid\" AND (NEW.\"geom\" NOTNULL AND NOT ST_IsEmpty(NEW.\"geom\"))",
         NULL, true},
        {"update2", "UPDATE OF \"geom\"",
         "OLD.\"fid\" = NEW.\"fid\" AND (NEW.\"geom\" ISNULL OR ST_IsEmpty(NEW.\"geom\"))",
         "id = OLD.\"fid\"", false},
        {"update3", "UPDATE",
         "OLD.\"fid\" != NEW.\"fid\" AND (NEW.\"geom\" NOTNULL AND NOT ST_IsEmpty(NEW.\"geom\"))",
         "id = OLD.\"fid\"", true},
        {"update4", "UPDATE",
         "OLD.\"fid\" != NEW.\"fid\" AND (NEW.\"geom\" ISNULL OR ST_IsEmpty(NEW.\"geom\"))",
         "id IN (OLD.\"fid\", NEW.\"fid\")", false},
        {"delete", "DELETE", "OLD.\"geom\" NOT NULL", "id = OLD.\"fid\"", false},
    };
    for (size_t i = 0; i < sizeof triggers / sizeof *triggers; i++) {
        sqlite3_str *sql = sqlite3_str_new(db->sql);
        sqlite3_str_appendf(sql,
                            "CREATE TRIGGER \"rtree_%w_geom_%s\" AFTER %s ON \"%w\" WHEN %s BEGIN",
                            layer, triggers[i].name, triggers[i].event, layer, triggers[i].when);
        if (triggers[i].forget) {
            sqlite3_str_appendf(sql, " DELETE FROM \"rtree_%w_geom\" WHERE %s;", layer,
                                triggers[i].forget);
        }
        if (triggers[i].puts) sqlite3_str_appendf(sql, put, layer);
        sqlite3_str_appendall(sql, " END");
        char *text = sqlite3_str_finish(sql);
        const xw_status st =
            text ? xw__sql_exec(db, text, err) : xw_fail(err, XW_NOMEM, "layer %s", layer);
        sqlite3_free(text);
        if (st) return st;
    }
    return XW_OK;
}

xw_status xw__schema_attributes(const xw__db *db, const char *table, const char *title,
                                const char *when, xw_error *err)
{
    return xw__sql_execf(db, err,
                         "INSERT INTO gpkg_contents(table_name,data_type,identifier,description,"
                         "last_change,srs_id) VALUES(%Q,'attributes',%Q,%Q,%Q,0)",
                         table, table, title, when);
}
