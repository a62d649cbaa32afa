#include "xiwang/crs.h"

#include <math.h>

/* The shift of GCJ-02 is a smooth closed formula over the Krassovsky ellipsoid (semi-major axis and
 * squared eccentricity below), of the offset from 105 E, 35 N. It is applied inside a box round
 * China only. */
#define KRASSOVSKY_A  6378245.0
#define KRASSOVSKY_E2 0.00669342162296594323
#define PI            3.14159265358979323846
#define BD_PI         (PI * 3000.0 / 180.0)

static bool in_china_box(double lon, double lat)
{
    return lon >= 72.004 && lon <= 137.8347 && lat >= 0.8293 && lat <= 55.8271;
}

static double waves(double v)
{
    return (20.0 * sin(6.0 * v * PI) + 20.0 * sin(2.0 * v * PI)) * 2.0 / 3.0;
}

/* Metres of northing and easting before the ellipsoid, as functions of the offset (x, y). */
static double shift_north(double x, double y)
{
    double m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(fabs(x));
    m += waves(x);
    m += (20.0 * sin(y * PI) + 40.0 * sin(y / 3.0 * PI)) * 2.0 / 3.0;
    m += (160.0 * sin(y / 12.0 * PI) + 320.0 * sin(y * PI / 30.0)) * 2.0 / 3.0;
    return m;
}

static double shift_east(double x, double y)
{
    double m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(fabs(x));
    m += waves(x);
    m += (20.0 * sin(x * PI) + 40.0 * sin(x / 3.0 * PI)) * 2.0 / 3.0;
    m += (150.0 * sin(x / 12.0 * PI) + 300.0 * sin(x / 30.0 * PI)) * 2.0 / 3.0;
    return m;
}

static void shift_deg(double lon, double lat, double *dlon, double *dlat)
{
    const double x = lon - 105.0, y = lat - 35.0, phi = lat / 180.0 * PI;
    const double s = sin(phi), w2 = 1.0 - KRASSOVSKY_E2 * s * s, w = sqrt(w2);
    *dlat = shift_north(x, y) * 180.0 / (KRASSOVSKY_A * (1.0 - KRASSOVSKY_E2) / (w2 * w) * PI);
    *dlon = shift_east(x, y) * 180.0 / (KRASSOVSKY_A / w * cos(phi) * PI);
}

void xw_gcj02_from_wgs84(double lon, double lat, double *gcj_lon, double *gcj_lat)
{
    double dlon = 0.0, dlat = 0.0;
    if (in_china_box(lon, lat)) shift_deg(lon, lat, &dlon, &dlat);
    *gcj_lon = lon + dlon;
    *gcj_lat = lat + dlat;
}

/* Fixed point of w = g - shift(w): the shift changes by less than a hundredth of the step, so each
 * round gains two digits; it stops at 1e-12 degree (a tenth of a micrometre). */
void xw_wgs84_from_gcj02(double gcj_lon, double gcj_lat, double *lon, double *lat)
{
    double wx = gcj_lon, wy = gcj_lat;
    if (gcj_lon > 71.0 && gcj_lon < 139.0 && gcj_lat > 0.0 && gcj_lat < 57.0) {
        for (int i = 0; i < 50; i++) {
            double dx, dy;
            shift_deg(wx, wy, &dx, &dy);
            const double nx = gcj_lon - dx, ny = gcj_lat - dy;
            const double step = fabs(nx - wx) + fabs(ny - wy);
            wx = nx;
            wy = ny;
            if (step < 1e-12) break;
        }
    }
    const bool shifted = in_china_box(wx, wy);
    *lon = shifted ? wx : gcj_lon;
    *lat = shifted ? wy : gcj_lat;
}

void xw_bd09_from_gcj02(double gcj_lon, double gcj_lat, double *bd_lon, double *bd_lat)
{
    const double r = hypot(gcj_lon, gcj_lat) + 0.00002 * sin(gcj_lat * BD_PI);
    const double a = atan2(gcj_lat, gcj_lon) + 0.000003 * cos(gcj_lon * BD_PI);
    *bd_lon = r * cos(a) + 0.0065;
    *bd_lat = r * sin(a) + 0.006;
}

void xw_gcj02_from_bd09(double bd_lon, double bd_lat, double *gcj_lon, double *gcj_lat)
{
    double gx = bd_lon - 0.0065, gy = bd_lat - 0.006;
    for (int i = 0; i < 50; i++) {
        double fx, fy;
        xw_bd09_from_gcj02(gx, gy, &fx, &fy);
        const double ex = bd_lon - fx, ey = bd_lat - fy;
        gx += ex;
        gy += ey;
        if (fabs(ex) + fabs(ey) < 1e-12) break;
    }
    *gcj_lon = gx;
    *gcj_lat = gy;
}
