#include "xiwang/grids.h"

#include <string.h>

xw_grids_config xw_grids_default(void) { return xw_profile_at(0)->config; }

/* A text of at least one byte that ends within its array. */
static bool filled(const char *text, size_t size)
{
    return text[0] != '\0' && memchr(text, '\0', size) != NULL;
}

static bool is_key(const char *key, size_t size)
{
    if (!filled(key, size)) return false;
    for (const char *c = key; *c; c++) {
        const bool letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z');
        if (!letter && !(*c >= '0' && *c <= '9') && *c != '_') return false;
    }
    return true;
}

static xw_status check_level(const xw_grids_config *c, uint32_t i, xw_error *err)
{
    const xw_level_rule *l = &c->levels[i];
    if (!is_key(l->key, sizeof l->key)) {
        return xw_fail(err, XW_INPUT, "level %u: a key is letters, digits and _", i);
    }
    for (uint32_t j = 0; j < i; j++) {
        if (strcmp(l->key, c->levels[j].key) == 0) {
            return xw_fail(err, XW_INPUT, "level %u: key %s is taken by level %u", i, l->key, j);
        }
    }
    if (!filled(l->name, sizeof l->name)) {
        return xw_fail(err, XW_INPUT, "level %s: no name", l->key);
    }
    if (l->cap == 0) return xw_fail(err, XW_INPUT, "level %s: cap 0", l->key);
    if (l->floor > l->cap) {
        return xw_fail(err, XW_INPUT, "level %s: floor %u above the cap %u", l->key, l->floor,
                       l->cap);
    }
    if (l->code_width < 1 || l->code_width > 6) {
        return xw_fail(err, XW_INPUT, "level %s: code width %u is not 1 to 6", l->key,
                       l->code_width);
    }
    uint64_t codes = 1;
    for (uint32_t d = 0; d < l->code_width; d++) codes *= 10;
    if (i > 0 && c->levels[i - 1].cap >= codes) {
        return xw_fail(err, XW_INPUT, "level %s: %u digits cannot number %u in one %s", l->key,
                       l->code_width, c->levels[i - 1].cap, c->levels[i - 1].key);
    }
    return XW_OK;
}

xw_status xw_grids_config_check(const xw_grids_config *c, xw_error *err)
{
    if (c->n_levels == 0 || c->n_levels > XW_LEVELS_MAX) {
        return xw_fail(err, XW_INPUT, "%u levels, must be 1 to %d", c->n_levels, XW_LEVELS_MAX);
    }
    for (uint32_t i = 0; i < c->n_levels; i++) {
        const xw_status st = check_level(c, i, err);
        if (st) return st;
    }
    if (!is_key(c->net, sizeof c->net)) {
        return xw_fail(err, XW_INPUT, "net: a key is letters, digits and _");
    }
    if (!filled(c->net_name, sizeof c->net_name)) {
        return xw_fail(err, XW_INPUT, "net %s: no name", c->net);
    }
    return XW_OK;
}
