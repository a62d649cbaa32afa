/* The texts of a request: path, query, Accept, Host. Everything here comes from strangers. */
#include "internal.h"
#include "xiwang/digits.h"
#include "xiwang/when.h"

#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int hex(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Decodes n bytes to *at, adds a NUL and moves *at behind it. A NUL byte or a broken escape is
 * refused: both only come from mistakes and attacks. */
static bool decode(const char *s, size_t n, bool plus, char **at)
{
    char *out = *at;
    for (size_t i = 0; i < n; i++) {
        char c = s[i];
        if (c == '%') {
            const int hi = i + 2 < n ? hex(s[i + 1]) : -1;
            const int lo = hi >= 0 ? hex(s[i + 2]) : -1;
            if (lo < 0 || (hi == 0 && lo == 0)) return false;
            c = (char)(unsigned char)(hi * 16 + lo);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        *out++ = c;
    }
    *out++ = '\0';
    *at = out;
    return true;
}

/* Bytes up to the first of two stops or the end. strcspn makes a table first. */
static size_t up_to(const char *s, char stop, char other)
{
    size_t n = 0;
    while (s[n] && s[n] != stop && s[n] != other) n++;
    return n;
}

bool xw__is_word_of(const char *list, const char *word)
{
    for (const char *s = list; *s;) {
        const char *w = word;
        while (*w && *s == *w) s++, w++;
        if (!*w && (*s == ' ' || !*s)) return true;
        while (*s && *s != ' ') s++;
        s += *s == ' ';
    }
    return false;
}

static bool parse_params(xw__cx *cx, char **at, xw_http_response *rs)
{
    for (const char *s = cx->query; *s && *s != '#';) {
        const size_t n = up_to(s, '&', '#');
        const char *equals = memchr(s, '=', n);
        const size_t name_n = equals ? (size_t)(equals - s) : n;
        if (n > 0) {
            if (cx->n_params == XW__QUERY_MAX) {
                xw__problem(rs, 400, "the query has more than %d parameters", XW__QUERY_MAX);
                return false;
            }
            xw__param *p = &cx->params[cx->n_params];
            p->name = *at;
            if (!decode(s, name_n, true, at)) goto broken;
            p->value = *at;
            if (!decode(equals ? equals + 1 : "", equals ? n - name_n - 1 : 0, true, at)) {
                goto broken;
            }
            if (xw__param_get(cx, p->name)) {
                xw__problem(rs, 400, "parameter \"%s\" is given twice", p->name);
                return false;
            }
            cx->n_params++;
        }
        s += n;
        if (*s == '&') s++;
    }
    return true;
broken:
    xw__problem(rs, 400, "the query has a broken percent escape");
    return false;
}

bool xw__request_parse(xw__cx *cx, xw_http_response *rs)
{
    const char *target = cx->rq->target ? cx->rq->target : "";
    const size_t n = strlen(target);
    if (n > XW_HTTP_TARGET_MAX) {
        xw__problem(rs, 414, "the URL has %zu bytes, at most %d are read", n, XW_HTTP_TARGET_MAX);
        return false;
    }
    if (target[0] != '/') {
        xw__problem(rs, 400, "the path does not begin with a slash");
        return false;
    }
    /* A decoded text is never longer than its source, plus a NUL for each of path, names,
     * values; captured segments are a second copy of the path. */
    cx->memory = malloc(2 * n + 2 * XW__QUERY_MAX + 8 + XW__PATH_MAX);
    if (!cx->memory) {
        xw__problem(rs, 500, "out of memory");
        return false;
    }
    char *at = cx->memory;
    const size_t path_n = up_to(target, '?', '#');
    cx->path = at;
    if (!decode(target, path_n, false, &at)) {
        xw__problem(rs, 400, "the path has a broken percent escape");
        return false;
    }
    cx->room = at;
    at += path_n + XW__PATH_MAX;
    cx->query = target[path_n] == '?' ? target + path_n + 1 : "";
    return parse_params(cx, &at, rs);
}

const char *xw__param_get(const xw__cx *cx, const char *name)
{
    for (unsigned i = 0; i < cx->n_params; i++) {
        if (strcmp(cx->params[i].name, name) == 0) return cx->params[i].value;
    }
    return NULL;
}

bool xw__parse_int(const char *text, int64_t lo, int64_t hi, int64_t *out)
{
    const bool minus = *text == '-';
    const char *s = text + (minus || *text == '+');
    int64_t v = 0;
    if (!*s) return false;
    for (; *s; s++) {
        if (*s < '0' || *s > '9') return false;
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *s - '0', &v))
            return false;
    }
    if (minus) v = -v;
    if (v < lo || v > hi) return false;
    *out = v;
    return true;
}

/* strtod would read hexadecimals, "inf", "nan" and, in some locales, a comma: the shape is checked
 * first. The process keeps the C locale for numbers (nobody calls setlocale), so the point is
 * right. */
bool xw__parse_num(const char *text, double *out)
{
    const char *end = text + strlen(text);
    if (xw_digits_read(text, end, out) == end) return true;
    const char *s = text + (*text == '-' || *text == '+');
    size_t digits = 0;
    for (; *s >= '0' && *s <= '9'; s++) digits++;
    if (*s == '.') {
        for (s++; *s >= '0' && *s <= '9'; s++) digits++;
    }
    if (digits == 0) return false;
    if (*s == 'e' || *s == 'E') {
        s += 1 + (s[1] == '-' || s[1] == '+');
        if (*s < '0' || *s > '9') return false;
        while (*s >= '0' && *s <= '9') s++;
    }
    if (*s) return false;
    const double v = strtod(text, NULL);
    if (!isfinite(v)) return false;
    *out = v;
    return true;
}

