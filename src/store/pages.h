/* Tables written as SQLite's pages, row after row, without SQLite: inserting costs the library some
 * 2 us a row, laying the same bytes out costs a tenth. The format is SQLite's file format, stable
 * since 2004 (sqlite.org/fileformat2.html): a table is a B-tree by row number whose leaves hold
 * records; in ascending order it is filled from left to right, and what is above the leaves is made
 * last.
 *
 * Use: SQLite creates the empty tables, says their roots and lets the file go; the rows are
 * written; then SQLite may open the file again. Nothing may be indexed, and numbers of rows ascend.
 */
#ifndef XW_STORE_PAGES_H
#define XW_STORE_PAGES_H

#include "xiwang/buf.h"

#define XW__PAGE         4096u
#define XW__COLUMNS_MOST 24 /* of a row */

typedef struct xw__pages {
    int fd;
    const char *path; /* borrowed, for errors */
    uint32_t n;       /* pages of the file */
    uint64_t at;      /* where the bytes that wait go */
    xw_buf waiting;
} xw__pages;

/* A file that SQLite has made with this size of pages, and has closed. */
xw_status xw__pages_open(xw__pages *p, const char *file, const char *path, xw_error *err);
/* Writes what waits and the number of pages. Closes also when st is a failure, and returns it. */
xw_status xw__pages_close(xw__pages *p, xw_status st, xw_error *err);

typedef struct xw__kid { /* a page and the last row in it or below it */
    uint32_t page;
    int64_t last;
} xw__kid;

typedef struct xw__sheet { /* one table */
    xw__pages *p;
    uint32_t root;
    unsigned char leaf[XW__PAGE];
    uint32_t n_cells, low; /* of the leaf; low: where its cells begin */
    int64_t row;           /* the last one */
    xw__kid *kids;
    size_t n_kids, cap_kids;
    unsigned char types[5 * XW__COLUMNS_MOST]; /* of the row at hand */
    size_t n_types;
    xw_buf body;
    bool started;
} xw__sheet;

void xw__sheet_begin(xw__sheet *s, xw__pages *p, uint32_t root);
/* The columns of a row in their order, then its number. A column that is the number itself is null.
 */
void xw__sheet_null(xw__sheet *s);
void xw__sheet_int(xw__sheet *s, int64_t v);
void xw__sheet_real(xw__sheet *s, double v);
void xw__sheet_text(xw__sheet *s, const char *text);
void xw__sheet_blob(xw__sheet *s, const void *bytes, size_t n);
xw_status xw__sheet_row(xw__sheet *s, int64_t row, xw_error *err);
/* Writes what is above the leaves and frees what the sheet holds; also after a failure st, which it
 * returns. A table without rows stays as SQLite made it. */
xw_status xw__sheet_end(xw__sheet *s, xw_status st, xw_error *err);

#endif
