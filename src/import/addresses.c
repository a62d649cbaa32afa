#include "internal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As people write it: 和平路12号 without blanks where the street is Chinese, "Street 12" elsewhere.
 */
static void make_text(const char *street, const char *number, const char *place, char *buf,
                      size_t size)
{
    const char *road = *street ? street : place;
    const size_t n = strlen(number);
    if (xw__has_chinese(road)) {
        const bool bare = n > 0 && isdigit((unsigned char)number[n - 1]);
        (void)snprintf(buf, size, "%s%s%s", road, number, bare ? "号" : "");
    } else {
        (void)snprintf(buf, size, "%s%s%s", road, *road && *number ? " " : "", number);
    }
}

static bool ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* The door after the house: 和平路12号 and 501 give 和平路12号501室, "Street 12" and "7" give
 * "Street 12/7". */
static void add_door(char *line, size_t size, const char *door)
{
    const size_t n = strlen(line);
    const bool bare = strspn(door, "0123456789-") == strlen(door);
    if (xw__has_chinese(line)) {
        (void)snprintf(line + n, size - n, "%s%s", door, bare ? "室" : "");
    } else {
        (void)snprintf(line + n, size - n, "%s%s", n ? "/" : "", door);
    }
}

/* Marks the address added last as a door: one dwelling. */
static xw_status mark_door(xw__import *im, xw_error *err)
{
    const size_t n = im->t->n_addresses, had = im->cap_door;
    if (!xw_grow((void **)&im->door, &im->cap_door, n, sizeof *im->door)) {
        return xw_fail(err, XW_NOMEM, "%zu addresses", n);
    }
    if (im->cap_door > had) memset(im->door + had, 0, im->cap_door - had);
    im->door[n - 1] = 1;
    return XW_OK;
}

xw_status xw__address_add(xw__import *im, xw_pt at, const char *text, const char *street,
                          const char *number, const char *place, const char *door,
                          uint32_t building, xw_error *err)
{
    char line[4 * XW__TEXT_MAX];
    xw_address a = {.at = at, .building = building};
    const bool given = text && *text;
    if (!given && !*number && !*door) return XW_OK;
    if (given || *number || *street) {
        if (given)
            (void)snprintf(line, sizeof line, "%s", text);
        else
            make_text(street, number, place, line, sizeof line);
    } else {
        line[0] = '\0';
    }
    const bool is_door = *door || ends_with(line, "室") || ends_with(line, "户");
    if (*door && !ends_with(line, door)) add_door(line, sizeof line, door);
    xw_status st = xw__intern(im, line, &a.text, err);
    if (!st) st = xw__intern(im, street, &a.street, err);
    if (!st) st = xw__intern(im, number, &a.number, err);
    if (!st) st = xw__intern(im, place, &a.place, err);
    if (!st) st = xw_territory_add_address(im->t, &a, err);
    return st || !is_door ? st : mark_door(im, err);
}

xw_status xw__addresses_resolve(xw__import *im, xw_error *err)
{
    xw__footprints b = {0};
    xw_territory *t = im->t;
    if (t->n_addresses == 0) return XW_OK;
    const xw_status st = xw__footprints_init(&b, t, err);
    for (size_t i = 0; i < t->n_addresses && !st; i++) {
        xw_address *a = &t->addresses[i];
        if (a->building == XW_NONE) a->building = xw__footprints_at(&b, t, a->at);
    }
    xw__footprints_finish(&b);
    return st;
}
