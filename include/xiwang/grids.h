/**
 * @file grids.h
 * Levels and caps, aggregation of units into nested grids, codes.
 *
 * What is made. Plots are the nodes of a graph, their shared boundaries its arcs; each division is
 * nested by itself, all levels together. The level above the finest leads: sections are cut from
 * the plots so that each holds a little less than cap x cap households and its boundary follows the
 * cheapest classes, coarse to fine (multilevel partitioning, Hendrickson and Leland, Supercomputing
 * 1995, doi:10.1145/224170.224228); teams are made inside each section as aggregate.h says, and
 * what does not fit is carried along ejection chains, also from section to section; zones and what
 * is above them are cut from the sections; then all boundaries are polished together. If the
 * teams come out more than 4 % above the least number, the same with looser sections and then a
 * bottom-up nesting are tried, too, and the fewest grids by their bounds over all levels win, of
 * near equals the least weighted boundary. The caps hold at every level, always.
 *
 * A plot above the cap is a tower: its units, in their order, become the fewest runs of floors that
 * keep the cap, the evenest of those, and these teams take no other building in; land that touches
 * nobody but towers is with the lowest floors of one, whose team then has no floors of its own to
 * show (floor_min 0). A unit above the cap is a team by itself. At upper levels the teams of one
 * tower stay together while their number keeps the cap. Hard barriers (xw_class_info.hard) that no
 * way crosses part households at every level; land without households joins a neighbour across them
 * when nothing else touches it. Pieces of a division's land that touch nowhere: those without
 * households join the nearest team of the main piece, the others meet it at the levels above the
 * finest.
 *
 * Exclusive areas (exclusive.h) are grids of the finest level, whole, under no cap; above it they
 * count as one child, of the section they lie in by the same rules as teams.
 *
 * Codes: the division's code, then for each level the number within the parent in code_width
 * digits. Numbers run in rows from the north, west to east within a row; rows are sqrt(A / n)
 * metres high for n grids of total area A, counted down from the northernmost label. Names: "1区",
 * "1区2片", "1区2片3队". The label is the anchor of the plot nearest to the centre of the
 * households.
 *
 * Of a slice of a tower, base_m is the height of its lowest floor's bottom above the ground and
 * height_m that of its highest floor's top (what a map extrudes), by the mean height of a floor.
 */
#ifndef XW_GRIDS_H
#define XW_GRIDS_H

#include "xiwang/exclusive.h"
#include "xiwang/graph.h"
#include "xiwang/job.h"
#include "xiwang/model.h"

typedef struct xw_level_rule {
    char key[32];        /**< "team": letters, digits, _ */
    char name[32];       /**< "队" */
    uint32_t cap;        /**< most children (households at the finest level) */
    uint32_t code_width; /**< digits */
    uint32_t floor;      /**< fewest wanted, 0: any. Levels with a floor have as few grids as their
                          *   cap allows, and these are loaded evenly; what stays below is listed */
    uint32_t never;      /**< bit per xw_barrier_class that its grids do not have households on both
                          *   sides of, bridges or not; at any but the finest level it holds for all
                          *   levels */
} xw_level_rule;

typedef struct xw_grids_config {
    xw_level_rule levels[XW_LEVELS_MAX]; /**< coarsest first */
    uint32_t n_levels;
    char net[16], net_name[48];
    uint32_t priced;            /**< bit per xw_barrier_class with a cost of its own here: */
    float cost[XW_CLASS_COUNT]; /**< instead of xw_class_info.cost */
    uint32_t effort;            /**< steps and tries in per cent of the usual; 0: 100 */
    const xw_carving *carving;  /**< exclusive grids of this model; borrowed, NULL for none */
} xw_grids_config;

/** A ready set of levels. */
typedef struct xw_profile {
    const char *name, *zh; /**< "community" */
    const char *text;      /**< what it is for, one line */
    xw_grids_config config;
} xw_profile;
/** The @p i-th profile, NULL beyond the last; the first is the default. Constant data. */
const xw_profile *xw_profile_at(size_t i);
/** By name, NULL for none. */
const xw_profile *xw_profile_find(const char *name);

/** The profile 10-10-10: 区 zone 10 sections, 片 section 10 teams, 队 team 10 households; net zz
 * 综治网. */
xw_grids_config xw_grids_default(void);
/** Refuses an empty, repeated or ill-formed level, naming it. */
xw_status xw_grids_config_check(const xw_grids_config *c, xw_error *err);

/**
 * Assigns every unit to a grid of the finest level, every grid to one of the next, and numbers
 * them: fills m->levels, m->grids, m->grid_units, unit.grid, m->net and m->net_name; what was there
 * before is replaced. Deterministic: the same bytes on any number of threads (one division, one
 * thread). Cost: linear in plots, about 100 microseconds each; three times that
 * where the first nesting is not good enough.
 * @return XW_INPUT for a wrong config; XW_LIMIT when a division has more grids of the coarsest
 * level than its digits can number; XW_CANCELLED; XW_NOMEM. After a failure there are no grids.
 */
xw_status xw_grids_make(xw_model *m, const xw_grids_config *c, const xw_job *job, xw_error *err);

#endif
