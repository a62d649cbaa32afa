/* Publishes revisions of the toy model as xiwang does: the old files go to the folder of the
 * history, the new ones are renamed into place. */
#ifndef XW_TEST_PUBLISHER_H
#define XW_TEST_PUBLISHER_H

#include "support/test.h"

#include "xiwang/timeline.h"

typedef struct publisher {
    char folder[64], store[96], history[112];
    uint32_t newest; /* number of the store's revision, 0: none yet */
} publisher;

int publisher_start(void **state);
int publisher_stop(void **state); /* removes whatever is there */

/* The next revision, in force from then. */
void publish(publisher *p, int64_t effective);
/* Writes a revision as a store of that path, with its snapshot. */
void publish_as(const char *path, uint32_t revision, int64_t effective);
/* Path of a kept store, with a tail such as ".snapshot"; valid until the fourth call after. */
const char *kept(const publisher *p, unsigned revision, const char *tail);
/* Replaces a file by a text, under another name first. */
void spoil(const char *path, const char *text);
/* Changes one byte in place. */
void flip(const char *path, long at);

#endif
