#include "open_store.h"

#include "xiwang/timeline.h"

xw_status xw__cli_open_snapshot(const char *store, const xw_job *job, xw_snapshot **out,
                                xw_error *err)
{
    return xw_revision_open(store, job, out, err);
}
