/* The configuration file of a build (GKeyFile, UTF-8). Shared inside the layer.
 *
 *   [net]            code = zz            name = 综治网
 *   [levels]         profile = 10-10-10   order = zone;section;team      (coarsest first)
 *   [level zone]     name = 区   cap = 10   digits = 3   floor = 0
 *                    never = motorway;primary             (its grids never lie on both sides)
 *   [costs]          primary = 0.02                       (of a metre of boundary; 1: in a block)
 *   [columns]        households = hu   floors = 层数 …   (of the input layers)
 *   [barriers]       classes = motorway;primary;…    paths = true
 *   [exclusive]      kinds = school;campus;hospital;industrial;market   (areas of OpenStreetMap)
 *   [input]          encoding = GBK       crs = gcj02
 */
#ifndef XW_CLI_CONFIG_H
#define XW_CLI_CONFIG_H

#include "xiwang/grids.h"
#include "xiwang/import.h"
#include "xiwang/plots.h"

typedef struct xw__config {
    xw_grids_config grids;
    xw_plots_options plots;
    char *texts[24]; /* owned; the import options point to them */
    unsigned n_texts;
} xw__config;

/* Starts from a profile (NULL: the one the file names, else the first) and reads the file, if there
 * is one, over it. XW_INPUT names file, group and key; unknown groups and keys are errors, so that
 * a misspelt one is not ignored. XW_USAGE for an unknown profile. */
xw_status xw__config_read(const char *path, const char *profile, xw__config *c,
                          xw_import_options *import, xw_error *err);
void xw__config_finish(xw__config *c);

#endif
