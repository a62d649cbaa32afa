/**
 * @file crs.h
 * The one door between the lattice and every other coordinate reference system.
 *
 * A CRS is named by "wgs84", "cgcs2000", "gcj02", "bd09", or anything PROJ reads ("EPSG:4549", WKT,
 * a PROJ string). Axis order is normalised: x is longitude or easting. GCJ-02 and BD-09 (which PROJ
 * refuses) are computed here: forward formula exact, inverse iterated to below 1 mm.
 * Threads: one at a time per xw_crs (a PROJ context inside); make one per thread. No network.
 */
#ifndef XW_CRS_H
#define XW_CRS_H

#include "xiwang/lattice.h"
#include "xiwang/status.h"

#include <stddef.h>

typedef struct xw_crs xw_crs;

/** @return XW_INPUT with the name in the text when nobody knows the CRS */
xw_status xw_crs_create(const char *name, xw_crs **out, xw_error *err);
void xw_crs_destroy(xw_crs *c);

/** x, y in the CRS to degrees on CGCS2000 / WGS 84. XW_INPUT for NaN or a point that has no image.
 */
xw_status xw_crs_to_deg(const xw_crs *c, double x, double y, double *lon_deg, double *lat_deg,
                        xw_error *err);
/** Degrees to x, y in the CRS. */
xw_status xw_crs_from_deg(const xw_crs *c, double lon_deg, double lat_deg, double *x, double *y,
                          xw_error *err);
/** to_deg, then rounded to the lattice. */
xw_status xw_crs_to_lattice(const xw_crs *c, double x, double y, xw_pt *out, xw_error *err);
/** Metres that the CRS adds to the accuracy of any input in it: 5 for gcj02 and bd09, else 0. */
double xw_crs_error_m(const xw_crs *c);
/** "wgs84" (which CGCS2000 counts as), "gcj02" or "bd09"; NULL for a CRS of PROJ. */
const char *xw_crs_own_name(const xw_crs *c);
/** True if x, y are metres and not degrees. */
bool xw_crs_is_projected(const xw_crs *c);

/** The area the CRS is made for, in degrees; false when that is the world or not known. */
bool xw_crs_area(const xw_crs *c, double *west, double *south, double *east, double *north);

/** WGS 84 degrees to GCJ-02 and back; outside China's box the identity. */
void xw_gcj02_from_wgs84(double lon, double lat, double *gcj_lon, double *gcj_lat);
void xw_wgs84_from_gcj02(double gcj_lon, double gcj_lat, double *lon, double *lat);
void xw_bd09_from_gcj02(double gcj_lon, double gcj_lat, double *bd_lon, double *bd_lat);
void xw_gcj02_from_bd09(double bd_lon, double bd_lat, double *gcj_lon, double *gcj_lat);

#endif
