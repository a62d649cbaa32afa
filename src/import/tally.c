/* Small things that are put right without losing anything are told once a layer, with their number
 * and the first place: a layer with heights has them in every feature. */
#include "internal.h"

#include <stdio.h>

static const struct {
    const char *kind, *text;
} notes[XW__NOTE_COUNT] = {
    [XW__NOTE_Z] = {"z-dropped", "have Z or M values, which are dropped"},
    [XW__NOTE_CURVE] = {"curve-drawn", "have arcs, drawn as short straight edges"},
    [XW__NOTE_UNCLOSED] = {"ring-unclosed", "have a ring that does not end where it began, closed"},
    [XW__NOTE_TURNED] = {"ring-turned", "have a hole that runs round like its outer ring, turned"},
    [XW__NOTE_REPEATED] = {"vertex-repeated", "have neighbour vertices within 1 cm, one is kept"},
    [XW__NOTE_PARTS] = {"part-ignored", "have parts that the layer has no use for, left out"},
    [XW__NOTE_LINE] = {"ring-from-line", "are closed lines, taken for areas"},
    [XW__NOTE_ENCODING] = {"text-encoding", "have text that is not UTF-8"},
    [XW__NOTE_BLANK] = {"address-blank", "have neither a text nor a number, left out"},
};

void xw__tally_add(xw__tally *t, const xw__shape *s, GIntBig fid)
{
    for (unsigned i = 0; i < XW__NOTE_COUNT; i++) {
        if (!(s->notes & 1u << i)) continue;
        if (t->n[i]++ == 0) {
            t->at[i] = s->at;
            t->fid[i] = fid;
        }
    }
}

xw_status xw__tally_tell(xw__import *im, const xw__source *s, xw_error *err)
{
    xw_status st = XW_OK;
    for (unsigned i = 0; i < XW__NOTE_COUNT && !st; i++) {
        const xw__tally *t = &s->tally;
        char id[32], read_as[100] = "";
        if (t->n[i] == 0) continue;
        (void)snprintf(id, sizeof id, "%lld", (long long)t->fid[i]);
        if (i == XW__NOTE_ENCODING) {
            (void)snprintf(read_as, sizeof read_as, ", read as %.60s",
                           s->encoding
                               ? s->encoding
                               : "GB 18030, or ISO 8859-1 where all high bytes stand alone");
        }
        st = xw_territory_find(im->t, notes[i].kind, s->role, id, t->at[i], err,
                               "%s: %llu of %llu features %s%s, the first is feature %s",
                               s->label + s->brief, (unsigned long long)t->n[i],
                               (unsigned long long)s->n, notes[i].text, read_as, id);
    }
    return st;
}
