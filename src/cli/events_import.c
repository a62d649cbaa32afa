#include "events_import.h"

#include "events_tally.h"

#include "xiwang/address.h"
#include "xiwang/when.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 5000, ROW_MAX = 4 << 20, UNREAD_MAX = 1 << 20, STEP = 256, TIME = 6, ADDRESS = 10 };

typedef struct run {
    events_import *im;
    csv in;
    xw_timeline *timeline;
    xw_pin pin;
    xw_addresses *addresses;
    xw_address_index *index; /* of the pinned revision, or NULL */
    xw_events *events;       /* NULL: dry run */
    xw_events_batch *batch;
    unsigned long long lines[BATCH];
    events_tally tally;
    xw_buf json, text, unread;
    FILE *report;
    int64_t now;
} run;

static void put_quoted(FILE *f, const char *text, size_t n)
{
    (void)fputc('"', f);
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '"') (void)fputc('"', f);
        (void)fputc(text[i], f);
    }
    (void)fputc('"', f);
}

static void report(const run *r, unsigned long long line, const char *outcome, long long id,
                   const char *rule, const char *reason)
{
    if (!r->report) return;
    (void)fprintf(r->report, "%llu,%s,", line, outcome);
    if (id > 0) (void)fprintf(r->report, "%lld", id);
    (void)fprintf(r->report, ",%s,", rule);
    if (*reason) put_quoted(r->report, reason, strlen(reason));
    (void)fputc('\n', r->report);
}

static void refuse(run *r, unsigned long long line, const char *reason)
{
    xw__events_count_refused(&r->tally, reason, line);
    report(r, line, "refused", 0, "", reason);
}

static xw_status count_result(run *r, size_t i, xw_error *err)
{
    const xw_event_result e = xw_events_batch_result(r->batch, i);
    const char *rule = xw_events_batch_rule(r->batch, i);
    const bool bound = *rule != '\0';
    if (e.outcome == XW_EVENT_FAILED) {
        return xw_fail(err, XW_IO, "%s: %.*s", r->im->events, (int)e.size, e.text);
    }
    if (bound && (e.outcome == XW_EVENT_CREATED || e.outcome == XW_EVENT_REPEAT)) {
        const bool repeat = e.outcome == XW_EVENT_REPEAT;
        xw__events_count_taken(&r->tally, repeat, rule);
        report(r, r->lines[i], r->events ? (repeat ? "repeat" : "taken") : "would be taken", e.id,
               rule, "");
    } else {
        refuse(r, r->lines[i], e.text);
    }
    return XW_OK;
}

/* Writes what is in the batch and counts it. */
static xw_status flush(run *r, xw_error *err)
{
    xw_status st = XW_OK;
    const size_t n = r->batch ? xw_events_batch_size(r->batch) : 0;
    if (n > 0 && r->events) {
        xw_events_batch_submit(r->batch, NULL, NULL);
        xw_events_batch_wait(r->batch);
    }
    for (size_t i = 0; i < n && !st; i++) st = count_result(r, i, err);
    xw_events_batch_destroy(r->batch);
    r->batch = NULL;
    return st ? st : xw_events_batch_create(r->events, &r->batch, err);
}

/* The revision that the row is for. XW_NOT_FOUND: there was none then. */
static xw_status pin_for(run *r, xw_error *err)
{
    char when[40];
    int64_t at = r->now;
    if (!r->im->by_time) return XW_OK;
    xw_status st = xw__events_text(&r->im->map, TIME, &r->in, &r->text, err);
    if (st) return st;
    if (r->text.n > 0 && xw__events_time(&r->im->map, r->text.data, when)) {
        (void)xw_when_parse(when, &at);
    }
    if (r->pin.revision && r->pin.revision->effective_unix <= at &&
        at < r->pin.revision->valid_until) {
        return XW_OK;
    }
    if (r->index) xw_addresses_release(r->addresses, r->index);
    r->index = NULL;
    xw_pin_release(&r->pin);
    return xw_timeline_pin_at(r->timeline, at, &r->pin, err);
}

/* Where the address of a row without coordinates is. XW_INPUT: not to be said. */
static xw_status find_place(run *r, double place[2], bool *found, xw_error *err)
{
    static const size_t coordinates[] = {1, 2};
    xw_address_found f;
    *found = false;
    if (!r->im->find_addresses) return XW_OK;
    for (size_t k = 0; k < 2; k++) {
        const xw_status st = xw__events_text(&r->im->map, coordinates[k], &r->in, &r->text, err);
        if (st || r->text.n > 0) return st;
    }
    xw_status st = xw__events_text(&r->im->map, ADDRESS, &r->in, &r->text, err);
    if (st || r->text.n == 0) return st;
    if (!r->index) st = xw_addresses_acquire(r->addresses, &r->pin, &r->index, err);
    if (st) return st;
    const xw_address_query q = {.text = r->text.data, .n = r->text.n};
    st = xw_address_search(r->index, r->pin.snapshot, &q, &f, err);
    if (st == XW_INPUT || st == XW_NOT_FOUND) {
        return xw_fail(
            err, XW_INPUT,
            "no coordinates, and \"address_string\" is \"%.60s\", which no address is like",
            r->text.data);
    }
    if (st) return st;
    if (f.choice == XW_ADDRESS_AMBIGUOUS) {
        return xw_fail(err, XW_INPUT,
                       "no coordinates, and \"address_string\" is \"%.60s\", which is not one "
                       "address for sure",
                       r->text.data);
    }
    place[0] = xw_deg(f.matches[0].at.x);
    place[1] = xw_deg(f.matches[0].at.y);
    *found = true;
    return XW_OK;
}

