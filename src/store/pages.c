#include "pages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    WAIT = 1 << 20,
    LEAF_HEAD = 8,
    INNER_HEAD = 12,
    LEAF = 0x0d, /* a page of rows */
    INNER = 0x05 /* a page of pages */
};
/* SQLite locks bytes from here on: the page that has them is left empty. */
#define LOCK_PAGE (0x40000000u / XW__PAGE + 1)

/* --- bytes ----------------------------------------------------------------------------------- */

static void put_be(unsigned char *at, uint64_t v, unsigned n)
{
    while (n-- > 0) *at++ = (unsigned char)(v >> (8 * n) & 0xff);
}

/* Seven bits a byte, most significant first; the ninth byte has all eight. */
static unsigned put_varint(unsigned char *at, uint64_t v)
{
    unsigned char low[10];
    unsigned n = 0;
    if (v >> 56) {
        at[8] = (unsigned char)(v & 0xff);
        v >>= 8;
        for (int i = 7; i >= 0; i--, v >>= 7) at[i] = (unsigned char)(v & 0x7f) | 0x80;
        return 9;
    }
    do {
        low[n++] = (unsigned char)(v & 0x7f);
        v >>= 7;
    } while (v);
    for (unsigned i = 0; i < n; i++) {
        at[i] = (unsigned char)(low[n - 1 - i] | (i + 1 < n ? 0x80 : 0));
    }
    return n;
}

/* --- the file -------------------------------------------------------------------------------- */

static xw_status write_at(xw__pages *p, const void *bytes, size_t n, uint64_t at, xw_error *err)
{
    const char *from = bytes;
    while (n > 0) {
        const ssize_t done = pwrite(p->fd, from, n, (off_t)at);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) {
            const int why = done < 0 ? errno : EIO;
            return xw_fail(err, XW_IO, "%s: %s", p->path,
                           why == ENOSPC ? "no space left on the device" : strerror(why));
        }
        from += done;
        n -= (size_t)done;
        at += (uint64_t)done;
    }
    return XW_OK;
}

static xw_status flush(xw__pages *p, xw_error *err)
{
    xw_status st = xw_buf_status(&p->waiting, "pages of the store", err);
    if (!st) st = write_at(p, p->waiting.data, p->waiting.n, p->at, err);
    p->at += p->waiting.n;
    xw_buf_clear(&p->waiting);
    return st;
}

static uint32_t next_page(const xw__pages *p)
{
    return p->n + 1 == LOCK_PAGE ? p->n + 2 : p->n + 1;
}

/* Puts a page at the end of the file; its number is what next_page said. */
static xw_status append(xw__pages *p, const unsigned char *page, uint32_t *number, xw_error *err)
{
    static const unsigned char nothing[XW__PAGE];
    if (p->n >= UINT32_MAX - 4) return xw_fail(err, XW_LIMIT, "%s: too large", p->path);
    if (p->n + 1 == LOCK_PAGE) {
        xw_buf_add(&p->waiting, nothing, XW__PAGE);
        p->n++;
    }
    xw_buf_add(&p->waiting, page, XW__PAGE);
    *number = ++p->n;
    return p->waiting.n >= WAIT || p->waiting.failed ? flush(p, err) : XW_OK;
}

xw_status xw__pages_open(xw__pages *p, const char *file, const char *path, xw_error *err)
{
    unsigned char head[100];
    *p = (xw__pages){.path = path};
    xw_buf_init(&p->waiting, 4 * (size_t)WAIT);
    p->fd = open(file, O_RDWR | O_CLOEXEC);
    if (p->fd < 0) return xw_fail(err, XW_IO, "%s: %s", path, strerror(errno));
    if (pread(p->fd, head, sizeof head, 0) != (ssize_t)sizeof head ||
        head[16] * 256u + head[17] != XW__PAGE || head[20] != 0) {
        (void)close(p->fd);
        p->fd = -1;
        return xw_fail(err, XW_INTERNAL, "%s: pages of another size", path);
    }
    p->n = (uint32_t)head[28] << 24 | (uint32_t)head[29] << 16 | (uint32_t)head[30] << 8 | head[31];
    p->at = (uint64_t)p->n * XW__PAGE;
    return XW_OK;
}

