/* Tables as text (RFC 4180): quoted fields may hold separators, doubled quotes and line breaks. */
#ifndef XW_CLI_CSV_H
#define XW_CLI_CSV_H

#include "xiwang/buf.h"

#include <stdio.h>

typedef struct csv {
    FILE *in;
    const char *path;
    char separator; /* of comma, semicolon and tab the one that the header has most of */
    xw_buf bytes;   /* the fields of the row, each with a NUL */
    size_t *at;     /* where they begin */
    size_t n, cap;
    unsigned long long line; /* where the row begins, from 1 */
    unsigned long long next; /* the line after it */
    char head[4096];         /* read ahead, to find the separator */
    size_t head_at, head_n;
    uint64_t done, total; /* bytes read; total is 0 when it is not known */
} csv;

/* "-" is standard input. XW_NOT_FOUND, XW_IO; close it also after a failure. */
xw_status xw__csv_open(const char *path, csv *out, xw_error *err);
/* The next row that is not empty; got is false at the end. XW_INPUT: a quote is not closed, a row
 * is too long or has a byte 0: nothing more can be read. */
xw_status xw__csv_next(csv *t, bool *got, xw_error *err);
const char *xw__csv_field(const csv *t, size_t i);
void xw__csv_close(csv *t);

#endif
