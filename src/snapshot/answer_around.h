/* What lies around a point that the owner of the point alone does not tell. Internal. */
#ifndef XW_SNAPSHOT_AROUND_H
#define XW_SNAPSHOT_AROUND_H

#include "xiwang/answer.h"

/* The nearest footprint that is at most @p within_m away; of several the first. XW_NONE: none. */
uint32_t xw__around_building(const xw_snapshot *s, xw_pt p, double within_m, double *distance_m);
/* The road edge on whose carriageway the point lies (XW_CARRIAGEWAY_MAP): the one whose middle is
 * nearest, measured in half widths. XW_NONE: none. */
uint32_t xw__around_road(const xw_snapshot *s, xw_pt p, double *distance_m);
/* The plot that is nearest to a point outside all, at most @p within_m away. XW_NONE: none. */
uint32_t xw__around_plot(const xw_snapshot *s, xw_pt p, double within_m, double *distance_m);
/* Is the point, which is outside or in water, on land when its coordinates are read in another of
 * the systems that phones and maps in China mix up? Fills suspect_crs and suspect_plot. */
void xw__around_suspect(const xw_snapshot *s, const xw_query *q, xw_answer *a);

#endif
