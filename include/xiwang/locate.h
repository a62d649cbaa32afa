/**
 * @file locate.h
 * Point location on a coverage: which label owns a lattice point?
 *
 * The index holds edges with a left and a right label (0 = outside). The label at q is the label at
 * a known corner XOR (left XOR right) over the edges crossed on a path from that corner to q: no
 * nearest edge search, no epsilon, holes for free. Half-open comparisons give the boundary rule of
 * lattice.h. The index is position-independent memory: it can be written to a file and mapped, and
 * a version in its head is checked.
 *
 * Cost: a top grid tells the label of a cell that no edge comes near, else where its edges are: two
 * dependent reads of memory a lookup, seldom more; tests/bench/RESULTS.md has the figures. About 40
 * bytes an edge, and a build of some 0.4 microseconds an edge on one thread. On x86-64 the edges of
 * a cell are tested at once with AVX2 where the machine has it, else with SSE2; elsewhere by
 * portable C. The answers are the same.
 *
 * Threads: immutable after create: share freely. Nothing is built on first read.
 */
#ifndef XW_LOCATE_H
#define XW_LOCATE_H

#include "xiwang/job.h"
#include "xiwang/lattice.h"

#include <stddef.h>

/** Largest label of an edge. */
#define XW_LOCATOR_LABEL_MAX ((UINT32_C(1) << 28) - 1)

typedef struct xw_label_edge {
    xw_pt a, b;           /**< a != b */
    uint32_t left, right; /**< labels of the sides of a -> b; 0 outside */
} xw_label_edge;

/** Builds the index as one block of bytes (owned by the caller, free()), in parallel; the bytes do
 *  not depend on the number of threads. XW_INPUT when the labels contradict each other somewhere:
 *  round each vertex and at the middle of each edge they are verified on the bytes as built.
 *  XW_LIMIT for a label above XW_LOCATOR_LABEL_MAX, or edges that span 107 degrees or more. */
xw_status xw_locator_build(const xw_label_edge *edges, size_t n, const xw_job *job, void **bytes,
                           size_t *size, xw_error *err);

/** A view of index bytes (borrowed, 8-byte aligned, must outlive the view). Lookups are fastest
 *  when the bytes start on a cache line. */
typedef struct xw_locator {
    const unsigned char *bytes;
    size_t size;
} xw_locator;
/** Checks version, sizes and every offset, so that any bytes are safe to query afterwards. */
xw_status xw_locator_view(const void *bytes, size_t size, xw_locator *out, xw_error *err);

/** Label that owns p, 0 outside. Never fails, never allocates. */
uint32_t xw_locator_find(const xw_locator *l, xw_pt p);
/** The same for n points; several times as fast, because many reads of memory are under way at
 *  once. Points that are near in the array and on the map are faster still. */
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

/** Does p lie on an edge? Exact; reads what xw_locator_find(p) has read. */
bool xw_locator_on_edge(const xw_locator *l, xw_pt p);

/** Distance in metres from p to the nearest edge, at most max_m (also the answer when none is
 * nearer). Cost: the cells with edges that are about as far as the nearest one; a microsecond or
 * less, and hardly more where no edge is near. */
double xw_locator_nearest_m(const xw_locator *l, xw_pt p, double max_m);

#endif
