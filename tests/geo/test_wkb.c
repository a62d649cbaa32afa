#include "support/test.h"
#include "xiwang/wkb.h"

#include <stdlib.h>
#include <string.h>

enum { SRS = 4490 };

static xw_pt random_pt(xw_rng *r)
{
    return (xw_pt){xw_rng_in(r, -XW_LON_MAX, XW_LON_MAX), xw_rng_in(r, -XW_LAT_MAX, XW_LAT_MAX)};
}

static void assert_pts(const xw_pt *a, const xw_pt *b, size_t n)
{
    for (size_t i = 0; i < n; i++) assert_true(xw_pt_eq(a[i], b[i]));
}

static void test_a_point_is_written_byte_by_byte_as_the_standard_says(void **state)
{
    (void)state;
    static const unsigned char want[] = {
        'G', 'P', 0, 1, 0x8a, 0x11, 0,    0,     /* header, little-endian, srs 4490 */
        1,   1,   0, 0, 0,                       /* little-endian point */
        0,   0,   0, 0, 0,    0,    0xf8, 0x3f,  /* 1.5 */
        0,   0,   0, 0, 0,    0,    0,    0xc0}; /* -2 */
    xw_buf b;
    xw_buf_init(&b, 100);
    xw_wkb_gpkg_header(&b, SRS, NULL);
    xw_wkb_point(&b, (xw_pt){15000000, -20000000});
    assert_int_equal(b.n, sizeof want);
    assert_memory_equal(b.data, want, sizeof want);
    xw_buf_finish(&b);
}

/* Property: every lattice point of the world comes back exactly. */
static void test_coordinates_come_back_exactly(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("wkb");
    xw_wkb_shape s = {0};
    xw_buf b;
    xw_pt pts[64];
    xw_buf_init(&b, 1u << 20);
    for (int i = 0; i < 5000; i++) {
        const size_t n = 2 + xw_rng_below(&r, 62);
        xw_box box = XW_BOX_EMPTY;
        for (size_t k = 0; k < n; k++) {
            pts[k] = random_pt(&r);
            box = xw_box_grow(box, pts[k]);
        }
        xw_buf_clear(&b);
        xw_wkb_gpkg_header(&b, SRS, &box);
        xw_wkb_line(&b, pts, n);
        assert_int_equal(xw_wkb_read_gpkg(b.data, b.n, &s, NULL), XW_OK);
        assert_int_equal(s.kind, XW_WKB_LINE);
        assert_int_equal(s.n_pts, n);
        assert_pts(s.pts, pts, n);
    }
    xw_buf_finish(&b);
    xw_wkb_shape_finish(&s);
}

static size_t put_areas(xw_rng *r, xw_buf *b, xw_pt *pts, xw_wkb_ring *rings, size_t most)
{
    const size_t n = xw_rng_below(r, (uint32_t)most + 1);
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        rings[i] = (xw_wkb_ring){pts + at, 3 + xw_rng_below(r, 8), i > 0 && xw_rng_below(r, 2)};
        for (uint32_t k = 0; k < rings[i].n; k++) pts[at++] = random_pt(r);
    }
    const xw_box box = {{0, 0}, {1, 1}};
    xw_buf_clear(b);
    xw_wkb_gpkg_header(b, SRS, &box);
    xw_wkb_multipolygon(b, rings, n);
    return n;
}

static void test_rings_come_back_with_their_holes(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("wkb");
    xw_wkb_shape s = {0};
    xw_wkb_ring rings[6];
    xw_pt pts[60];
    xw_buf b;
    xw_buf_init(&b, 1u << 20);
    for (int i = 0; i < 2000; i++) {
        const size_t n = put_areas(&r, &b, pts, rings, 6);
        assert_int_equal(xw_wkb_read_gpkg(b.data, b.n, &s, NULL), XW_OK);
        assert_int_equal(s.kind, XW_WKB_MULTIPOLYGON);
        assert_int_equal(s.n_parts, n);
        for (size_t k = 0; k < n; k++) {
            assert_int_equal(s.parts[k].n, rings[k].n);
            assert_int_equal(s.parts[k].hole, rings[k].hole);
            assert_pts(s.pts + s.parts[k].first, rings[k].pts, rings[k].n);
        }
    }
    xw_buf_finish(&b);
    xw_wkb_shape_finish(&s);
}

