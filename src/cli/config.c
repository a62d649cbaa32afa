#include "config.h"

#include <glib.h>
#include <string.h>

typedef struct reader {
    const char *path;
    GKeyFile *file;
    xw_error *err;
    xw_status st;
} reader;

static void fail_at(reader *r, const char *group, const char *key, const char *why)
{
    if (r->st) return;
    r->st = xw_fail(r->err, XW_INPUT, "%s: [%s] %s: %s", r->path, group, key, why);
}

/* Refuses what nobody reads. */
static void only_keys(reader *r, const char *group, const char *const *known)
{
    char **keys = g_key_file_get_keys(r->file, group, NULL, NULL);
    for (char **k = keys; k && *k; k++) {
        bool found = false;
        for (const char *const *n = known; *n; n++) found = found || strcmp(*k, *n) == 0;
        if (!found) fail_at(r, group, *k, "no such key");
    }
    g_strfreev(keys);
}

/* A value that is there but cannot be read (a wrong escape) is an error; none is fine. */
static void fail_unless_absent(reader *r, const char *group, const char *key, GError *e)
{
    if (e && e->code != G_KEY_FILE_ERROR_KEY_NOT_FOUND &&
        e->code != G_KEY_FILE_ERROR_GROUP_NOT_FOUND) {
        fail_at(r, group, key, e->message);
    }
    g_clear_error(&e);
}

static char *get_text(reader *r, const char *group, const char *key)
{
    GError *e = NULL;
    char *v = g_key_file_get_string(r->file, group, key, &e);
    fail_unless_absent(r, group, key, e);
    return v;
}

static char **get_list(reader *r, const char *group, const char *key, gsize *n)
{
    GError *e = NULL;
    char **v = g_key_file_get_string_list(r->file, group, key, n, &e);
    fail_unless_absent(r, group, key, e);
    return v;
}

static void read_text(reader *r, const char *group, const char *key, char *out, size_t size)
{
    char *v = get_text(r, group, key);
    if (!v) return;
    if (strlen(v) >= size) fail_at(r, group, key, "longer than allowed");
    (void)g_strlcpy(out, v, size);
    g_free(v);
}

static void read_number(reader *r, const char *group, const char *key, uint32_t most, uint32_t *out)
{
    char *v = get_text(r, group, key);
    if (!v) return;
    guint64 n = 0;
    if (g_ascii_string_to_unsigned(v, 10, 1, most, &n, NULL)) {
        *out = (uint32_t)n;
    } else {
        fail_at(r, group, key, "is not a whole number in range");
    }
    g_free(v);
}

/* The profile of the command line goes before that of the file. */
static void read_profile(reader *r, const char *asked, xw_grids_config *c)
{
    char *name = get_text(r, "levels", "profile");
    const xw_profile *p = name ? xw_profile_find(name) : NULL;
    if (name && !p)
        fail_at(r, "levels", "profile", "no such profile (xiwang build --profile list)");
    if (p && !asked) *c = p->config;
    g_free(name);
}

/* The bits of the classes that are listed, instead of those that were there; none is a list too. */
static void read_classes(reader *r, const char *group, const char *key, uint32_t *bits)
{
    char **names = get_list(r, group, key, NULL);
    if (names) *bits = 0;
    for (char **n = names; n && *n; n++) {
        const unsigned cls = xw_class_find(*n);
        if (cls == XW_CLASS_NONE) {
            fail_at(r, group, key, *n);
        } else {
            *bits |= UINT32_C(1) << cls;
        }
    }
    g_strfreev(names);
}

/* [costs]: what a metre of boundary along a class costs, 1 being a boundary inside a block. */
static void read_costs(reader *r, xw_grids_config *c)
{
    char **keys = g_key_file_get_keys(r->file, "costs", NULL, NULL);
    for (char **k = keys; k && *k; k++) {
        const unsigned cls = xw_class_find(*k);
        GError *e = NULL;
        const double v = g_key_file_get_double(r->file, "costs", *k, &e);
        if (cls == XW_CLASS_NONE) fail_at(r, "costs", *k, "no such class");
        if (e || !(v >= 0 && v <= 100)) fail_at(r, "costs", *k, "is not a number from 0 to 100");
        g_clear_error(&e);
        if (r->st) break;
        c->priced |= UINT32_C(1) << cls;
        c->cost[cls] = (float)v;
    }
    g_strfreev(keys);
}

