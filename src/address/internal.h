/* What the files of the address layer share. */
#ifndef XW_ADDRESS_INTERNAL_H
#define XW_ADDRESS_INTERNAL_H

#include "xiwang/address.h"

#include <pthread.h>
#include <sqlite3.h>

enum {
    XW__FOLD_MAX = 160, /* characters of a folded text; longer ones are cut */
    XW__TOKENS_MAX = 96,
    XW__CONNECTIONS_MAX = 64, /* idle ones that are kept */
    XW__COMMON_AT = 1500,     /* terms in more texts than this are common */
};

typedef enum xw__token_kind { XW__HAN, XW__WORD, XW__NUM } xw__token_kind;

typedef struct xw__token {
    xw__token_kind kind; /* XW__HAN: a run of characters */
    uint16_t first, n;   /* in c */
} xw__token;

/* A folded text: tokens without blanks, but one between two that would run together. */
typedef struct xw__folded {
    uint32_t c[XW__FOLD_MAX];
    size_t n;
    xw__token tokens[XW__TOKENS_MAX];
    size_t n_tokens, n_nums;
    bool has_floor;
    int floor;
} xw__folded;

/* chars.c: one character. 0: it parts words; UINT32_MAX: read over. May give several (ß). */
size_t xw__fold_char(uint32_t c, uint32_t out[3]);
bool xw__is_han(uint32_t c);
bool xw__is_digit(uint32_t c);
/* Decodes one character of UTF-8; 0 bytes: broken here. */
size_t xw__utf8_read(const unsigned char *s, size_t n, uint32_t *c);
size_t xw__utf8_write(uint32_t c, char out[4]);

/* fold.c: what is not UTF-8 is read over */
void xw__fold(const char *text, size_t n, xw__folded *out);
/* The value of a number token's digits, at most 9 of them. */
int xw__num_value(const xw__folded *f, const xw__token *t);
const xw__token *xw__nth_num(const xw__folded *f, size_t k);

/* score.c */
typedef struct xw__score {
    double score;
    size_t door; /* numbers of the query that the text does not have: a door of it */
} xw__score;
xw__score xw__compare(const xw__folded *q, const xw__folded *text);

/* terms.c: what a text is found by */
void xw__terms_of(const xw__folded *f, xw_buf *out);
/* Conditions of FTS5 for a query. */
typedef struct xw__ask {
    const xw_address_index *ix;
    const xw__folded *q;
    xw_buf *out;
} xw__ask;
/* All names and the first @p n_nums numbers; false: there is nothing to ask for. */
bool xw__ask_all(const xw__ask *a, bool names, size_t n_nums);
/* One of the names, also with a wrong character in it, and with @p number one of the numbers. */
bool xw__ask_some(const xw__ask *a, bool common, bool number);

/* index.c */
typedef struct xw__reader {
    sqlite3 *db;
    sqlite3_stmt *find;
} xw__reader;
struct xw_address_index {
    uint64_t key;
    unsigned char *bytes; /* the database */
    size_t size;
    void *map; /* NULL: bytes are of SQLite's memory */
    size_t map_size;
    char (*common)[16]; /* sorted */
    size_t n_common;
    pthread_mutex_t lock;
    xw__reader readers[XW__CONNECTIONS_MAX];
    size_t n_readers;
};
xw_status xw__reader_take(xw_address_index *ix, xw__reader *out, xw_error *err);
void xw__reader_give(xw_address_index *ix, const xw__reader *r);
bool xw__is_common(const xw_address_index *ix, const char *term);

/* text of a document: addresses first, then buildings; NULL beyond */
const char *xw__doc_text(const xw_model *m, uint64_t doc);

#endif