/* Property: no cut and no flipped byte makes the reader do anything but answer. */
static void test_cut_and_flipped_bytes_are_refused_or_read(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("wkb");
    xw_wkb_shape s = {0};
    xw_wkb_ring rings[6];
    xw_pt pts[60];
    xw_buf b;
    xw_buf_init(&b, 1u << 20);
    for (int i = 0; i < 3000; i++) {
        (void)put_areas(&r, &b, pts, rings, 6);
        unsigned char *copy = malloc(b.n); /* of the exact size, so that a read beyond is seen */
        assert_non_null(copy);
        memcpy(copy, b.data, b.n);
        const size_t cut = xw_rng_below(&r, (uint32_t)b.n);
        assert_int_equal(xw_wkb_read_gpkg(copy, cut, &s, NULL), XW_INPUT);
        copy[xw_rng_below(&r, (uint32_t)b.n)] ^= (unsigned char)(1 << xw_rng_below(&r, 8));
        const xw_status st = xw_wkb_read_gpkg(copy, b.n, &s, NULL);
        assert_true(st == XW_OK || st == XW_INPUT);
        free(copy);
    }
    xw_buf_finish(&b);
    xw_wkb_shape_finish(&s);
}

static void refused(const unsigned char *bytes, size_t n, const char *word)
{
    xw_wkb_shape s = {0};
    xw_error err = {0};
    assert_int_equal(xw_wkb_read_gpkg(bytes, n, &s, &err), XW_INPUT);
    if (!strstr(err.text, word)) fail_msg("\"%s\" does not say \"%s\"", err.text, word);
    xw_wkb_shape_finish(&s);
}

static void test_each_fault_is_named(void **state)
{
    (void)state;
    xw_buf b;
    xw_buf_init(&b, 1000);
    xw_wkb_gpkg_header(&b, SRS, NULL);
    xw_wkb_point(&b, (xw_pt){1, 2});
    unsigned char *bytes = (unsigned char *)b.data;
    refused(bytes, b.n - 1, "cut");
    refused(bytes, 3, "cut");
    xw_buf_add(&b, "x", 1);
    bytes = (unsigned char *)b.data;
    refused(bytes, b.n, "1 bytes left over");
    b.n--;
    bytes[9] = 7; /* a collection */
    refused(bytes, b.n, "type 7");
    bytes[9] = 1;
    bytes[13] ^= 1; /* the last bit of the longitude */
    refused(bytes, b.n, "off the lattice");
    memset(bytes + 13, 0xff, 8);
    refused(bytes, b.n, "off the lattice");
    bytes[0] = 'X';
    refused(bytes, b.n, "header");

    const xw_pt pts[] = {{0, 0}, {1, 0}, {1, 1}};
    const xw_wkb_ring ring = {pts, 3, false};
    xw_buf_clear(&b);
    xw_wkb_gpkg_header(&b, SRS, NULL);
    xw_wkb_multipolygon(&b, &ring, 1);
    bytes = (unsigned char *)b.data;
    bytes[b.n - 1] ^= 0x80; /* the sign of a zero: still the same point */
    assert_int_equal(b.n, 8 + 9 + 9 + 4 + 4 * 16);
    bytes[8 + 9 + 9] = 3;
    refused(bytes, b.n - 16, "3 vertices");
    bytes[8 + 9 + 9] = 4;
    memcpy(bytes + b.n - 16, bytes + b.n - 32, 16);
    refused(bytes, b.n, "not closed");
    xw_buf_finish(&b);
}

static void test_the_other_byte_order_is_read(void **state)
{
    (void)state;
    static const unsigned char big[] = {'G', 'P', 0, 0, 0, 0, 0x11, 0x8a, 0, 0, 0, 0, 1, 0x3f, 0xf8,
                                        0,   0,   0, 0, 0, 0, 0xc0, 0,    0, 0, 0, 0, 0, 0};
    xw_wkb_shape s = {0};
    assert_int_equal(xw_wkb_read_gpkg(big, sizeof big, &s, NULL), XW_OK);
    assert_int_equal(s.kind, XW_WKB_POINT);
    assert_true(xw_pt_eq(s.pts[0], (xw_pt){15000000, -20000000}));
    xw_wkb_shape_finish(&s);
}

static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    xw_rng r = {7};
    xw_wkb_ring rings[6];
    xw_pt pts[60];
    xw_buf b;
    xw_buf_init(&b, 1u << 20);
    while (put_areas(&r, &b, pts, rings, 6) < 2) {
    }
    for (int n = 0;; n++) {
        xw_wkb_shape s = {0};
        fail_alloc_at(n);
        const xw_status st = xw_wkb_read_gpkg(b.data, b.n, &s, NULL);
        const bool failed = fail_alloc_stop();
        assert_int_equal(st, failed ? XW_NOMEM : XW_OK);
        xw_wkb_shape_finish(&s);
        if (!failed) {
            assert_true(n >= 2);
            break;
        }
    }
    xw_buf_finish(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_point_is_written_byte_by_byte_as_the_standard_says),
        cmocka_unit_test(test_coordinates_come_back_exactly),
        cmocka_unit_test(test_rings_come_back_with_their_holes),
        cmocka_unit_test(test_cut_and_flipped_bytes_are_refused_or_read),
        cmocka_unit_test(test_each_fault_is_named),
        cmocka_unit_test(test_the_other_byte_order_is_read),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
