/* One store: import, plots, grids, snapshot, store. */
#include "build_run.h"

#include "xiwang/file.h"
#include "xiwang/grids.h"
#include "xiwang/plots.h"
#include "xiwang/snapshot.h"
#include "xiwang/store.h"

#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

long xw__peak_mib(void)
{
    struct rusage u;
    return getrusage(RUSAGE_SELF, &u) == 0 ? u.ru_maxrss / 1024 : 0;
}

static double cpu_seconds(void)
{
    struct rusage u;
    if (getrusage(RUSAGE_SELF, &u) != 0) return 0.0;
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

void xw__build_stage(xw__build *b, const char *name)
{
    const gint64 now = g_get_monotonic_time();
    if (b->n_stages < XW__STAGES_MAX) {
        b->stages[b->n_stages++] = (xw__stage){name, (double)(now - b->started) / 1e6,
                                               cpu_seconds() - b->cpu_before, xw__peak_mib()};
    }
    b->cpu_before = cpu_seconds();
    b->started = now;
}

xw_status xw__build_date(xw__build *b, xw_error *err)
{
    if (!b->effective) {
        b->effective_unix = g_get_real_time() / G_USEC_PER_SEC;
        return XW_OK;
    }
    GTimeZone *utc = g_time_zone_new_utc();
    GDateTime *from = g_date_time_new_from_iso8601(b->effective, utc);
    g_time_zone_unref(utc);
    if (!from) {
        return xw_fail(err, XW_USAGE, "--effective %s: not a date and time (RFC 3339)",
                       b->effective);
    }
    b->effective_unix = g_date_time_to_unix(from);
    g_date_time_unref(from);
    return XW_OK;
}

static xw_status date_revision(xw__build *b, xw_error *err)
{
    GDateTime *now = g_date_time_new_now_utc();
    char *text = g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
    g_date_time_unref(now);
    if (b->model.revision == 0) b->model.revision = 1;
    b->model.effective_unix = b->effective_unix;
    const xw_status st = xw_strings_add(&b->model.text, text, &b->model.published, err);
    g_free(text);
    return st;
}

/* Some buildings outside are findings; all of them are a wrong file. */
static xw_status check_inside(const xw__build *b, const xw_territory *t, xw_error *err)
{
    for (size_t i = 0; i < b->model.n_buildings; i++) {
        if (b->model.buildings[i].plot != XW_NONE) return XW_OK;
    }
    if (t->n_buildings == 0) return XW_OK; /* the import's to refuse */
    const xw_building *first = &t->buildings[0];
    const xw_pt at = t->pts[t->rings[first->area.first_ring].first];
    return xw_fail(err, XW_INPUT,
                   "%.200s: none of the %zu buildings is in a division, the first of them (%.60s) "
                   "is at %.7f,%.7f",
                   b->in.divisions ? b->in.divisions
                   : b->in.osm     ? b->in.osm
                                   : b->in.buildings,
                   t->n_buildings, xw_territory_text(t, first->source), xw_deg(at.x), xw_deg(at.y));
}

xw_status xw__build_land(xw__build *b, xw_error *err)
{
    if (b->part) b->in.part = &b->part->in;
    xw_status st = b->add || b->removed
                       ? xw__build_changed(b, err)
                       : xw_import(&b->in, &b->cli->job, &b->land, &b->counts, err);
    xw__build_stage(b, "import");
    if (!st) {
        st = xw_plots_build(&b->land, &b->config.plots, &b->cli->job, &b->model, err);
        xw__build_stage(b, "plots");
    }
    if (!st && !b->part) st = check_inside(b, &b->land, err);
    if (!st) st = xw__build_keep_input(b, err);
    const bool carve = b->land.n_exclusives > 0;
    if (!st && !carve) xw_territory_finish(&b->land);
    if (!st && b->part) st = xw__part_cut(b->part, &b->model, err);
    if (!st && carve) st = xw_carving_create(&b->land, &b->model, &b->carving, err);
    if (!st && carve) xw_territory_finish(&b->land);
    b->config.grids.carving = &b->carving;
    return st;
}

/* The snapshot is made under another name first and gets its own when the store has its: a failure
 * leaves what was there before, whole and fitting together. */
static xw_status write_both(xw__build *b, const char *snapshot, const char *temp, xw_error *err)
{
    xw_status st = xw_snapshot_write(&b->model, temp, &b->cli->job, err);
    xw__build_stage(b, "snapshot");
    if (!st) st = xw_store_write(&b->model, b->out, b->force, &b->cli->job, err);
    xw__build_stage(b, "store");
    if (!st && rename(temp, snapshot) != 0) { /* a folder has the name: the store is whole */
        st = xw_fail(err, XW_IO, "%.300s: %s", snapshot, strerror(errno));
    }
    if (st) (void)unlink(temp);
    return xw__build_end_input(b, st, err);
}

xw_status xw__build_write(xw__build *b, xw_error *err)
{
    xw_buf path, temp;
    xw_buf_init(&path, 1 << 16);
    xw_buf_init(&temp, 1 << 16);
    xw_status st = date_revision(b, err);
    xw_store_snapshot_path(b->out, &path);
    xw_buf_fmt(&temp, "%s.snapshot.new-%ld", b->out, (long)getpid());
    if (!st) st = xw_buf_status(&path, "path of the snapshot", err);
    if (!st) st = xw_buf_status(&temp, "path of the snapshot", err);
    if (!st) st = write_both(b, path.data, temp.data, err);
    xw_buf_finish(&path);
    xw_buf_finish(&temp);
    return st;
}

void xw__build_begin(xw__build *b)
{
    b->started = g_get_monotonic_time();
    b->cpu_before = cpu_seconds();
}

xw_status xw__build_run(xw__build *b, xw_error *err)
{
    xw__build_begin(b);
    xw_status st = xw_file_probe(b->out, b->force, err);
    if (!st) st = xw__report_open(&b->report, b->report_path, err);
    if (!st) st = xw__build_land(b, err);
    if (!st) {
        st = xw_grids_make(&b->model, &b->config.grids, &b->cli->job, err);
        xw__build_stage(b, "grids");
    }
    return st ? st : xw__build_write(b, err);
}

uint64_t xw__households_of(const xw_model *m)
{
    uint64_t n = 0;
    for (size_t i = 0; i < m->n_units; i++) n += m->units[i].households;
    return n;
}

size_t xw__divisions_with_land(const xw_model *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n_divisions; i++) n += m->divisions[i].n_plots > 0;
    return n;
}

