#include "sample_internal.h"

static bool before(xw__heap_item a, xw__heap_item b)
{
    return a.key < b.key || (a.key == b.key && a.cell < b.cell);
}

xw_status xw__heap_push(xw__heap *h, xw__heap_item it, xw_error *err)
{
    if (!xw_grow((void **)&h->at, &h->cap, h->n + 1, sizeof *h->at)) {
        return xw_fail(err, XW_NOMEM, "a queue of %zu cells", h->n + 1);
    }
    size_t i = h->n++;
    while (i > 0 && before(it, h->at[(i - 1) / 2])) {
        h->at[i] = h->at[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    h->at[i] = it;
    return XW_OK;
}

xw__heap_item xw__heap_pop(xw__heap *h)
{
    const xw__heap_item top = h->at[0], last = h->at[--h->n];
    size_t i = 0;
    for (;;) {
        size_t c = 2 * i + 1;
        if (c >= h->n) break;
        if (c + 1 < h->n && before(h->at[c + 1], h->at[c])) c++;
        if (!before(h->at[c], last)) break;
        h->at[i] = h->at[c];
        i = c;
    }
    if (h->n) h->at[i] = last;
    return top;
}