static xw_status take_row(run *r, xw_error *err)
{
    double place[2];
    bool found;
    xw_error why = {XW_OK, ""};
    xw_status st = pin_for(r, &why);
    if (!st) st = find_place(r, place, &found, &why);
    if (!st) st = xw__events_row(&r->im->map, &r->in, found ? place : NULL, &r->json, &why);
    if (st == XW_INPUT || st == XW_NOT_FOUND || st == XW_LIMIT) {
        refuse(r, r->in.line, why.text);
        return XW_OK;
    }
    if (st) return xw_fail(err, st, "%s", why.text);
    r->lines[xw_events_batch_size(r->batch)] = r->in.line;
    st = xw_events_batch_add(r->batch, r->pin.snapshot, r->json.data, r->json.n, NULL, r->now, err);
    if (!st && xw_events_batch_size(r->batch) == BATCH) st = flush(r, err);
    return st;
}

static xw_status take_all(run *r, xw_error *err)
{
    bool got = true;
    xw_status st = xw_events_batch_create(r->events, &r->batch, err);
    for (unsigned long long n = 0; !st && got; n++) {
        st = xw__csv_next(&r->in, &got, err);
        if (!st && got) st = take_row(r, err);
        if (!st && n % STEP == 0) {
            st = xw_job_step(r->im->job, "events", r->in.done, r->in.total, err);
        }
    }
    /* what was read before a failure is written: it is counted, and a repeat adds nothing */
    const xw_status last = r->batch ? flush(r, st ? NULL : err) : XW_OK;
    return st ? st : last;
}

static xw_status read_header(run *r, xw_error *err)
{
    bool got;
    const xw_status st = xw__csv_next(&r->in, &got, err);
    if (st) return st;
    if (!got) return xw_fail(err, XW_INPUT, "%s: is empty, a header is needed", r->im->file);
    return xw__events_resolve(&r->im->map, &r->in, &r->unread, err);
}

static xw_status open_report(run *r, xw_error *err)
{
    if (!r->im->report) return XW_OK;
    r->report = fopen(r->im->report, "wb");
    if (!r->report) return xw_fail(err, XW_IO, "%s: %s", r->im->report, strerror(errno));
    (void)fputs("line,outcome,event_id,rule,reason\n", r->report);
    return XW_OK;
}

static xw_status close_report(run *r, xw_error *err)
{
    if (!r->report) return XW_OK;
    const bool ok = !ferror(r->report);
    const bool closed = fclose(r->report) == 0;
    r->report = NULL;
    return ok && closed ? XW_OK : xw_fail(err, XW_IO, "%s cannot be written", r->im->report);
}

static xw_status print(run *r, xw_error *err)
{
    const char *unread = r->unread.n > 0 ? r->unread.data : "";
    if (!r->im->json) {
        xw__events_print(&r->tally, r->im->file, unread, r->im->dry);
        return XW_OK;
    }
    xw_buf out;
    xw_buf_init(&out, UNREAD_MAX * 2);
    xw_json j = xw_json_on(&out);
    xw__events_print_json(&r->tally, r->im->file, unread, r->im->dry, &j);
    xw_buf_add(&out, "\n", 1);
    const xw_status st = xw_buf_status(&out, "the summary", err);
    if (!st) (void)fwrite(out.data, 1, out.n, stdout);
    xw_buf_finish(&out);
    return st;
}

static void finish(run *r)
{
    if (r->report) (void)fclose(r->report);
    xw_events_batch_destroy(r->batch);
    xw_events_close(r->events);
    if (r->index) xw_addresses_release(r->addresses, r->index);
    xw_addresses_destroy(r->addresses);
    xw_pin_release(&r->pin);
    xw_timeline_close(r->timeline);
    xw__csv_close(&r->in);
    xw_buf_finish(&r->json);
    xw_buf_finish(&r->text);
    xw_buf_finish(&r->unread);
    free(r);
}

xw_status xw__events_import(events_import *im, bool *some_bad, xw_error *err)
{
    run *r = calloc(1, sizeof *r);
    *some_bad = false;
    if (!r) return xw_fail(err, XW_NOMEM, "import of events");
    r->im = im;
    r->now = g_get_real_time() / G_USEC_PER_SEC;
    xw_buf_init(&r->json, ROW_MAX);
    xw_buf_init(&r->text, ROW_MAX);
    xw_buf_init(&r->unread, UNREAD_MAX);
    /* the table first: it fails at once, a large store takes its time */
    xw_status st = xw__csv_open(im->file, &r->in, err);
    if (!st) st = read_header(r, err);
    if (!st) st = xw_timeline_open(im->store, im->job, &r->timeline, err);
    if (!st && !im->by_time) st = xw_timeline_pin_at(r->timeline, r->now, &r->pin, err);
    if (!st) {
        st = xw_addresses_create(r->timeline, im->store, false, im->job, &r->addresses, err);
    }
    if (!st && !im->dry) st = xw_events_open(im->events, NULL, &r->events, err);
    if (!st) st = open_report(r, err);
    if (!st) {
        st = take_all(r, err);
        const xw_status closed = close_report(r, st ? NULL : err);
        const xw_status printed = print(r, st || closed ? NULL : err);
        if (!st) st = closed ? closed : printed;
    }
    *some_bad = r->tally.refused > 0;
    finish(r);
    return st;
}
