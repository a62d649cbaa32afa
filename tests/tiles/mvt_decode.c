#include "tiles/mvt_decode.h"

#include <stdlib.h>
#include <string.h>

typedef struct reader {
    const unsigned char *p, *end;
    const char **fault;
} reader;

static void *grown(void *array, size_t n, size_t size)
{
    void *out = realloc(array, (n + 1) * size);
    if (!out) abort();
    memset((char *)out + n * size, 0, size);
    return out;
}
#define ADD(array, n) ((array) = grown((array), (n), sizeof *(array)), &(array)[(n)++])

static uint64_t bad(reader *r, const char *why)
{
    if (!*r->fault) *r->fault = why;
    r->p = r->end;
    return 0;
}

static uint64_t varint(reader *r)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (r->p == r->end) return bad(r, "varint is cut");
        const unsigned char b = *r->p++;
        v |= (uint64_t)(b & 0x7F) << shift;
        if (b < 0x80) return v;
    }
    return bad(r, "varint is too long");
}

static reader sub(reader *r)
{
    const uint64_t n = varint(r);
    reader out = {r->p, r->p, r->fault};
    if (n > (uint64_t)(r->end - r->p)) {
        (void)bad(r, "message is cut");
        return out;
    }
    out.end = r->p += n;
    return out;
}

static char *text(reader *r)
{
    const reader s = sub(r);
    const size_t n = (size_t)(s.end - s.p);
    char *out = malloc(n + 1);
    if (!out) abort();
    memcpy(out, s.p, n);
    out[n] = '\0';
    return out;
}

static uint64_t fixed(reader *r, size_t n)
{
    uint64_t v = 0;
    if ((size_t)(r->end - r->p) < n) return bad(r, "number is cut");
    for (size_t i = 0; i < n; i++) v |= (uint64_t)r->p[i] << (8 * i);
    r->p += n;
    return v;
}

static void skip(reader *r, uint64_t field)
{
    switch (field & 7) {
    case 0:
        (void)varint(r);
        break;
    case 1:
        (void)fixed(r, 8);
        break;
    case 2:
        (void)sub(r);
        break;
    case 5:
        (void)fixed(r, 4);
        break;
    default:
        (void)bad(r, "unknown wire type");
    }
}

static void read_value(reader r, mvt_value *v)
{
    int n = 0;
    while (r.p < r.end) {
        const uint64_t field = varint(&r);
        uint64_t bits;
        float f;
        n++;
        free(v->s); /* a value of several kinds is bad; the last counts */
        v->s = NULL;
        switch (field) {
        case 1 << 3 | 2:
            *v = (mvt_value){.type = 's', .s = text(&r)};
            break;
        case 2 << 3 | 5: {
            const uint32_t half = (uint32_t)fixed(&r, 4);
            memcpy(&f, &half, 4);
            *v = (mvt_value){.type = 'f', .r = f};
            break;
        }
        case 3 << 3 | 1:
            bits = fixed(&r, 8);
            v->type = 'd';
            memcpy(&v->r, &bits, 8);
            break;
        case 4 << 3:
        case 5 << 3:
            bits = varint(&r);
            *v = (mvt_value){.type = 'i', .i = (int64_t)bits, .r = (double)(int64_t)bits};
            break;
        case 6 << 3: {
            bits = varint(&r);
            const int64_t i = (int64_t)(bits >> 1) ^ -(int64_t)(bits & 1);
            *v = (mvt_value){.type = 'i', .i = i, .r = (double)i};
            break;
        }
        case 7 << 3:
            bits = varint(&r);
            *v = (mvt_value){.type = 'b', .i = bits != 0, .r = bits != 0};
            break;
        default:
            (void)bad(&r, "4.1: unknown kind of value");
        }
    }
    if (n != 1) (void)bad(&r, "4.1: a value has one field");
}

static void read_pt(reader *r, int32_t pen[2])
{
    for (int k = 0; k < 2; k++) {
        const uint64_t v = varint(r);
        pen[k] += (int32_t)((v >> 1) ^ -(v & 1));
    }
}