bool xw__param_int(const xw__cx *cx, const char *name, int64_t lo, int64_t hi, int64_t fallback,
                   int64_t *out, xw_http_response *rs)
{
    const char *text = xw__param_get(cx, name);
    *out = fallback;
    if (!text || xw__parse_int(text, lo, hi, out)) return true;
    xw__problem(rs, 400, "parameter \"%s\" is \"%s\", a whole number from %lld to %lld is needed",
                name, text, (long long)lo, (long long)hi);
    return false;
}

bool xw__param_num(const xw__cx *cx, const char *name, double lo, double hi, double fallback,
                   double *out, xw_http_response *rs)
{
    const char *text = xw__param_get(cx, name);
    *out = fallback;
    if (!text) return true;
    double v;
    if (xw__parse_num(text, &v) && v >= lo && v <= hi) {
        *out = v;
        return true;
    }
    xw__problem(rs, 400, "parameter \"%s\" is \"%s\", a number from %.10g to %.10g is needed", name,
                text, lo, hi);
    return false;
}

static bool same_n(const char *s, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++) {
        if (!word[i] || tolower((unsigned char)s[i]) != tolower((unsigned char)word[i]))
            return false;
    }
    return word[n] == '\0';
}

static size_t trim(const char **s, size_t n)
{
    while (n > 0 && (**s == ' ' || **s == '\t')) (*s)++, n--;
    while (n > 0 && ((*s)[n - 1] == ' ' || (*s)[n - 1] == '\t')) n--;
    return n;
}

/* Value of q in the parameters of one element of a list, in thousandths. */
static int quality(const char *s, size_t n)
{
    for (size_t i = 0; i + 2 < n; i++) {
        if (s[i] != ';') continue;
        size_t k = i + 1;
        while (k < n && (s[k] == ' ' || s[k] == '\t')) k++;
        if (k + 2 >= n || (s[k] != 'q' && s[k] != 'Q') || s[k + 1] != '=') continue;
        int q = s[k + 2] == '1' ? 1000 : 0;
        int unit = 100;
        for (k += 3; k < n && (s[k] == '.' || (s[k] >= '0' && s[k] <= '9')); k++) {
            if (s[k] == '.') continue;
            q += (s[k] - '0') * unit;
            unit /= 10;
        }
        return q > 1000 ? 1000 : q;
    }
    return 1000;
}

/* The most exact element of a list decides: the type itself, then "application/ *", then "* / *".
 */
static int wanted(const char *list, const char *exact, size_t major_n, const char *any)
{
    int best_rank = 0, best = 0;
    for (const char *s = list; *s;) {
        const size_t n = strcspn(s, ",");
        const char *item = s;
        size_t item_n = 0;
        while (item_n < n && item[item_n] != ';') item_n++;
        item_n = trim(&item, item_n);
        int rank = 0;
        if (same_n(item, item_n, exact)) {
            rank = 3;
        } else if (major_n > 0 && item_n == major_n + 2 && same_n(item + major_n, 2, "/*") &&
                   strncmp(item, exact, major_n) == 0) {
            rank = 2;
        } else if (same_n(item, item_n, any)) {
            rank = 1;
        }
        if (rank > best_rank) {
            best_rank = rank;
            best = quality(s, n);
        }
        s += n;
        if (*s == ',') s++;
    }
    return best;
}

int xw__accepts(const char *accept, const char *type)
{
    if (!accept || !*accept) return 1000;
    return wanted(accept, type, strcspn(type, "/"), "*/*");
}

bool xw__accepts_gzip(const char *accept_encoding)
{
    return accept_encoding && wanted(accept_encoding, "gzip", 0, "*") > 0;
}

static bool is_host_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_';
}

/* A host name, IPv4 or [IPv6] with an optional port, and nothing that could end a header or a URL.
 */
bool xw__host_is_sane(const char *host)
{
    if (!host || !*host) return false;
    const size_t n = strlen(host);
    if (n > 200) return false;
    const char *s = host;
    if (*s == '[') {
        s++;
        const size_t k = strspn(s, "0123456789abcdefABCDEF:.");
        if (k == 0 || s[k] != ']') return false;
        s += k + 1;
    } else {
        const char *from = s;
        while (is_host_char(*s)) s++;
        if (s == from) return false;
    }
    if (!*s) return true;
    int64_t port;
    return *s == ':' && s[1] >= '0' && s[1] <= '9' && xw__parse_int(s + 1, 1, 65535, &port);
}

const char *xw__base_url(const xw__cx *cx, char scratch[300])
{
    if (cx->app->public_url) return cx->app->public_url;
    if (!xw__host_is_sane(cx->rq->host)) return cx->app->listen_url ? cx->app->listen_url : "";
    memcpy(scratch, "http://", 7);
    memcpy(scratch + 7, cx->rq->host, strlen(cx->rq->host) + 1); /* at most 200 */
    return scratch;
}

/* Length of a time or of an end that is left open, 0 if there is neither. */
static size_t end_at(const char *s, bool *open, int64_t *unix_s)
{
    *open = strncmp(s, "..", 2) == 0 || *s == '/' || *s == '\0';
    return *open ? (*s == '.' ? 2 : 0) : xw_when_read(s, unix_s);
}

bool xw__datetime_parse(const char *s, int64_t now, int64_t *at)
{
    bool open_from, open_to;
    int64_t from = 0, to = 0;
    size_t n = end_at(s, &open_from, &from);
    if (!open_from && n == 0) return false;
    s += n;
    *at = from;
    if (!*s) return !open_from;
    if (*s++ != '/') return false;
    n = end_at(s, &open_to, &to);
    if (s[n] != '\0' || (!open_to && n == 0)) return false;
    if (open_from && open_to) return false;
    *at = !open_to ? to : from > now ? from : now;
    return true;
}