static void read_levels(reader *r, xw_grids_config *c)
{
    static const char *const order_key[] = {"order", "profile", NULL};
    static const char *const level_keys[] = {"name", "cap", "digits", "floor", "never", NULL};
    if (g_key_file_has_group(r->file, "levels")) only_keys(r, "levels", order_key);
    const xw_grids_config old = *c;
    gsize n = 0;
    char **keys = get_list(r, "levels", "order", &n);
    if (keys && (n == 0 || n > XW_LEVELS_MAX)) fail_at(r, "levels", "order", "1 to 8 levels");
    for (gsize i = 0; keys && i < n && i < XW_LEVELS_MAX; i++) {
        xw_level_rule *l = &c->levels[i];
        *l = (xw_level_rule){.cap = 10, .code_width = 2};
        for (uint32_t k = 0; k < old.n_levels; k++) {
            if (strcmp(old.levels[k].key, keys[i]) == 0) *l = old.levels[k];
        }
        if (strlen(keys[i]) >= sizeof l->key) fail_at(r, "levels", "order", "key too long");
        (void)g_strlcpy(l->key, keys[i], sizeof l->key);
        if (!l->name[0]) (void)g_strlcpy(l->name, keys[i], sizeof l->name);
    }
    if (keys) c->n_levels = (uint32_t)n;
    g_strfreev(keys);
    for (uint32_t i = 0; i < c->n_levels && !r->st; i++) {
        xw_level_rule *l = &c->levels[i];
        char group[48];
        (void)g_snprintf(group, sizeof group, "level %s", l->key);
        if (!g_key_file_has_group(r->file, group)) continue;
        only_keys(r, group, level_keys);
        read_text(r, group, "name", l->name, sizeof l->name);
        read_number(r, group, "cap", 1000000, &l->cap);
        read_number(r, group, "digits", 9, &l->code_width);
        read_number(r, group, "floor", 1000000, &l->floor);
        read_classes(r, group, "never", &l->never);
    }
}

static const char *keep_text(reader *r, xw__config *c, const char *group, const char *key)
{
    char *v = get_text(r, group, key);
    if (!v) return NULL;
    if (c->n_texts == sizeof c->texts / sizeof *c->texts) {
        g_free(v);
        return NULL;
    }
    return c->texts[c->n_texts++] = v;
}

static void read_columns(reader *r, xw__config *c, xw_import_options *o)
{
    static const char *const keys[] = {"households", "floors", "height",        "name", "use",
                                       "class",      "code",   "division_name", NULL};
    if (!g_key_file_has_group(r->file, "columns")) return;
    only_keys(r, "columns", keys);
    const char **to[] = {&o->col_households, &o->col_floors, &o->col_height, &o->col_name,
                         &o->col_use,        &o->col_class,  &o->col_code,   &o->col_division_name};
    for (size_t i = 0; keys[i]; i++) {
        const char *v = keep_text(r, c, "columns", keys[i]);
        if (v) *to[i] = v;
    }
}

static void read_barriers(reader *r, xw__config *c, xw_import_options *o)
{
    static const char *const keys[] = {"classes", "paths", NULL};
    if (!g_key_file_has_group(r->file, "barriers")) return;
    only_keys(r, "barriers", keys);
    if (g_key_file_has_key(r->file, "barriers", "paths", NULL)) {
        GError *e = NULL;
        o->paths = g_key_file_get_boolean(r->file, "barriers", "paths", &e);
        if (e) fail_at(r, "barriers", "paths", "is not true or false");
        g_clear_error(&e);
    }
    read_classes(r, "barriers", "classes", &c->plots.barrier_classes);
    if (c->plots.barrier_classes) {
        c->plots.barrier_classes |= UINT32_C(1) << XW_CLASS_DIVISION;
    }
}

/* encoding, crs, and crs_roads, crs_buildings … for one layer. */
static void read_input(reader *r, xw__config *c, xw_import_options *o)
{
    static const char *const keys[] = {"encoding", "crs",
#define X(name, text) "crs_" text,
                                       XW_ROLE_MAP(X)
#undef X
                                           NULL};
    if (!g_key_file_has_group(r->file, "input")) return;
    only_keys(r, "input", keys);
    const char *encoding = keep_text(r, c, "input", "encoding");
    const char *crs = keep_text(r, c, "input", "crs");
    if (encoding) o->encoding = encoding;
    if (crs) o->crs = crs;
    for (size_t i = 0; i < XW_ROLE_COUNT; i++) {
        const char *of = keep_text(r, c, "input", keys[2 + i]);
        if (of) o->crs_of[i] = of;
    }
}