static int64_t area2_of(const mvt_path *p)
{
    int64_t sum = 0;
    for (size_t i = 0, j = p->n - 1; i < p->n; j = i++) {
        sum += (int64_t)p->pts[j][0] * p->pts[i][1] - (int64_t)p->pts[i][0] * p->pts[j][1];
    }
    return sum;
}

static void add_vertex(mvt_path *p, const int32_t pen[2])
{
    int32_t(*v)[2] = ADD(p->pts, p->n);
    (*v)[0] = pen[0];
    (*v)[1] = pen[1];
}

static void check_path(reader *r, const mvt_feature *f, const mvt_path *p, bool closed)
{
    if (f->type == 2 && (p->n < 2 || closed)) (void)bad(r, "4.3.4.3: line");
    if (f->type != 3) return;
    if (!closed || p->n < 3) (void)bad(r, "4.3.4.4: ring is not closed or too short");
    if (p->area2 == 0) (void)bad(r, "4.3.4.4: ring without area");
    if (p == f->paths && p->area2 < 0) (void)bad(r, "4.3.4.4: the first ring is a hole");
}

static void read_geometry(reader r, mvt_feature *f)
{
    int32_t pen[2] = {0, 0};
    while (r.p < r.end) {
        const uint64_t head = varint(&r);
        if ((head & 7) != 1 || head >> 3 == 0) (void)bad(&r, "4.3.4: geometry starts with MoveTo");
        if (f->type != 1 && head >> 3 != 1) (void)bad(&r, "4.3.4: MoveTo of several");
        mvt_path *p = ADD(f->paths, f->n_paths);
        for (uint64_t i = head >> 3; i > 0 && r.p < r.end; i--) {
            read_pt(&r, pen);
            add_vertex(p, pen);
        }
        if (f->type == 1) {
            if (r.p < r.end) (void)bad(&r, "4.3.4.2: a point is one command");
            continue;
        }
        const uint64_t line = varint(&r);
        if ((line & 7) != 2 || line >> 3 == 0) (void)bad(&r, "4.3.4: no LineTo");
        for (uint64_t i = line >> 3; i > 0 && r.p < r.end; i--) {
            const int32_t before[2] = {pen[0], pen[1]};
            read_pt(&r, pen);
            if (before[0] == pen[0] && before[1] == pen[1]) (void)bad(&r, "4.3.3.2: no step");
            add_vertex(p, pen);
        }
        const bool closed = f->type == 3 && r.p < r.end && *r.p == (1 << 3 | 7);
        if (closed) r.p++;
        p->area2 = area2_of(p);
        check_path(&r, f, p, closed);
    }
}

static void read_feature(reader r, mvt_feature *f)
{
    reader geometry = {r.end, r.end, r.fault};
    while (r.p < r.end) {
        const uint64_t field = varint(&r);
        switch (field) {
        case 1 << 3:
            f->id = varint(&r);
            break;
        case 2 << 3 | 2:
            for (reader t = sub(&r); t.p < t.end;) {
                const uint32_t v = (uint32_t)varint(&t);
                *ADD(f->tags, f->n_tags) = v;
            }
            break;
        case 3 << 3:
            f->type = (unsigned)varint(&r);
            break;
        case 4 << 3 | 2:
            geometry = sub(&r);
            break;
        default:
            skip(&r, field);
        }
    }
    if (f->type < 1 || f->type > 3) (void)bad(&r, "4.3.4: type");
    if (geometry.p == geometry.end) (void)bad(&r, "4.2: feature without geometry");
    read_geometry(geometry, f);
}

