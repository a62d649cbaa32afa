/**
 * @file code.h
 * Codes of grids taken apart, and the crosswalk to 15 digits.
 *
 * A code is text: the 12 digits of its division (6 county, 3 town, 3 village), then the number of
 * the grid within its parent for each level in xw_level.code_width digits, counted from 1. So the
 * code of a parent is the head of its children's, and a code tells its level by its length.
 *
 * The 15-digit form is that of the unit grids (单元网格) of cities: the division's 12 digits and
 * three more. With the default levels it is the code of the zone as it is, and every code below has
 * it as its head. Where no level's codes have 15 digits, or another level shall be the unit, its
 * grids are numbered through each division in the order of their codes, 001 to 999: such numbers
 * hold for one revision.
 *
 * Threads: pure functions over a const model.
 */
#ifndef XW_CODE_H
#define XW_CODE_H

#include "xiwang/model.h"

#define XW_DIVISION_DIGITS 12
#define XW_UNIT_DIGITS     15

typedef struct xw_code {
    uint32_t division;              /**< index */
    uint32_t level;                 /**< index; XW_NONE: the code is that of the division */
    uint32_t number[XW_LEVELS_MAX]; /**< within the parent, for each level down to its own */
} xw_code;

/**
 * Reads a code against the divisions and levels of a model; whether such a grid exists is
 * xw_model_grid_by_code's to say. Cost: linear in divisions.
 * @return XW_INPUT naming what is wrong: no digits, no division has this head, a length that no
 * level has, a number 0
 */
xw_status xw_code_read(const xw_model *m, const char *code, xw_code *out, xw_error *err);

/** The level whose codes have 15 digits, XW_NONE where there is none. */
uint32_t xw_unit_level(const xw_model *m);

typedef struct xw_crossrow {
    uint32_t grid;
    char unit[XW_UNIT_DIGITS + 1]; /**< 15 digits: of the grid, or of the unit it lies in */
    bool is_unit;                  /**< the grid is the unit: one to one */
} xw_crossrow;

/**
 * The crosswalk: the grids of the unit's level and of those below it, in the order of their codes
 * as text, so that each unit comes before what lies in it.
 * @param level  of the units; XW_NONE: that of xw_unit_level
 * @param out    the caller frees it; NULL after a failure
 * @return XW_INPUT where no level has 15 digits, or a division's code has not 12; XW_LIMIT for a
 * division with more than 999 grids to number; XW_NOMEM. Cost: O(n log n).
 */
xw_status xw_crosswalk_make(const xw_model *m, uint32_t level, xw_crossrow **out, size_t *n,
                            xw_error *err);

#endif
