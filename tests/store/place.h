/* A folder for a test of the store, with the toy model. */
#ifndef XW_TEST_STORE_PLACE_H
#define XW_TEST_STORE_PLACE_H

#include "support/test.h"
#include "support/toy_model.h"

/* A folder of its own for each test, and a toy in it. */
typedef struct place {
    char dir[64], path[96];
    xw_model m;
    xw_error err;
} place;

int place_set_up(void **state); /* for cmocka */
int place_tear_down(void **state);
int place_files(const char *dir); /* how many; names with a dot in front do not count */
void place_write(place *p);       /* the toy into p->path */
char *file_bytes(const char *path, size_t *n);
void file_put(const char *path, const char *bytes, size_t n);

#define PLACE_TEST(f) cmocka_unit_test_setup_teardown(f, place_set_up, place_tear_down)

#endif
