#include "xiwang/when.h"

#include <stdio.h>
#include <string.h>

enum { DAY_S = 86400, EPOCH_DAYS = 719468 }; /* days from 0000-03-01 to 1970-01-01 */

static int64_t days_of(int64_t year, int month, int day)
{
    const int64_t y = month <= 2 ? year - 1 : year;
    const int64_t era = (y >= 0 ? y : y - 399) / 400;
    const int64_t yoe = y - era * 400;
    const int64_t doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - EPOCH_DAYS;
}

static bool day_exists(int year, int month, int day)
{
    static const int lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1) return false;
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= lengths[month - 1] + (month == 2 && leap);
}

/* '0' in the shape is any digit, everything else is itself. */
static bool looks_like(const char *s, const char *shape)
{
    for (; *shape; s++, shape++) {
        if (*shape == '0' ? !(*s >= '0' && *s <= '9') : *s != *shape) return false;
    }
    return true;
}

static int two(const char *s) { return (s[0] - '0') * 10 + s[1] - '0'; }

/* Length of "Z" or "+08:00" at s, 0 if it is neither. */
static size_t zone_at(const char *s, int64_t *offset_s)
{
    *offset_s = 0;
    if (*s == 'Z' || *s == 'z') return 1;
    if (!looks_like(s, "+00:00") && !looks_like(s, "-00:00")) return 0;
    const int hours = two(s + 1), minutes = two(s + 4);
    if (hours > 23 || minutes > 59) return 0;
    *offset_s = (hours * 60 + minutes) * 60;
    if (*s == '-') *offset_s = -*offset_s;
    return 6;
}

size_t xw_when_read(const char *s, int64_t *unix_s)
{
    int64_t offset;
    *unix_s = 0;
    if (!looks_like(s, "0000-00-00")) return 0;
    const int year = two(s) * 100 + two(s + 2), month = two(s + 5), day = two(s + 8);
    if (!day_exists(year, month, day)) return 0;
    *unix_s = days_of(year, month, day) * DAY_S;
    if (s[10] != 'T' && s[10] != 't') return 10;
    if (!looks_like(s + 11, "00:00:00")) return 0;
    const int hour = two(s + 11), minute = two(s + 14), second = two(s + 17);
    if (hour > 23 || minute > 59 || second > 60) return 0;
    size_t n = 19;
    if (s[n] == '.') {
        if (s[++n] < '0' || s[n] > '9') return 0;
        while (s[n] >= '0' && s[n] <= '9') n++;
    }
    const size_t zone_n = zone_at(s + n, &offset);
    if (zone_n == 0) return 0;
    *unix_s += (hour * 60 + minute) * 60 + second - offset;
    return n + zone_n;
}

bool xw_when_parse(const char *text, int64_t *unix_s)
{
    const size_t n = xw_when_read(text, unix_s);
    return n > 0 && text[n] == '\0';
}

static void put_two(char *to, int v)
{
    to[0] = (char)('0' + v / 10);
    to[1] = (char)('0' + v % 10);
}

void xw_when_text(int64_t unix_s, char out[XW_WHEN_TEXT])
{
    int64_t days = unix_s / DAY_S, rest = unix_s % DAY_S;
    if (rest < 0) {
        rest += DAY_S;
        days--;
    }
    days += EPOCH_DAYS;
    const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const int64_t doe = days - era * 146097;
    const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    const int64_t month = mp < 10 ? mp + 3 : mp - 9;
    const int64_t year = yoe + era * 400 + (month <= 2);
    const int day = (int)(doy - (153 * mp + 2) / 5 + 1);
    if (year < 0 || year > 9999) {
        (void)snprintf(out, XW_WHEN_TEXT, "%04lld-%02d-%02dT%02d:%02d:%02dZ", (long long)year,
                       (int)month, day, (int)(rest / 3600), (int)(rest / 60 % 60),
                       (int)(rest % 60));
        return;
    }
    memcpy(out, "0000-00-00T00:00:00Z", 21);
    put_two(out, (int)(year / 100));
    put_two(out + 2, (int)(year % 100));
    put_two(out + 5, (int)month);
    put_two(out + 8, day);
    put_two(out + 11, (int)(rest / 3600));
    put_two(out + 14, (int)(rest / 60 % 60));
    put_two(out + 17, (int)(rest % 60));
}
