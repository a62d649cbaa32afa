#include "xiwang/nets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_MAX = 64 };

typedef struct net {
    char key[KEY_MAX];
    xw_timeline *timeline;
    xw_timeline_watch *watch;
} net;

struct xw_nets {
    net main, others[XW_NETS_MAX];
    size_t n;
    char keys[(XW_NETS_MAX + 1) * (KEY_MAX + 2)];
};

static xw_status read_key(xw_timeline *t, char key[KEY_MAX], xw_error *err)
{
    xw_pin pin;
    const xw_status st = xw_timeline_pin_newest(t, &pin, err);
    if (st) return st;
    const xw_model *m = xw_snapshot_model(pin.snapshot);
    (void)snprintf(key, KEY_MAX, "%s", xw_model_text(m, m->net));
    xw_pin_release(&pin);
    return XW_OK;
}

static xw_status open_one(xw_nets *nets, const char *store, const xw_job *job, xw_error *err)
{
    if (nets->n == XW_NETS_MAX) {
        return xw_fail(err, XW_USAGE, "%s: more than %d nets beside the first", store, XW_NETS_MAX);
    }
    net *o = &nets->others[nets->n];
    xw_status st = xw_timeline_open(store, job, &o->timeline, err);
    if (st) return st;
    nets->n++;
    st = read_key(o->timeline, o->key, err);
    if (st) return st;
    if (xw_nets_find(nets, o->key) != o->timeline) {
        return xw_fail(err, XW_USAGE, "%s: there is a store with the net \"%s\" already", store,
                       o->key);
    }
    return XW_OK;
}

xw_status xw_nets_open(xw_timeline *main, const char *const *stores, size_t n, const xw_job *job,
                       xw_nets **out, xw_error *err)
{
    *out = NULL;
    xw_nets *nets = calloc(1, sizeof *nets);
    if (!nets) return xw_fail(err, XW_NOMEM, "nets");
    nets->main.timeline = main;
    xw_status st = read_key(main, nets->main.key, err);
    for (size_t i = 0; i < n && !st; i++) st = open_one(nets, stores[i], job, err);
    if (st) {
        xw_nets_close(nets);
        return st;
    }
    (void)snprintf(nets->keys, sizeof nets->keys, "%s", nets->main.key);
    for (size_t i = 0; i < nets->n; i++) {
        const size_t k = strlen(nets->keys);
        (void)snprintf(nets->keys + k, sizeof nets->keys - k, ", %s", nets->others[i].key);
    }
    *out = nets;
    return XW_OK;
}

void xw_nets_close(xw_nets *nets)
{
    if (!nets) return;
    for (size_t i = 0; i < nets->n; i++) {
        xw_timeline_watch_stop(nets->others[i].watch);
        xw_timeline_close(nets->others[i].timeline);
    }
    free(nets);
}

xw_status xw_nets_watch(xw_nets *nets, void (*tell)(void *user, const char *line), void *user,
                        xw_error *err)
{
    for (size_t i = 0; i < nets->n; i++) {
        net *o = &nets->others[i];
        const xw_status st = xw_timeline_watch_start(o->timeline, tell, user, &o->watch, err);
        if (st) return st;
    }
    return XW_OK;
}

const char *xw_nets_main(const xw_nets *nets) { return nets->main.key; }
const char *xw_nets_keys(const xw_nets *nets) { return nets->keys; }

xw_timeline *xw_nets_find(const xw_nets *nets, const char *key)
{
    if (strcmp(nets->main.key, key) == 0) return nets->main.timeline;
    for (size_t i = 0; i < nets->n; i++) {
        if (strcmp(nets->others[i].key, key) == 0) return nets->others[i].timeline;
    }
    return NULL;
}

xw_timeline *xw_nets_other(const xw_nets *nets, size_t i)
{
    return i < nets->n ? nets->others[i].timeline : NULL;
}

static xw_status put_others(const xw_nets *nets, const xw_answer *a, const xw_query *q, int64_t at,
                            unsigned fields, xw_json *j, xw_error *err)
{
    xw_query place = *q;
    place.crs = NULL;
    place.x = xw_deg(a->at.x);
    place.y = xw_deg(a->at.y);
    place.accuracy_m = a->accuracy_m;
    for (size_t i = 0; i < nets->n; i++) {
        xw_pin pin;
        xw_answer own;
        xw_status st = xw_timeline_pin_at(nets->others[i].timeline, at, &pin, err);
        if (st && st != XW_NOT_FOUND) return st;
        xw_json_key(j, nets->others[i].key);
        if (st) {
            xw_json_null(j);
            continue;
        }
        st = xw_answer_locate(pin.snapshot, &place, &own, err);
        if (!st) xw_answer_json_some(pin.snapshot, &own, pin.revision->valid_until, fields, j);
        xw_pin_release(&pin);
        if (st) return st;
    }
    return XW_OK;
}

xw_status xw_nets_json(const xw_nets *nets, const xw_answer *a, const xw_query *q, int64_t at,
                       unsigned fields, xw_buf *out, xw_error *err)
{
    if (out->failed || out->n < 2) return XW_OK; /* whoever made it tells */
    const bool empty = out->data[out->n - 2] == '{';
    out->data[--out->n] = '\0'; /* the brace that ends it */
    xw_json j = {out, !empty};
    xw_json_kstr(&j, "net", nets->main.key);
    xw_json_key(&j, "nets");
    xw_json_open(&j, '{');
    const xw_status st = put_others(nets, a, q, at, fields, &j, err);
    xw_json_close(&j, '}');
    xw_json_close(&j, '}');
    return st;
}
