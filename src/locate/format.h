/* The bytes of a locator. Internal to the layer.
 *
 *   head | entries of the top cells | free | grains
 *
 * The top grid is made of square cells of 2^shift lattice units. Their entries come in tiles of
 * 32 x 32 cells (one page), a tile in blocks of 4 x 4 (one cache line), so that near cells are near
 * in memory. Everything else lies in grains of 32 bytes. An entry has a tag in its upper 4 bits
 * and, below, the label when no edge comes near the cell, else the grain where its leaf starts: the
 * usual lookup reads one entry and at most one cache line more. `free` has a byte for each block of
 * 4 x 4 top cells, row by row: how many blocks away, along x or y, the nearest one is that an edge
 * comes near (0: the block itself). What looks for the nearest edge leaps over the rest.
 *
 * The label of a point is found from below: a ray from the point to the north crosses edges, and
 * each changes the two labels of its sides for each other. In a leaf the edges outside of the cell
 * may be bent at will, as long as none is moved through the cell. So the ray is only tested with
 * the edges of the leaf; where a run of them ends north of the cell, the end counts as one more
 * crossing for the points east of it (`END`), and a constant sets the rest right.
 *
 * Leaves hold whole edges, in coordinates relative to the middle of the cell that fit int16:
 *
 *   CHAIN  32 bytes: two labels, and 5 edges in a run as 6 vertices (the last one repeated)
 *   FAN    64 bytes: 3 labels with a mask each, and 10 vertices
 *   FAN4   64 bytes: 4 labels with a mask each, and 8 vertices
 *   LIST   the label at the corner, and edges in full: whatever does not fit above
 *   SPLIT  64 bytes: the entries of 4 x 4 smaller cells
 *
 * A line of 64 bytes is 16 lanes, of which the last ones are vertices; lane i is also the edge from
 * vertex i to i + 1. Bit i of a mask says that edge i has the label on one side, bit 16 + i that
 * vertex i is an END of it, bit 0 is the constant: the label is the one with an odd number of ones
 * in common with the word of the point. Outside (0) needs no mask. Edges run so that the label of
 * lower lane is on their left. */
#ifndef XW_LOCATE_FORMAT_H
#define XW_LOCATE_FORMAT_H

#include "xiwang/locate.h"

#define LOCATOR_MAGIC   UINT64_C(0x31434f4c47574958) /* also tells the byte order */
#define LOCATOR_VERSION UINT32_C(3)
#define LOCATOR_SPAN    (INT64_C(1) << 30) /* doubled coordinates still fit the int64 products */

enum {
    TILE_SHIFT = 5, /* cells a side of a tile, as a power of two */
    TILE_CELLS = 1 << (2 * TILE_SHIFT),
    TILE_BLOCKS = TILE_CELLS / 16,
    FREE_MAX = 255, /* so far or further */
    GRAIN_SIZE = 32,
    LEAF_SHIFT_MAX = 14, /* larger cells have only LIST leaves */
    LEAF_REACH = 16383,  /* of a vertex from the middle of a cell: differences fit int16 */
    CHAIN_VERTICES = 6,
    LINE_LANES = 16
};

enum { TAG_LABEL, TAG_CHAIN, TAG_FAN, TAG_FAN4, TAG_LIST, TAG_SPLIT };
#define ENTRY_TAG(e)   ((e) >> 28)
#define ENTRY_VALUE(e) ((e)&XW_LOCATOR_LABEL_MAX)

/* Flags of a CHAIN, above its labels. */
#define CHAIN_LAST_END (UINT32_C(1) << 31) /* with the first label: the last vertex is an END */
#define CHAIN_TURNED   (UINT32_C(1) << 30) /* with the first label: it is on the right */
#define CHAIN_FIRST_END                                                      \
    (UINT32_C(1) << 31) /* with the second label: the first vertex is an END \
                         */