/* Those of the model, which has the import's too; before there is one, those of the import. */
xw__findings xw__build_findings(const xw__build *b)
{
    if (b->model.n_findings) {
        return (xw__findings){&b->model.text, b->model.findings, b->model.n_findings};
    }
    return (xw__findings){&b->land.text, b->land.findings, b->land.n_findings};
}

/* The report of a build that failed tells what was found until then; only where the input is to
 * blame, else the failure has nothing to do with it. */
xw_status xw__build_report(xw__build *b, xw_status st, xw_error *err)
{
    if (!st) return xw__report_write(&b->report, xw__build_findings(b), NULL, err);
    if (st == XW_INPUT || st == XW_NOT_FOUND || st == XW_LIMIT) {
        xw_error own = {XW_OK, ""};
        if (xw__report_write(&b->report, xw__build_findings(b), err, &own)) {
            (void)xw_fail_within(err, st, "%s; also", own.text);
        }
    }
    return st;
}

void xw__build_clear(xw__build *b)
{
    (void)xw__build_end_input(b, XW_CANCELLED, NULL); /* of a run that did not get to its end */
    xw__report_close(&b->report);
    xw_territory_finish(&b->land);
    xw_model_finish(&b->model);
    xw_carving_finish(&b->carving);
    b->n_stages = 0;
}