static void read_exclusive(reader *r, xw__config *c, xw_import_options *o)
{
    static const char *const keys[] = {"kinds", NULL};
    if (!g_key_file_has_group(r->file, "exclusive")) return;
    only_keys(r, "exclusive", keys);
    char **kinds = get_list(r, "exclusive", "kinds", NULL);
    for (char **k = kinds; k && *k; k++) {
        if (!xw_exclusive_kind_known(*k)) fail_at(r, "exclusive", "kinds", *k);
    }
    g_strfreev(kinds);
    o->exclusive_kinds = keep_text(r, c, "exclusive", "kinds");
}

static void read_groups(reader *r, const xw__config *c)
{
    char **groups = g_key_file_get_groups(r->file, NULL);
    for (char **g = groups; g && *g; g++) {
        bool known = strcmp(*g, "net") == 0 || strcmp(*g, "levels") == 0 ||
                     strcmp(*g, "columns") == 0 || strcmp(*g, "barriers") == 0 ||
                     strcmp(*g, "input") == 0 || strcmp(*g, "exclusive") == 0 ||
                     strcmp(*g, "costs") == 0;
        for (uint32_t i = 0; i < c->grids.n_levels && !known; i++) {
            known = g_str_has_prefix(*g, "level ") && strcmp(*g + 6, c->grids.levels[i].key) == 0;
        }
        if (!known) fail_at(r, *g, "", "no such group");
    }
    g_strfreev(groups);
}

/* GKeyFile would take a value in another encoding for an absent one, and a byte order mark for a
 * part of the first line. */
static bool load(reader *r)
{
    char *text = NULL;
    const char *bad = NULL;
    gsize n = 0;
    GError *e = NULL;
    if (g_file_get_contents(r->path, &text, &n, &e)) {
        const gsize mark = n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
        if (!g_utf8_validate(text, (gssize)n, &bad)) {
            unsigned line = 1;
            for (const char *c = text; c < bad; c++) line += *c == '\n';
            r->st = xw_fail(r->err, XW_INPUT, "%s: line %u is not UTF-8", r->path, line);
        } else {
            (void)g_key_file_load_from_data(r->file, text + mark, n - mark, G_KEY_FILE_NONE, &e);
        }
    }
    if (e) {
        r->st = xw_fail(r->err, e->domain == G_FILE_ERROR ? XW_NOT_FOUND : XW_INPUT, "%s: %s",
                        r->path, e->message);
    }
    g_clear_error(&e);
    g_free(text);
    return !r->st;
}

xw_status xw__config_read(const char *path, const char *profile, xw__config *c,
                          xw_import_options *import, xw_error *err)
{
    static const char *const net_keys[] = {"code", "name", NULL};
    const xw_profile *p = profile ? xw_profile_find(profile) : xw_profile_at(0);
    *c = (xw__config){.grids = xw_grids_default()};
    if (!p) {
        return xw_fail(err, XW_USAGE, "profile %.60s: no such profile (--profile list shows all)",
                       profile);
    }
    c->grids = p->config;
    c->plots.slice_households = c->grids.levels[c->grids.n_levels - 1].cap;
    if (!path) return XW_OK;
    reader r = {.path = path, .file = g_key_file_new(), .err = err};
    if (load(&r)) {
        read_profile(&r, profile, &c->grids);
        if (g_key_file_has_group(r.file, "net")) only_keys(&r, "net", net_keys);
        read_text(&r, "net", "code", c->grids.net, sizeof c->grids.net);
        read_text(&r, "net", "name", c->grids.net_name, sizeof c->grids.net_name);
        read_levels(&r, &c->grids);
        read_columns(&r, c, import);
        read_barriers(&r, c, import);
        read_input(&r, c, import);
        read_exclusive(&r, c, import);
        read_costs(&r, &c->grids);
        read_groups(&r, c);
        if (!r.st && xw_grids_config_check(&c->grids, err)) {
            r.st = xw_fail_within(err, XW_INPUT, "%s", path);
        }
        if (!r.st) c->plots.slice_households = c->grids.levels[c->grids.n_levels - 1].cap;
    }
    g_key_file_free(r.file);
    if (r.st) xw__config_finish(c);
    return r.st;
}

void xw__config_finish(xw__config *c)
{
    for (unsigned i = 0; i < c->n_texts; i++) g_free(c->texts[i]);
    c->n_texts = 0;
}