xw_status xw__pages_close(xw__pages *p, xw_status st, xw_error *err)
{
    unsigned char n[4];
    put_be(n, p->n, 4);
    if (!st) st = flush(p, err);
    if (!st) st = write_at(p, n, sizeof n, 28, err);
    if (p->fd >= 0 && close(p->fd) != 0 && !st) {
        st = xw_fail(err, XW_IO, "%s: %s", p->path, strerror(errno));
    }
    p->fd = -1;
    xw_buf_finish(&p->waiting);
    return st;
}

/* --- rows ------------------------------------------------------------------------------------ */

static void clear_leaf(xw__sheet *s)
{
    memset(s->leaf, 0, sizeof s->leaf);
    s->n_cells = 0;
    s->low = XW__PAGE;
}

void xw__sheet_begin(xw__sheet *s, xw__pages *p, uint32_t root)
{
    memset(s, 0, sizeof *s);
    s->p = p;
    s->root = root;
    xw_buf_init(&s->body, (size_t)1 << 30);
    clear_leaf(s);
}

static void add_type(xw__sheet *s, uint64_t type)
{
    if (s->n_types + 5 > sizeof s->types || type >> 32) {
        s->body.failed = true; /* no layer has such a row */
        return;
    }
    s->n_types += put_varint(s->types + s->n_types, type);
}

void xw__sheet_null(xw__sheet *s) { add_type(s, 0); }

void xw__sheet_int(xw__sheet *s, int64_t v)
{
    static const unsigned char sizes[] = {1, 2, 3, 4, 6, 8};
    if (v == 0 || v == 1) {
        add_type(s, 8 + (uint64_t)v);
        return;
    }
    const uint64_t size = (uint64_t)(v < 0 ? ~v : v);
    unsigned k = 0;
    while (k < 5 && size >> (8 * sizes[k] - 1)) k++;
    unsigned char bytes[8];
    put_be(bytes, (uint64_t)v, sizes[k]);
    add_type(s, k + 1);
    xw_buf_add(&s->body, bytes, sizes[k]);
}

void xw__sheet_real(xw__sheet *s, double v)
{
    uint64_t bits;
    unsigned char bytes[8];
    v += 0.0; /* SQL knows no negative zero */
    memcpy(&bits, &v, sizeof bits);
    put_be(bytes, bits, 8);
    add_type(s, 7);
    xw_buf_add(&s->body, bytes, 8);
}

void xw__sheet_text(xw__sheet *s, const char *text)
{
    const size_t n = strlen(text);
    add_type(s, 2 * (uint64_t)n + 13);
    xw_buf_add(&s->body, text, n);
}

void xw__sheet_blob(xw__sheet *s, const void *bytes, size_t n)
{
    add_type(s, 2 * (uint64_t)n + 12);
    xw_buf_add(&s->body, bytes, n);
}

static xw_status add_kid(xw__sheet *s, uint32_t page, int64_t last, xw_error *err)
{
    if (!xw_grow((void **)&s->kids, &s->cap_kids, s->n_kids + 1, sizeof *s->kids)) {
        return xw_fail(err, XW_NOMEM, "%s", s->p->path);
    }
    s->kids[s->n_kids++] = (xw__kid){page, last};
    return XW_OK;
}

static void finish_leaf(xw__sheet *s)
{
    s->leaf[0] = LEAF;
    put_be(s->leaf + 3, s->n_cells, 2);
    put_be(s->leaf + 5, s->low, 2);
}

static xw_status put_leaf(xw__sheet *s, xw_error *err)
{
    uint32_t page = 0;
    finish_leaf(s);
    xw_status st = append(s->p, s->leaf, &page, err);
    if (!st) st = add_kid(s, page, s->row, err);
    clear_leaf(s);
    return st;
}

/* How much of a payload stays in the leaf; the rest goes to pages of its own. */
static size_t local_part(size_t n)
{
    enum { MOST = XW__PAGE - 35, LEAST = (XW__PAGE - 12) * 32 / 255 - 23 };
    if (n <= MOST) return n;
    const size_t k = LEAST + (n - LEAST) % (XW__PAGE - 4);
    return k <= MOST ? k : LEAST;
}

/* A chain of pages, each with the number of the next. */
static xw_status put_overflow(xw__pages *p, const char *bytes, size_t n, uint32_t *first,
                              xw_error *err)
{
    *first = next_page(p);
    while (n > 0) {
        unsigned char page[XW__PAGE] = {0};
        uint32_t number = next_page(p);
        const size_t take = n < XW__PAGE - 4 ? n : XW__PAGE - 4;
        if (take < n) put_be(page, number + 1 == LOCK_PAGE ? number + 2 : number + 1, 4);
        memcpy(page + 4, bytes, take);
        const xw_status st = append(p, page, &number, err);
        if (st) return st;
        bytes += take;
        n -= take;
    }
    return XW_OK;
}

