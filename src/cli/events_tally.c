#include "events_tally.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Numbers become #, and values in quotes "…"; names of fields stay. */
static void kind_of(const char *reason, char out[TALLY_TEXT])
{
    size_t n = 0;
    bool value = false;                                 /* behind "is", a quoted text is one */
    if (strstr(reason, "\"lat\" 0, 0 is in no grid")) { /* what programs say for nothing */
        (void)snprintf(out, TALLY_TEXT, "\"long\", \"lat\" 0, 0 is in no grid");
        return;
    }
    for (const char *s = reason; *s && n + 8 < TALLY_TEXT;) {
        const bool apart = s == reason || !isalnum((unsigned char)s[-1]); /* no UTF-8 */
        const bool minus = apart && *s == '-' && isdigit((unsigned char)s[1]);
        const char *end = *s == '"' && value ? strchr(s + 1, '"') : NULL;
        if (end) {
            memcpy(out + n, "\"…\"", strlen("\"…\""));
            n += strlen("\"…\"");
            s = end + 1;
        } else if (minus ||
                   (apart && isdigit((unsigned char)*s) && (s == reason || s[-1] != '-'))) {
            out[n++] = '#';
            s += minus;
            s += strspn(s, "0123456789.");
            if (*s == 'e' && (isdigit((unsigned char)s[1]) || s[1] == '-' || s[1] == '+')) {
                s += 2 + strspn(s + 2, "0123456789");
            }
        } else {
            value = value || strncmp(s, " is ", 4) == 0;
            out[n++] = *s++;
        }
    }
    out[n] = '\0';
}

static void count(tally_line *lines, size_t *n, size_t most, const char *text,
                  unsigned long long line)
{
    size_t i = 0;
    while (i < *n && strcmp(lines[i].text, text) != 0) i++;
    if (i == most) {
        i = most - 1;
        (void)snprintf(lines[i].text, sizeof lines[i].text, "other reasons");
    }
    if (i == *n) {
        lines[i] = (tally_line){.first_line = line};
        (void)snprintf(lines[i].text, sizeof lines[i].text, "%s", text);
        (*n)++;
    }
    lines[i].n++;
}

void xw__events_count_taken(events_tally *t, bool repeat, const char *rule)
{
    t->rows++;
    if (repeat) {
        t->repeats++;
        return;
    }
    t->created++;
    count(t->rules, &t->n_rules, sizeof t->rules / sizeof *t->rules, rule, 0);
}

void xw__events_count_refused(events_tally *t, const char *reason, unsigned long long line)
{
    char kind[TALLY_TEXT];
    kind_of(reason, kind);
    t->rows++;
    t->refused++;
    count(t->reasons, &t->n_reasons, TALLY_KINDS, kind, line);
}

static int by_number(const void *a, const void *b)
{
    const tally_line *x = a, *y = b;
    if (x->n != y->n) return x->n > y->n ? -1 : 1;
    return strcmp(x->text, y->text);
}

static void sort(events_tally *t)
{
    if (t->n_rules) qsort(t->rules, t->n_rules, sizeof *t->rules, by_number);
    if (t->n_reasons) qsort(t->reasons, t->n_reasons, sizeof *t->reasons, by_number);
}

void xw__events_print(events_tally *t, const char *path, const char *unread, bool dry)
{
    sort(t);
    (void)printf("%s: %llu rows\n", path, t->rows);
    (void)printf("  %-9s %8llu", dry ? "would be" : "taken", t->created);
    for (size_t i = 0; i < t->n_rules; i++) {
        (void)printf("%s %s %llu", i ? "," : "  ", t->rules[i].text, t->rules[i].n);
    }
    if (dry) {
        (void)printf("\n  dry run: nothing was written, repeats were not looked for\n");
    } else {
        (void)printf("\n  repeats   %8llu  known already, nothing was added\n", t->repeats);
    }
    (void)printf("  refused   %8llu\n", t->refused);
    for (size_t i = 0; i < t->n_reasons; i++) {
        (void)printf("    %8llu  %s (first in line %llu)\n", t->reasons[i].n, t->reasons[i].text,
                     t->reasons[i].first_line);
    }
    if (*unread) (void)printf("  columns not read: %s\n", unread);
}

void xw__events_print_json(events_tally *t, const char *path, const char *unread, bool dry,
                           xw_json *j)
{
    sort(t);
    xw_json_open(j, '{');
    xw_json_kstr(j, "file", path);
    xw_json_kbool(j, "dry_run", dry);
    xw_json_kint(j, "rows", (int64_t)t->rows);
    xw_json_kint(j, "taken", (int64_t)t->created);
    xw_json_kint(j, "repeats", (int64_t)t->repeats);
    xw_json_kint(j, "refused", (int64_t)t->refused);
    xw_json_key(j, "rules");
    xw_json_open(j, '{');
    for (size_t i = 0; i < t->n_rules; i++) {
        xw_json_kint(j, t->rules[i].text, (int64_t)t->rules[i].n);
    }
    xw_json_close(j, '}');
    xw_json_key(j, "reasons");
    xw_json_open(j, '[');
    for (size_t i = 0; i < t->n_reasons; i++) {
        xw_json_open(j, '{');
        xw_json_kstr(j, "reason", t->reasons[i].text);
        xw_json_kint(j, "rows", (int64_t)t->reasons[i].n);
        xw_json_kint(j, "first_line", (int64_t)t->reasons[i].first_line);
        xw_json_close(j, '}');
    }
    xw_json_close(j, ']');
    xw_json_kstr(j, "columns_not_read", unread);
    xw_json_close(j, '}');
}
