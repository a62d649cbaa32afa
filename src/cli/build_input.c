/* The input of a store, kept beside it: the next revision needs only what has changed. */
#include "build_run.h"

#include "xiwang/input.h"
#include "xiwang/rebuild.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void temp_path(const xw__build *b, xw_buf *out)
{
    xw_buf_init(out, 1 << 16);
    xw_input_path(b->out, out);
    xw_buf_fmt(out, ".new-%ld", (long)getpid());
}

/* What a configuration would say, unless there is one. */
static void take_rules(xw__build *b, const xw_input_rules *rules)
{
    if (b->config_path || b->profile) return;
    b->config.plots = rules->plots;
    b->config.grids.priced = rules->priced;
    memcpy(b->config.grids.cost, rules->cost, sizeof rules->cost);
}

xw_status xw__build_changed(xw__build *b, xw_error *err)
{
    xw_buf path;
    xw_input_rules rules;
    xw_import_options in = b->in;
    in.buildings = b->add;
    xw_buf_init(&path, 1 << 16);
    xw_input_path(b->before, &path);
    xw_status st = xw_buf_status(&path, "path of the input", err);
    if (!st) st = xw_input_read(path.data, xw_input_stamp(b->old), &b->land, &rules, err);
    if (st == XW_NOT_FOUND || st == XW_INPUT) {
        st = xw_fail_within(err, st, "%.200s: cannot be changed without all inputs", b->before);
    }
    if (!st) {
        take_rules(b, &rules);
        st = xw_import_add(&b->land, &in, b->removed, &b->cli->job, &b->change, err);
    }
    xw_buf_finish(&path);
    return st;
}

xw_status xw__build_keep_input(xw__build *b, xw_error *err)
{
    xw_buf temp;
    xw_input_rules rules;
    if (b->part) return XW_OK;
    memset(&rules, 0, sizeof rules);
    rules.plots = b->config.plots;
    rules.priced = b->config.grids.priced;
    memcpy(rules.cost, b->config.grids.cost, sizeof rules.cost);
    temp_path(b, &temp);
    xw_status st = xw_buf_status(&temp, "path of the input", err);
    if (!st) st = xw_input_write(&b->land, &rules, xw_input_stamp(&b->model), temp.data, err);
    b->input_waits = st == XW_OK;
    xw_buf_finish(&temp);
    return st;
}

xw_status xw__build_end_input(xw__build *b, xw_status st, xw_error *err)
{
    xw_buf temp, path;
    if (!b->input_waits) return st;
    temp_path(b, &temp);
    xw_buf_init(&path, 1 << 16);
    xw_input_path(b->out, &path);
    if (!st) st = xw_buf_status(&path, "path of the input", err);
    if (!st && rename(temp.data, path.data) != 0) {
        st = xw_fail(err, XW_IO, "%.300s: %s", path.data, strerror(errno));
    }
    if (st && !temp.failed) (void)unlink(temp.data);
    b->input_waits = false;
    xw_buf_finish(&temp);
    xw_buf_finish(&path);
    return st;
}
