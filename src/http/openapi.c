/* /openapi.json, made from the table of routes and the columns of the collections, so that it says
 * what there is and nothing else. */
#include "internal.h"

#include <string.h>

enum { DOCUMENT_MAX = 8 << 20 };

/* Facts of a parameter; paths take theirs from the same list. */
typedef struct fact {
    const char *name, *schema, *text;
    bool in_path;
    const char *key; /* among the components; NULL: the name */
} fact;

#define STR "{\"type\":\"string\"}"
static const fact facts[] = {
    {"collectionId", STR, "Id of a collection, see /collections", true, NULL},
    {"featureId", STR, "Id of a feature; grids go by their code too", true, NULL},
    {"revision", STR, "current, a revision's number, or number-digest as /tiles.json says", true,
     NULL},
    {"z", "{\"type\":\"integer\",\"minimum\":0,\"maximum\":22}", "Zoom", true, NULL},
    {"x", "{\"type\":\"integer\",\"minimum\":0}", "Column from the west", true, NULL},
    {"y", "{\"type\":\"integer\",\"minimum\":0}", "Row from the north", true, NULL},
    {"code", STR, "Code of a grid at any level", true, NULL},
    {"eventId", "{\"type\":\"integer\",\"minimum\":1}", "Id of an event", true, NULL},
    {"grid", STR, "Code of a grid: events bound to it or to any grid below it", false, NULL},
    {"category", STR, "service_code of the events", false, NULL},
    {"status", "{\"type\":\"string\",\"enum\":[\"open\",\"closed\"]}", "Status of the events",
     false, NULL},
    {"from", "{\"type\":\"string\",\"format\":\"date-time\"}",
     "Earliest requested_datetime, included", false, NULL},
    {"to", "{\"type\":\"string\",\"format\":\"date-time\"}",
     "Latest requested_datetime, not included", false, NULL},
    {"after", "{\"type\":\"integer\",\"minimum\":0}",
     "Like the header Last-Event-ID: only events behind this one, the stored ones too", false,
     NULL},
    {"f", "{\"type\":\"string\",\"enum\":[\"json\"]}", "Format of the answer", false, NULL},
    {"limit", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":10000,\"default\":100}",
     "Most features in one answer; more than the maximum counts as the maximum", false, NULL},
    {"offset", "{\"type\":\"integer\",\"minimum\":0,\"default\":0}",
     "Features to pass over, in the fixed order of the collection", false, NULL},
    {"cursor", STR, "Where to go on, from a link of an answer; not together with offset", false,
     NULL},
    {"bbox",
     "{\"type\":\"array\",\"oneOf\":[{\"minItems\":4,\"maxItems\":4},{\"minItems\":6,\"maxItems\":"
     "6}],"
     "\"items\":{\"type\":\"number\"}}",
     "West, south, east, north in degrees (CRS84): features whose geometry meets the box", false,
     NULL},
    {"bbox-crs",
     "{\"type\":\"string\",\"enum\":[\"http://www.opengis.net/def/crs/OGC/1.3/CRS84\"]}",
     "CRS of bbox", false, NULL},
    {"crs", "{\"type\":\"string\"}",
     "CRS: of features only http://www.opengis.net/def/crs/OGC/1.3/CRS84; of a point wgs84, "
     "cgcs2000, "
     "gcj02, bd09 or EPSG:n",
     false, NULL},
    {"datetime", STR,
     "RFC 3339 time, date or interval: the revision in force then (at the end of an interval) "
     "answers",
     false, NULL},
    {"time", STR,
     "RFC 3339 time or date (its first second in UTC): the revision in force then "
     "answers; without it the one in force now",
     false, NULL},
    {"revision", STR, "Number of the revision that answers, or number-digest; not with a time",
     false, "revision.query"},
    {"lon", "{\"type\":\"number\"}", "Longitude, or easting of the CRS (GET only)", false, NULL},
    {"lat", "{\"type\":\"number\"}", "Latitude, or northing of the CRS (GET only)", false, NULL},
    {"accuracy", "{\"type\":\"number\",\"minimum\":0,\"maximum\":10000,\"default\":0}",
     "Radius in metres in which the true place is", false, NULL},
    {"floor", "{\"type\":\"integer\",\"minimum\":-1000,\"maximum\":1000}",
     "Floor of the building, 1 is the ground floor", false, NULL},
    {"snap", "{\"type\":\"number\",\"minimum\":0,\"maximum\":20,\"default\":0}",
     "A point in no building but within so many metres of one belongs to it", false, NULL},
    {"nearest", "{\"type\":\"number\",\"minimum\":0,\"maximum\":1000,\"default\":0}",
     "A point outside gets the nearest grid within so many metres; rule and distance_m say so",
     false, NULL},
    {"custody", "{\"type\":\"boolean\",\"default\":false}",
     "On a carriageway the grid that looks after the road answers", false, NULL},
    {"answer", "{\"type\":\"string\",\"enum\":[\"full\",\"short\"],\"default\":\"full\"}",
     "short (POST only): code, certain_to, probability and rule of the finest grid, and no more",
     false, NULL},
    {"net", STR,
     "Key of the net that answers, where several are served; all (the default of GET /locate "
     "without revision; POST: full answers in JSON or NDJSON): the first, the others under nets",
     false, NULL},
    {"fields", STR,
     "The members of the full answer that are wanted, parted by commas: levels,rule,certain_to",
     false, NULL},
    {"q", "{\"type\":\"string\",\"maxLength\":255}", "A piece of a name, an address or a code",
     false, NULL},
};

