/* xiwang rebuild: the next revision of a store, from inputs that have changed. */
#include "xiwang/rebuild.h"
#include "build_run.h"
#include "commands.h"
#include "open_store.h"
#include "xiwang/file.h"
#include "xiwang/store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- the revisions of before ----------------------------------------------------------------- */

static xw_status copy_file(const char *from, const char *to, xw_error *err)
{
    enum { CHUNK = 1 << 16 };
    char bytes[CHUNK];
    xw_buf temp;
    xw_buf_init(&temp, 1 << 16);
    xw_status st = xw_file_temp(to, &temp, err);
    FILE *in = st ? NULL : fopen(from, "rb"), *out = in ? fopen(temp.data, "wb") : NULL;
    size_t n = 0;
    if (!st && !out) st = xw_fail(err, XW_IO, "%.300s: %s", from, strerror(errno));
    while (!st && (n = fread(bytes, 1, CHUNK, in)) > 0) {
        if (fwrite(bytes, 1, n, out) != n) {
            st = xw_fail(err, XW_IO, "%.300s: %s", to, strerror(errno));
        }
    }
    if (in && ferror(in) && !st) st = xw_fail(err, XW_IO, "%.300s: %s", from, strerror(errno));
    if (in) (void)fclose(in);
    if (out && fclose(out) != 0 && !st) st = xw_fail(err, XW_IO, "%.300s: %s", to, strerror(errno));
    if (!st) st = xw_file_commit(temp.data, to, false, err);
    if (st && temp.n > 0) (void)unlink(temp.data);
    xw_buf_finish(&temp);
    return st;
}

/* Another name for a file, or a copy where the file system knows no second names. */
static xw_status keep_file(const char *from, const char *to, xw_error *err)
{
    struct stat a, b;
    if (stat(to, &b) == 0) {
        if (stat(from, &a) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino) return XW_OK;
        return xw_fail(err, XW_EXISTS, "%.300s: there is another file", to);
    }
    if (link(from, to) == 0) return XW_OK;
    return copy_file(from, to, err);
}

/* STORE.history/0001.gpkg and its snapshot: the revision that is about to be replaced. */
static xw_status keep_revision(const char *store, uint32_t revision, xw_error *err)
{
    xw_buf folder, to, from;
    xw_buf_init(&folder, 1 << 16);
    xw_buf_init(&to, 1 << 16);
    xw_buf_init(&from, 1 << 16);
    xw_buf_fmt(&folder, "%s.history", store);
    xw_buf_fmt(&to, "%s.history/%04u.gpkg", store, revision);
    xw_status st = xw_buf_status(&folder, "path of the history", err);
    if (!st) st = xw_buf_status(&to, "path of the history", err);
    if (!st && mkdir(folder.data, 0777) != 0 && errno != EEXIST) {
        st = xw_fail(err, XW_IO, "%.300s: %s", folder.data, strerror(errno));
    }
    if (!st) st = keep_file(store, to.data, err);
    xw_store_snapshot_path(store, &from);
    xw_buf_text(&to, ".snapshot");
    if (!st) st = xw_buf_status(&from, "path of the snapshot", err);
    if (!st) st = xw_buf_status(&to, "path of the history", err);
    /* Without one it is compiled anew by who wants it. */
    if (!st && access(from.data, R_OK) == 0) st = keep_file(from.data, to.data, err);
    xw_buf_finish(&folder);
    xw_buf_finish(&to);
    xw_buf_finish(&from);
    return st;
}

/* --- what is told ---------------------------------------------------------------------------- */

static void print_rows(FILE *to, const xw_model *m, const xw_rebuild_report *r)
{
    enum { SHOWN = 20 };
    const size_t n = m->n_lineage - r->first_row;
    for (size_t i = 0; i < n && i < SHOWN; i++) {
        const xw_lineage *row = &m->lineage[r->first_row + i];
        const char *old = xw_model_text(m, row->old_code), *now = xw_model_text(m, row->new_code);
        (void)fprintf(to, "  %-10s %-20s%s -> %-20s%s %4u  %s\n", xw_model_text(m, row->level),
                      old[0] ? old : "-", row->old_ends ? " ends" : "", now[0] ? now : "-",
                      row->new_begins ? " begins" : "", row->households,
                      xw_lineage_reason_text(row->reason));
    }
    if (n > SHOWN) {
        (void)fprintf(to, "  ... %zu rows more: xiwang export STORE --what lineage\n", n - SHOWN);
    }
}

static void print_text(const xw__build *b, const xw_rebuild_report *r)
{
    const xw_model *m = &b->model;
    (void)fprintf(b->say, "%s: revision %u\n", b->out, r->revision);
    if (b->add || b->removed) {
        (void)fprintf(b->say,
                      "  changes    %llu buildings added, %llu replaced, %llu removed, %llu "
                      "listed\n",
                      (unsigned long long)b->change.added, (unsigned long long)b->change.replaced,
                      (unsigned long long)b->change.removed, (unsigned long long)b->change.listed);
    }
    (void)fprintf(b->say,
                  "  buildings  %llu as before, %llu new, %llu gone, %llu with other "
                  "households\n",
                  (unsigned long long)r->buildings_same, (unsigned long long)r->buildings_new,
                  (unsigned long long)r->buildings_gone, (unsigned long long)r->buildings_changed);
    (void)fprintf(b->say, "  households %llu before, %llu now, %llu of them the same\n",
                  (unsigned long long)r->households_before, (unsigned long long)r->households_after,
                  (unsigned long long)r->households_same);
    for (uint32_t l = 0; l < r->n_levels; l++) {
        const xw_rebuild_level *v = &r->levels[l];
        (void)fprintf(b->say,
                      "  %-10s %u before, %u now: %u kept, %u new, %u retired; %llu households "
                      "changed\n",
                      xw_model_text(m, m->levels[l].key), v->before, v->after, v->kept, v->begun,
                      v->ended, (unsigned long long)v->moved);
    }
    print_rows(b->say, m, r);
    (void)fprintf(b->say, "  time      ");
    double total = 0;
    for (size_t i = 0; i < b->n_stages; i++) {
        (void)fprintf(b->say, " %s %.1f s", b->stages[i].name, b->stages[i].seconds);
        total += b->stages[i].seconds;
    }
    (void)fprintf(b->say, ", together %.1f s, peak %ld MiB\n", total, xw__peak_mib());
}

