/**
 * @file check.h
 * What a partition must show, computed from the stored result alone, independent of how it was
 * made.
 */
#ifndef XW_CHECK_H
#define XW_CHECK_H

#include "xiwang/job.h"
#include "xiwang/json.h"
#include "xiwang/model.h"

typedef struct xw_check_line {
    const char *key;  /**< "gaps_area", "teams_over_cap" … */
    const char *text; /**< English, for people */
    const char *zh;
    bool hard; /**< a hard line must be 0 */
    double value;
    char unit[12]; /**< "units2", "m", "%", "" */
} xw_check_line;

typedef struct xw_spot { /* a place where a hard line is broken, or an accepted exception */
    uint32_t line;       /**< index into lines */
    bool exception;
    xw_pt at;
    char text[200];
} xw_spot;

typedef struct xw_check_report {
    xw_check_line *lines;
    size_t n_lines, cap_lines;
    xw_spot *spots;
    size_t n_spots, cap_spots;
    bool ok; /**< every hard line is 0 */
} xw_check_report;

/** Never changes the model. XW_INPUT when the structure itself is broken (xw_model_validate). */
xw_status xw_check(const xw_model *m, const xw_job *job, xw_check_report *out, xw_error *err);
void xw_check_report_finish(xw_check_report *r);

#endif