static const fact *find_fact(const char *name, size_t n, bool in_path)
{
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        if (facts[i].in_path != in_path) continue;
        if (strlen(facts[i].name) == n && memcmp(facts[i].name, name, n) == 0) return &facts[i];
    }
    return NULL;
}

static void parameter(xw_json *j, const fact *f)
{
    xw_json_open(j, '{');
    xw_json_kstr(j, "name", f->name);
    xw_json_kstr(j, "in", f->in_path ? "path" : "query");
    xw_json_kbool(j, "required", f->in_path);
    xw_json_kstr(j, "description", f->text);
    xw_json_key(j, "schema");
    xw_json_raw(j, f->schema);
    if (strcmp(f->name, "bbox") == 0) {
        xw_json_kstr(j, "style", "form");
        xw_json_kbool(j, "explode", false);
    }
    xw_json_close(j, '}');
}

static const char *key_of(const fact *f) { return f->key ? f->key : f->name; }

static void reference(xw_json *j, const fact *f)
{
    char ref[100];
    (void)snprintf(ref, sizeof ref, "#/components/parameters/%s", key_of(f));
    xw_json_open(j, '{');
    xw_json_kstr(j, "$ref", ref);
    xw_json_close(j, '}');
}

/* Equality on the columns of one collection. */
static void columns(const xw__collection *c, xw_json *j)
{
    size_t n;
    const xw_column *cols = xw_table_columns(c->table, &n);
    for (size_t i = 0; i < n; i++) {
        xw_json_open(j, '{');
        xw_json_kstr(j, "name", cols[i].name);
        xw_json_kstr(j, "in", "query");
        xw_json_kbool(j, "required", false);
        xw_json_kstr(j, "description", cols[i].zh);
        xw_json_key(j, "schema");
        xw_json_raw(j, cols[i].type == XW_COL_INT    ? "{\"type\":\"integer\"}"
                       : cols[i].type == XW_COL_REAL ? "{\"type\":\"number\"}"
                                                     : STR);
        xw_json_kstr(j, "style", "form");
        xw_json_kbool(j, "explode", false);
        xw_json_close(j, '}');
    }
}

static void parameters(const xw__route *r, const xw__collection *c, xw_json *j)
{
    xw_json_key(j, "parameters");
    xw_json_open(j, '[');
    for (const char *s = r->pattern; (s = strchr(s, '{')) != NULL;) {
        const size_t n = strcspn(++s, "}");
        const fact *f = find_fact(s, n, true);
        if (f && !(c && strcmp(f->name, "collectionId") == 0)) reference(j, f);
    }
    for (const char *s = r->params ? r->params : ""; *s;) {
        const size_t n = strcspn(s, " ");
        const fact *f = find_fact(s, n, false);
        if (f) reference(j, f);
        s += n + (s[n] == ' ');
    }
    if (c && r->flags & XW__COLUMNS) columns(c, j);
    xw_json_close(j, ']');
}