typedef struct locator_head {
    uint64_t magic;
    uint32_t version;
    uint32_t shift;  /* of a top cell */
    int32_t ox, oy;  /* south-west corner of the top grid: one unit outside the edges */
    uint32_t w, h;   /* points with x - ox > w or y - oy > h are outside */
    uint32_t tx, ty; /* tiles, at least 1 */
    uint32_t n_grains;
    uint32_t pad[3];
    uint64_t grains_at; /* bytes from here to the grains */
} locator_head;

typedef struct leaf_vertex {
    int16_t x, y;
} leaf_vertex;

typedef struct chain_leaf {
    uint32_t label[2]; /* for an even and an odd number of crossings, with flags */
    leaf_vertex v[CHAIN_VERTICES];
} chain_leaf;

typedef struct fan_label {
    uint32_t label, mask;
} fan_label;

typedef union fan_leaf {
    fan_label face[4];         /* the first 3 or 4 */
    leaf_vertex v[LINE_LANES]; /* the ones after them */
} fan_leaf;

typedef struct locator_item { /* an edge, upward, or eastward when horizontal */
    int32_t ax, ay, bx, by;
    uint32_t left, right;
} locator_item;

typedef struct list_leaf {
    uint32_t label, n;
    locator_item items[];
} list_leaf;

_Static_assert(sizeof(locator_head) == 64, "head is written as it is");
_Static_assert(sizeof(chain_leaf) == GRAIN_SIZE, "leaf is written as it is");
_Static_assert(sizeof(fan_leaf) == 2 * GRAIN_SIZE, "leaf is written as it is");
_Static_assert(sizeof(locator_item) == 24, "item is written as it is");

static inline const locator_head *locator_get_head(const xw_locator *l)
{
    return (const locator_head *)(const void *)l->bytes;
}

static inline const uint32_t *locator_entries(const locator_head *h)
{
    return (const uint32_t *)(const void *)(h + 1);
}

static inline uint64_t locator_free_at(uint64_t n_tiles)
{
    return sizeof(locator_head) + n_tiles * TILE_CELLS * sizeof(uint32_t);
}

static inline uint64_t locator_grains_at(uint64_t n_tiles)
{
    return locator_free_at(n_tiles) + n_tiles * TILE_BLOCKS;
}

/* Bytes of the blocks, tx * 8 a row. */
static inline const unsigned char *locator_free(const locator_head *h)
{
    return (const unsigned char *)h + locator_free_at((uint64_t)h->tx * h->ty);
}

static inline const unsigned char *locator_grains(const locator_head *h)
{
    return (const unsigned char *)h + h->grains_at;
}

static inline const void *locator_grain(const locator_head *h, uint32_t entry)
{
    return locator_grains(h) + (size_t)ENTRY_VALUE(entry) * GRAIN_SIZE;
}

/* Grains of a list of n edges. */
static inline uint64_t list_grains(uint64_t n)
{
    return (sizeof(list_leaf) + n * sizeof(locator_item) + GRAIN_SIZE - 1) / GRAIN_SIZE;
}

/* Entry of a cell within its block of 4 x 4. */
static inline uint32_t block_at(uint32_t cx, uint32_t cy) { return (cy & 3) * 4 + (cx & 3); }

/* Entry of top cell (cx, cy). */
static inline size_t cell_at(uint32_t tx, uint32_t cx, uint32_t cy)
{
    const size_t tile = (size_t)(cy >> TILE_SHIFT) * tx + (cx >> TILE_SHIFT);
    return tile * TILE_CELLS + (((cy & 28) << 5) | ((cx & 28) << 2) | block_at(cx, cy));
}

static inline bool locator_covers(const locator_head *h, xw_pt p)
{
    return (uint32_t)p.x - (uint32_t)h->ox <= h->w && (uint32_t)p.y - (uint32_t)h->oy <= h->h;
}

/* A cell: its entry, its south-west corner, and its size. */
typedef struct locator_cell {
    uint32_t entry, shift;
    int64_t x0, y0;
} locator_cell;

/* The point relative to the middle of a cell of that size, which holds it. */
static inline int32_t from_middle(uint32_t d, uint32_t shift)
{
    const uint32_t side = UINT32_C(1) << shift;
    return (int32_t)(d & (side - 1)) - (int32_t)(side / 2);
}

#endif