xw_status xw__sheet_row(xw__sheet *s, int64_t row, xw_error *err)
{
    unsigned char head[sizeof s->types + 2], cell[20];
    /* The head counts itself: one byte while it is short, and it always is short or just above. */
    const size_t n_head = s->n_types + (s->n_types + 1 < 128 ? 1 : 2);
    const unsigned at = put_varint(head, n_head);
    memcpy(head + at, s->types, s->n_types);
    xw_status st = xw_buf_status(&s->body, "row of the store", err);
    const size_t n = n_head + s->body.n, local = local_part(n);
    unsigned n_cell = put_varint(cell, n);
    n_cell += put_varint(cell + n_cell, (uint64_t)row);
    const size_t size = n_cell + local + (local < n ? 4 : 0);
    if (!st && s->low < LEAF_HEAD + 2 * (s->n_cells + 1) + size) st = put_leaf(s, err);
    uint32_t over = 0;
    if (!st && local < n) {
        const size_t skip = local - n_head; /* the head is shorter than the least local part */
        st = put_overflow(s->p, s->body.data + skip, s->body.n - skip, &over, err);
    }
    if (st) return st;
    s->low -= (uint32_t)size;
    unsigned char *to = s->leaf + s->low;
    memcpy(to, cell, n_cell);
    memcpy(to + n_cell, head, n_head);
    if (local > n_head) memcpy(to + n_cell + n_head, s->body.data, local - n_head);
    if (local < n) put_be(to + n_cell + local, over, 4);
    put_be(s->leaf + LEAF_HEAD + 2 * (size_t)s->n_cells++, s->low, 2);
    s->row = row;
    s->started = true;
    s->n_types = 0;
    xw_buf_clear(&s->body);
    return XW_OK;
}

/* --- what is above --------------------------------------------------------------------------- */

/* A page over kids [0, n): all but the last are cells. */
static void make_inner(unsigned char page[XW__PAGE], const xw__kid *kids, size_t n)
{
    uint32_t low = XW__PAGE;
    memset(page, 0, XW__PAGE);
    for (size_t i = 0; i + 1 < n; i++) {
        unsigned char cell[14];
        put_be(cell, kids[i].page, 4);
        const unsigned size = 4 + put_varint(cell + 4, (uint64_t)kids[i].last);
        low -= size;
        memcpy(page + low, cell, size);
        put_be(page + INNER_HEAD + 2 * i, low, 2);
    }
    page[0] = INNER;
    put_be(page + 3, n - 1, 2);
    put_be(page + 5, low, 2);
    put_be(page + 8, kids[n - 1].page, 4);
}

/* Level by level until one page is enough: that is the root, which has its place already. */
static xw_status put_inner(xw__sheet *s, unsigned char root[XW__PAGE], xw_error *err)
{
    enum { MOST = (XW__PAGE - INNER_HEAD) / (4 + 9 + 2) };
    while (s->n_kids > MOST) {
        const size_t n_pages = (s->n_kids + MOST - 1) / MOST, n = s->n_kids;
        for (size_t i = 0; i < n_pages; i++) { /* even shares: none has less than two */
            const size_t from = n * i / n_pages, to = n * (i + 1) / n_pages;
            uint32_t number = 0;
            make_inner(root, s->kids + from, to - from);
            const xw_status st = append(s->p, root, &number, err);
            if (st) return st;
            s->kids[i] = (xw__kid){number, s->kids[to - 1].last};
        }
        s->n_kids = n_pages;
    }
    make_inner(root, s->kids, s->n_kids);
    return XW_OK;
}

xw_status xw__sheet_end(xw__sheet *s, xw_status st, xw_error *err)
{
    unsigned char root[XW__PAGE];
    if (!st && s->started) {
        if (s->n_kids == 0) { /* one leaf: the root itself */
            finish_leaf(s);
            memcpy(root, s->leaf, sizeof root);
        } else {
            if (s->n_cells > 0) st = put_leaf(s, err);
            if (!st) st = put_inner(s, root, err);
        }
        if (!st) st = write_at(s->p, root, sizeof root, ((uint64_t)s->root - 1) * XW__PAGE, err);
    }
    free(s->kids);
    xw_buf_finish(&s->body);
    s->kids = NULL;
    return st;
}