static void answer(xw_json *j, const char *status, const char *text, const char *type)
{
    xw_json_key(j, status);
    xw_json_open(j, '{');
    xw_json_kstr(j, "description", text);
    if (type) {
        xw_json_key(j, "content");
        xw_json_open(j, '{');
        xw_json_key(j, type);
        const bool json = strstr(type, "json") != NULL;
        const bool problem = strstr(type, "problem") != NULL;
        xw_json_raw(j, problem ? "{\"schema\":{\"$ref\":\"#/components/schemas/problem\"}}"
                       : json  ? "{\"schema\":{\"type\":\"object\"}}"
                               : "{\"schema\":{\"type\":\"string\"}}");
        xw_json_close(j, '}');
    }
    xw_json_close(j, '}');
}

#define TEXT_BODY(type, what) \
    ",\"" type "\":{\"schema\":{\"type\":\"string\",\"description\":\"" what "\"}}"
static const char body_of_points[] =
    "{\"required\":true,\"description\":\"Of any size, also with Content-Encoding gzip; the answer "
    "has the same form. Headers Xiwang-Points and Xiwang-Errors count what was answered.\","
    "\"content\":{\"application/json\":{\"schema\":{\"type\":\"array\","
    "\"items\":{\"type\":\"array\",\"minItems\":2,"
    "\"maxItems\":3,\"items\":{\"type\":\"number\"}},\"example\":[[119.1,26.1]]}},"
    "\"application/geo+json\":{\"schema\":{\"type\":\"object\",\"description\":\"A "
    "FeatureCollection; its features come back with code_LEVEL, certain_to, rule, probability or "
    "error among their properties\"}}" TEXT_BODY(
        "application/x-ndjson",
        "One [lon,lat] or {lon,lat,accuracy,floor,time,id} a line; a bad line is answered "
        "{line,error} and the rest goes on")
        TEXT_BODY("text/csv", "A header with lon,lat and perhaps accuracy, floor, time; the same "
                              "columns come back with "
                              "code_LEVEL, certain_to, rule, probability, error")
            TEXT_BODY(
                "application/vnd.xiwang.points",
                "Little-endian: XWPT, version 1 (uint8), kind (uint8: 0 int32 pairs of 1e-7 "
                "degree, "
                "1 float64 pairs), two zero bytes, number of points (uint64, all bits set: to the "
                "end), the points lon,lat. Answer: XWGX, 1, 2, two zero bytes, the number, then a "
                "uint32 a point: index in /locate/grids, 0xFFFFFFFF for none") "}}";
static const char body_of_events[] =
    "{\"required\":true,\"content\":{\"application/json\":{\"schema\":{\"type\":\"object\","
    "\"required\":[\"service_code\",\"lat\",\"long\"],\"additionalProperties\":false,"
    "\"properties\":{\"service_code\":{\"type\":\"string\",\"maxLength\":64},"
    "\"lat\":{\"type\":\"number\"},\"long\":{\"type\":\"number\"},"
    "\"crs\":{\"type\":\"string\"},\"accuracy\":{\"type\":\"number\"},"
    "\"floor\":{\"type\":\"integer\"},\"requested_datetime\":{\"type\":\"string\","
    "\"format\":\"date-time\"},\"source\":{\"type\":\"string\",\"maxLength\":64},"
    "\"source_event_id\":{\"type\":\"string\",\"maxLength\":128},"
    "\"status\":{\"type\":\"string\",\"enum\":[\"open\",\"closed\"]},"
    "\"address_string\":{\"type\":\"string\",\"maxLength\":255},"
    "\"description\":{\"type\":\"string\",\"maxLength\":500},"
    "\"jurisdiction_id\":{\"type\":\"string\"}}}},"
    "\"application/x-ndjson\":{\"schema\":{\"type\":\"string\"}}}}";

