/**
 * @file picture.h
 * A picture for people of a part of a snapshot, as SVG: what was given (roads, waters, railways,
 * walls, footprints), the plots, or the grids of one level, with title, legend, scale bar and
 * north.
 *
 * Projection: the lattice stretched by the metres of a degree at the middle latitude, north up; one
 * scale for the whole picture (off by less than 1 % over 100 km at 45 degrees). Coordinates are
 * rounded to a tenth of a pixel and borders lose their vertices by zoom rank like tiles do. Words
 * are Chinese; texts of the data are escaped, and bytes that XML does not know become U+FFFD.
 *
 * Elements that programs may rely on: groups with the ids `grids`, `plots`, `buildings`, `roads`,
 * `borders`, `labels`; one `path` with a `title` for every grid, plot or building that is counted.
 * Nothing outside the file is referred to. Equal snapshots and options give equal bytes.
 *
 * Cost: linear in what the box meets, times its logarithm. Threads: pure over a const snapshot.
 */
#ifndef XW_PICTURE_H
#define XW_PICTURE_H

#include "xiwang/buf.h"
#include "xiwang/snapshot.h"

#define XW_PICTURE_WIDTH_MIN 300
#define XW_PICTURE_WIDTH_MAX 8000

typedef enum xw_picture_what {
    XW_PICTURE_GIVEN, /**< before: the barriers as given, footprints, waters */
    XW_PICTURE_PLOTS, /**< after: every plot, its boundary coloured by what it follows */
    XW_PICTURE_GRIDS  /**< after: the grids of a level and all borders of coarser ones */
} xw_picture_what;

typedef struct xw_picture_options {
    xw_box box; /**< what is shown; made wider or higher where it is long and narrow; empty: all */
    xw_picture_what what;
    uint32_t level;    /**< with XW_PICTURE_GRIDS: 0 is the coarsest */
    uint32_t focus;    /**< a grid that is framed and stands out, or XW_NONE */
    uint32_t width;    /**< pixels, XW_PICTURE_WIDTH_MIN … MAX; the height follows from the box */
    const char *title; /**< NULL: name of the territory and of what is shown */
} xw_picture_options;

typedef struct xw_picture_counts { /* what has been drawn */
    size_t grids, plots, buildings, lines, borders, labels;
    uint32_t width, height; /**< pixels */
    double m_per_px;
    xw_box box; /**< what is shown */
} xw_picture_counts;

/**
 * Appends one SVG document.
 * @param counts  may be NULL
 * @return XW_INPUT for a width, level or grid that does not exist or a snapshot without land;
 *         XW_NOT_FOUND when the box meets nothing of the territory; XW_LIMIT when larger than the
 *         buffer's ceiling; XW_NOMEM
 */
xw_status xw_picture_draw(const xw_snapshot *s, const xw_picture_options *o, xw_buf *out,
                          xw_picture_counts *counts, xw_error *err);

#endif