static void check_layer(reader *r, const mvt_layer *l)
{
    if (!l->name) (void)bad(r, "4.1: layer without name");
    if (l->version != 2) (void)bad(r, "4.1: version");
    if (l->n_features == 0) (void)bad(r, "4.1: layer without features");
    for (size_t i = 0; i < l->n_keys; i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(l->keys[i], l->keys[k]) == 0) (void)bad(r, "4.1: key twice");
        }
    }
    for (size_t i = 0; i < l->n_features; i++) {
        const mvt_feature *f = &l->features[i];
        if (f->n_tags % 2) (void)bad(r, "4.4: odd tags");
        for (size_t k = 0; k + 1 < f->n_tags; k += 2) {
            if (f->tags[k] >= l->n_keys || f->tags[k + 1] >= l->n_values) {
                (void)bad(r, "4.4: tag out of range");
            }
            for (size_t m = 0; m < k; m += 2) {
                if (f->tags[m] == f->tags[k]) (void)bad(r, "4.4: key twice in a feature");
            }
        }
    }
}

static void read_layer(reader r, mvt_layer *l)
{
    l->extent = 4096;
    l->version = 1;
    while (r.p < r.end) {
        const uint64_t field = varint(&r);
        switch (field) {
        case 1 << 3 | 2:
            free(l->name);
            l->name = text(&r);
            break;
        case 2 << 3 | 2:
            read_feature(sub(&r), ADD(l->features, l->n_features));
            break;
        case 3 << 3 | 2:
            *ADD(l->keys, l->n_keys) = text(&r);
            break;
        case 4 << 3 | 2:
            read_value(sub(&r), ADD(l->values, l->n_values));
            break;
        case 5 << 3:
            l->extent = (uint32_t)varint(&r);
            break;
        case 15 << 3:
            l->version = (uint32_t)varint(&r);
            break;
        default:
            skip(&r, field);
        }
    }
    check_layer(&r, l);
}

mvt_tile mvt_decode(const void *bytes, size_t n)
{
    mvt_tile t = {0};
    const char *fault = NULL;
    reader r = {bytes, bytes, &fault};
    if (n > 0) r.end += n;
    while (r.p < r.end) {
        const uint64_t field = varint(&r);
        if (field == (3 << 3 | 2)) {
            read_layer(sub(&r), ADD(t.layers, t.n_layers));
        } else {
            skip(&r, field);
        }
    }
    for (size_t i = 0; i < t.n_layers && !fault; i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(t.layers[i].name, t.layers[k].name) == 0) fault = "4.1: layer name twice";
        }
    }
    t.fault = fault;
    return t;
}

void mvt_free(mvt_tile *t)
{
    for (size_t i = 0; i < t->n_layers; i++) {
        mvt_layer *l = &t->layers[i];
        for (size_t k = 0; k < l->n_features; k++) {
            for (size_t m = 0; m < l->features[k].n_paths; m++) free(l->features[k].paths[m].pts);
            free(l->features[k].paths);
            free(l->features[k].tags);
        }
        for (size_t k = 0; k < l->n_keys; k++) free(l->keys[k]);
        for (size_t k = 0; k < l->n_values; k++) free(l->values[k].s);
        free(l->features);
        free(l->keys);
        free(l->values);
        free(l->name);
    }
    free(t->layers);
    *t = (mvt_tile){0};
}

const mvt_layer *mvt_find(const mvt_tile *t, const char *layer)
{
    for (size_t i = 0; i < t->n_layers; i++) {
        if (strcmp(t->layers[i].name, layer) == 0) return &t->layers[i];
    }
    return NULL;
}

const mvt_value *mvt_get(const mvt_layer *l, const mvt_feature *f, const char *key)
{
    for (size_t i = 0; i + 1 < f->n_tags; i += 2) {
        if (strcmp(l->keys[f->tags[i]], key) == 0) return &l->values[f->tags[i + 1]];
    }
    return NULL;
}

const char *mvt_text(const mvt_layer *l, const mvt_feature *f, const char *key)
{
    const mvt_value *v = mvt_get(l, f, key);
    return v && v->s ? v->s : "";
}

double mvt_number(const mvt_layer *l, const mvt_feature *f, const char *key)
{
    const mvt_value *v = mvt_get(l, f, key);
    return v && v->type != 's' ? v->r : -1e9;
}
