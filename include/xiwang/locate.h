/**
 * @file locate.h
 * Point location on a coverage: which label owns a lattice point?
 *
 * The index holds edges with a left and a right label (0 = outside). The label at q is the label at
 * a known corner XOR (left XOR right) over the edges crossed on a path from that corner to q: no
 * nearest edge search, no epsilon, holes for free. Half-open comparisons give the boundary rule of
 * lattice.h. The index is position-independent memory: it can be written to a file and mapped.
 * Threads: immutable after create: share freely. Nothing is built on first read.
 */
#ifndef XW_LOCATE_H
#define XW_LOCATE_H

#include "xiwang/job.h"
#include "xiwang/lattice.h"

#include <stddef.h>

typedef struct xw_label_edge {
    xw_pt a, b;           /**< a != b */
    uint32_t left, right; /**< labels of the sides of a -> b; 0 outside */
} xw_label_edge;

/** Builds the index as one block of bytes (owned by the caller, free()).
 *  XW_INPUT when the labels contradict each other somewhere: the middle of each edge is verified.
 */
xw_status xw_locator_build(const xw_label_edge *edges, size_t n, const xw_job *job, void **bytes,
                           size_t *size, xw_error *err);

/** A view of index bytes (borrowed, 8-byte aligned, must outlive the view). */
typedef struct xw_locator {
    const unsigned char *bytes;
    size_t size;
} xw_locator;
/** Checks version, sizes and every offset, so that any bytes are safe to query afterwards. */
xw_status xw_locator_view(const void *bytes, size_t size, xw_locator *out, xw_error *err);

/** Label that owns p, 0 outside. Never fails, never allocates. */
uint32_t xw_locator_find(const xw_locator *l, xw_pt p);
void xw_locator_find_many(const xw_locator *l, const xw_pt *p, size_t n, uint32_t *out);

typedef struct xw_near_edge {
    uint32_t left, right;
    double distance_m;
    xw_pt a, b;
} xw_near_edge;
/** Calls fn for every edge within radius_m (measured at p's latitude) of p, each once.
 *  fn returns false to stop. */
void xw_locator_near(const xw_locator *l, xw_pt p, double radius_m,
                     bool (*fn)(void *user, const xw_near_edge *e), void *user);

/** Distance in metres from p to the nearest edge, at most max_m (also the answer when none is
 * nearer). Cost: the cells within that distance. */
double xw_locator_nearest_m(const xw_locator *l, xw_pt p, double max_m);

#endif
