/**
 * @file when.h
 * Times as text and as seconds since 1970, in UTC, of the proleptic Gregorian calendar. No clock
 * and no time zones of the machine: whoever wants to know the time of day asks the system.
 *
 * Days and dates are turned into each other as in Howard Hinnant, "chrono-compatible low-level date
 * algorithms". Threads: freely.
 */
#ifndef XW_WHEN_H
#define XW_WHEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XW_WHEN_TEXT 32 /**< room for a time as text */

/**
 * Reads an RFC 3339 time ("2026-05-01T08:00:00+08:00", fractions are cut off, a leap second counts
 * as the next one) or a date, which is its first second in UTC.
 * @return bytes read; 0 when the text begins with no such time or with a day that does not exist
 */
size_t xw_when_read(const char *text, int64_t *unix_s);
/** The same for a text that is nothing else. */
bool xw_when_parse(const char *text, int64_t *unix_s);

/** "2026-05-01T00:00:00Z"; years before 0 and after 9999 are written with as many digits as they
 * need and are no RFC 3339. */
void xw_when_text(int64_t unix_s, char out[XW_WHEN_TEXT]);

#endif
