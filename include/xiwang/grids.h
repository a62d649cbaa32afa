/**
 * @file grids.h
 * Levels and caps, aggregation of units into nested grids, codes.
 */
#ifndef XW_GRIDS_H
#define XW_GRIDS_H

#include "xiwang/job.h"
#include "xiwang/model.h"

typedef struct xw_level_rule {
    char key[32];        /**< "team": letters, digits, _ */
    char name[32];       /**< "队" */
    uint32_t cap;        /**< most children (households at the finest level) */
    uint32_t code_width; /**< digits */
} xw_level_rule;

typedef struct xw_grids_config {
    xw_level_rule levels[XW_LEVELS_MAX]; /**< coarsest first */
    uint32_t n_levels;
    char net[16], net_name[48];
} xw_grids_config;

/** 区 zone 10 sections, 片 section 10 teams, 队 team 10 households; net zz 综治网. */
xw_grids_config xw_grids_default(void);
/** Refuses an empty, repeated or ill-formed level, naming it. */
xw_status xw_grids_config_check(const xw_grids_config *c, xw_error *err);

/**
 * Assigns every unit to a grid of the finest level, every grid to one of the next, and numbers
 * them: fills m->levels, m->grids, m->grid_units, unit.grid. Deterministic.
 */
xw_status xw_grids_make(xw_model *m, const xw_grids_config *c, const xw_job *job, xw_error *err);

#endif
