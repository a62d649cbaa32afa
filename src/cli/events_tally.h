/* What became of the rows of an import: counts by rule and by reason. */
#ifndef XW_CLI_EVENTS_TALLY_H
#define XW_CLI_EVENTS_TALLY_H

#include "xiwang/events.h"
#include "xiwang/json.h"

#include <stdio.h>

enum { TALLY_KINDS = 64, TALLY_TEXT = 160 };

typedef struct tally_line {
    char text[TALLY_TEXT];
    unsigned long long n, first_line;
} tally_line;

typedef struct events_tally {
    unsigned long long rows, created, repeats, refused, failed;
    tally_line rules[16];
    size_t n_rules;
    tally_line reasons[TALLY_KINDS]; /* the last one is for all that have no room */
    size_t n_reasons;
} events_tally;

void xw__events_count_taken(events_tally *t, bool repeat, const char *rule);
/* @p reason is counted with the others of its kind: numbers and quoted values do not part them. */
void xw__events_count_refused(events_tally *t, const char *reason, unsigned long long line);
void xw__events_print(events_tally *t, const char *path, const char *unread, bool dry);
void xw__events_print_json(events_tally *t, const char *path, const char *unread, bool dry,
                           xw_json *j);

#endif