static void operation(const xw__route *r, const xw__collection *c, bool post, xw_json *j)
{
    char id[200];
    size_t n = 0;
    const char *name = c && r->flags & XW__COLUMNS ? c->id : "";
    n += (size_t)snprintf(id, sizeof id, "%s%s", post ? "post" : "get", name);
    for (const char *s = r->pattern; *s && n + 1 < sizeof id; s++) {
        const bool word = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z');
        id[n++] = (char)(word ? *s : '_');
    }
    id[n] = '\0';
    xw_json_key(j, post ? "post" : "get");
    xw_json_open(j, '{');
    xw_json_kstr(j, "operationId", id);
    xw_json_kstr(j, "summary", r->summary);
    parameters(r, c, j);
    if (post) {
        xw_json_key(j, "requestBody");
        xw_json_raw(j, strcmp(r->pattern, "/events") == 0 ? body_of_events : body_of_points);
    }
    xw_json_key(j, "responses");
    xw_json_open(j, '{');
    answer(j, "200", r->summary, r->type);
    if (r->flags & XW__TILE) answer(j, "204", "Nothing is drawn there", NULL);
    if (r->flags & XW__SNAPSHOT && !post) answer(j, "304", "As the client has it", NULL);
    answer(j, "400", "A parameter is wrong; the text names it", "application/problem+json");
    if (strchr(r->pattern, '{'))
        answer(j, "404", "There is no such thing", "application/problem+json");
    if (post && strcmp(r->pattern, "/events") == 0) {
        answer(j, "201", "The event is on the disk; 200: it was before", r->type);
        answer(j, "409", "The key belongs to another event", "application/problem+json");
        answer(j, "422", "The place is in no grid", "application/problem+json");
    }
    if (post) answer(j, "413", "More than is read at once", "application/problem+json");
    xw_json_close(j, '}');
    xw_json_close(j, '}');
}

static void path(const xw__route *r, const xw__collection *c, xw_json *j)
{
    char text[200];
    (void)snprintf(text, sizeof text, "%s", r->pattern);
    const char *id = strstr(r->pattern, "{collectionId}");
    if (c && id) {
        (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(id - r->pattern), r->pattern, c->id,
                       id + strlen("{collectionId}"));
    }
    xw_json_key(j, text);
    xw_json_open(j, '{');
    if (r->get) operation(r, c, false, j);
    if (r->post) operation(r, c, true, j);
    xw_json_close(j, '}');
}

static void components(xw_json *j)
{
    xw_json_key(j, "components");
    xw_json_open(j, '{');
    xw_json_key(j, "parameters");
    xw_json_open(j, '{');
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        xw_json_key(j, key_of(&facts[i]));
        parameter(j, &facts[i]);
    }
    xw_json_close(j, '}');
    xw_json_key(j, "schemas");
    xw_json_raw(j, "{\"problem\":{\"type\":\"object\",\"description\":\"RFC 9457\",\"required\":["
                   "\"type\",\"title\",\"status\"],\"properties\":{\"type\":{\"type\":\"string\"},"
                   "\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},\"detail\":{"
                   "\"type\":\"string\"}}}}");
    xw_json_close(j, '}');
}

void xw__get_openapi(xw__cx *cx, xw_http_response *rs)
{
    char scratch[300];
    size_t n;
    const xw__route *routes = xw__routes(&n);
    xw__collection all[XW_TABLE_COUNT + XW_LEVELS_MAX];
    const size_t n_all = xw__collections(cx->m, all);
    const char *name = xw_model_text(cx->m, cx->m->name);
    const char *base = xw__base_url(cx, scratch);
    xw_json j = xw__json_body(rs, "application/vnd.oai.openapi+json;version=3.0", DOCUMENT_MAX);
    xw_json_open(&j, '{');
    xw_json_kstr(&j, "openapi", "3.0.3");
    xw_json_key(&j, "info");
    xw_json_open(&j, '{');
    xw_json_kstr(&j, "title", *name ? name : "Xiwang 细网");
    xw_json_kstr(&j, "version", XW_VERSION);
    xw_json_kstr(&j, "description", "Nested grids of households along roads and buildings");
    xw_json_close(&j, '}');
    xw_json_key(&j, "servers");
    xw_json_open(&j, '[');
    xw_json_open(&j, '{');
    xw_json_kstr(&j, "url", *base ? base : "/");
    xw_json_close(&j, '}');
    xw_json_close(&j, ']');
    xw_json_key(&j, "paths");
    xw_json_open(&j, '{');
    for (size_t i = 0; i < n; i++) {
        if (routes[i].flags & XW__HIDDEN) continue;
        path(&routes[i], NULL, &j);
        /* once more for each collection, with its columns as parameters */
        for (size_t k = 0; k < n_all && routes[i].flags & XW__COLUMNS; k++) {
            path(&routes[i], &all[k], &j);
        }
    }
    xw_json_close(&j, '}');
    components(&j);
    xw_json_close(&j, '}');
}
