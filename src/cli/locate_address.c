#include "locate_address.h"

#include <stdio.h>
#include <string.h>

static void print_match(const xw_snapshot *s, const xw_address_match *m, bool with_distance)
{
    const xw_model *model = xw_snapshot_model(s);
    const char *text =
        xw_model_text(model, m->address == XW_NONE ? model->buildings[m->building].name
                                                   : model->addresses[m->address].text);
    (void)printf("  %.3f  %s", m->score, text);
    if (m->plot != XW_NONE) {
        const xw_model_division *d = &model->divisions[model->plots[m->plot].division];
        (void)printf("  %s", xw_model_text(model, d->name));
    }
    if (m->grid != XW_NONE) {
        (void)printf("  %s", xw_model_text(model, model->grids[m->grid].code));
    } else {
        (void)printf("  %s", m->plot == XW_NONE ? "outside" : "several grids");
    }
    if (m->has_floor) (void)printf("  floor %d", m->floor);
    if (with_distance) (void)printf("  %.0f m away", m->distance_m);
    (void)printf("\n");
}

static void print_found(const xw_snapshot *s, const xw_address_found *f, bool used, bool has_point)
{
    if (f->n == 0) {
        (void)printf("no such address; the coordinate answers\n");
        return;
    }
    (void)printf("%s\n", used ? "address:" : "several addresses are like that:");
    for (uint32_t i = 0; i < f->n && (i == 0 || !used || f->choice == XW_ADDRESS_BY_NEAR); i++) {
        print_match(s, &f->matches[i], has_point);
    }
    if (!used && has_point) (void)printf("the coordinate answers\n");
}

static xw_status print_json(const xw_pin *pin, const xw_answer *a, const xw_address_found *f,
                            bool used, const locate_address *how, xw_error *err)
{
    xw_buf out;
    xw_buf_init(&out, 1 << 20);
    xw_json j = xw_json_on(&out);
    xw_address_answer_json(pin->snapshot, a, f, used, how->has_point, pin->revision->valid_until,
                           how->fields, &j);
    xw_buf_add(&out, "\n", 1);
    const xw_status st = xw_buf_status(&out, "the answer", err);
    if (!st) (void)fwrite(out.data, 1, out.n, stdout);
    xw_buf_finish(&out);
    return st;
}

xw_status xw__locate_address(xw_timeline *t, const xw_pin *pin, const locate_address *how,
                             xw_answer *out, bool *named, xw_error *err)
{
    xw_addresses *all;
    xw_address_index *ix = NULL;
    xw_address_found found = {.n = 0};
    bool used = false;
    *named = false;
    xw_status st = xw_addresses_create(t, how->store, false, how->job, &all, err);
    if (!st) st = xw_addresses_acquire(all, pin, &ix, err);
    if (!st) {
        st = xw_address_locate(ix, pin->snapshot, how->text, strlen(how->text), how->query,
                               how->has_point, &found, &used, named, out, err);
    }
    if (!st && how->json) {
        st = print_json(pin, *named ? out : NULL, &found, used, how, err);
    } else if (!st) {
        print_found(pin->snapshot, &found, used, how->has_point);
    }
    if (ix) xw_addresses_release(all, ix);
    xw_addresses_destroy(all);
    return st;
}