static void write_json(const xw__build *b, const xw_rebuild_report *r, xw_buf *out)
{
    xw_json j = xw_json_on(out);
    xw_json_open(&j, '{');
    xw_json_kstr(&j, "store", b->out);
    xw_json_key(&j, "change");
    xw_rebuild_write_json(r, &b->model, out);
    j.comma = true;
    xw_json_key(&j, "stages");
    xw_json_open(&j, '[');
    for (size_t i = 0; i < b->n_stages; i++) {
        xw_json_open(&j, '{');
        xw_json_kstr(&j, "name", b->stages[i].name);
        xw_json_knum(&j, "seconds", b->stages[i].seconds, 3);
        xw_json_knum(&j, "cpu_seconds", b->stages[i].cpu_seconds, 3);
        xw_json_kint(&j, "peak_mib", b->stages[i].peak_mib);
        xw_json_close(&j, '}');
    }
    xw_json_close(&j, ']');
    xw_json_close(&j, '}');
    xw_buf_text(out, "\n");
}

static xw_status tell(const xw__build *b, const xw_rebuild_report *r, xw_error *err)
{
    xw_buf json;
    xw_status st = XW_OK;
    xw_buf_init(&json, (size_t)1 << 30);
    if (b->json || b->report_path) {
        write_json(b, r, &json);
        st = xw_buf_status(&json, "report", err);
    }
    if (!st && b->report_path && strcmp(b->report_path, "-") != 0) {
        st = xw_file_write(b->report_path, json.data, json.n, true, err);
    }
    const bool piped = b->report_path && strcmp(b->report_path, "-") == 0;
    if (!st && (b->json || piped)) (void)fputs(json.data, stdout);
    if (!st && !b->json) print_text(b, r);
    xw_buf_finish(&json);
    return st;
}

/* --- the run --------------------------------------------------------------------------------- */

static xw_status make(xw__build *b, const xw_snapshot *before, xw_rebuild_report *r, xw_error *err)
{
    const xw_model *old = xw_snapshot_model(before);
    const bool replaces = strcmp(b->out, b->before) == 0;
    if (!b->config_path && !b->profile) b->config.grids = xw_rebuild_config(old);
    b->config.grids.effort = b->effort;
    b->old = old;
    xw__build_stage(b, "old");
    xw_status st = xw__build_land(b, err);
    if (!st) {
        st = xw_rebuild(old, &b->model, &b->config.grids, NULL, &b->cli->job, r, err);
        xw__build_stage(b, "grids");
    }
    if (!st && b->effective_unix < old->effective_unix) {
        st = xw_fail(err, XW_INPUT, "revision %u would take effect before revision %u does",
                     b->model.revision, old->revision);
    }
    if (!st && replaces) st = keep_revision(b->before, old->revision, err);
    return st ? st : xw__build_write(b, err);
}

xw_status xw__rebuild_store(xw__build *b, xw_error *err)
{
    xw_snapshot *before = NULL;
    xw_rebuild_report r;
    xw__build_begin(b);
    if (!b->out) {
        b->out = b->before;
        b->force = true;
    }
    xw_status st = xw_file_probe(b->out, b->force, err);
    if (!st) st = xw__cli_open_snapshot(b->before, &b->cli->job, &before, err);
    if (!st) st = make(b, before, &r, err);
    if (!st) st = tell(b, &r, err);
    xw_snapshot_close(before);
    return st;
}

const xw_command xw__cmd_rebuild = {
    "rebuild", "the next revision, from inputs that have changed",
    "usage: xiwang rebuild STORE [the inputs of xiwang build] [-o NEWSTORE] [--report FILE.json]\n"
    "       xiwang rebuild STORE [--add SRC] [--remove ID[,ID…]] [-o NEWSTORE] [--report "
    "FILE.json]\n"
    "\n"
    "Imports the inputs as build does and gives every household its grid of before, wherever that\n"
    "is still right. Where it is not (new and lost buildings, more households than a grid may "
    "have,\n"
    "a new barrier) the grids are repaired on the spot, so that the fewest households change "
    "theirs.\n"
    "A grid keeps its code with its heir, new ones get numbers that were never used before, and "
    "each\n"
    "change is written down with its reason (xiwang export STORE --what lineage).\n"
    "\n"
    "With --add or --remove only the buildings that come, change (their id is there already) or "
    "go\n"
    "are named; all else is as it was when the store was built, from STORE.input beside it.\n"
    "\n"
    "Without -o the new revision takes the place of STORE, whole or not at all, and the old one "
    "is\n"
    "kept as STORE.history/0001.gpkg with its snapshot; all revisions stay readable.\n"
    "\n"
    "  --report FILE  what changed and why, as JSON; - is standard output\n"
    "  --config FILE  default: the levels of STORE. Keys and digits of the levels must be its own\n"
    "  --force        replace an existing NEWSTORE\n"
    "  --json         the report as JSON instead of the table\n"
    "\n"
    "All other options are those of xiwang build (not --only, --each).\n",
    xw__build_command};
