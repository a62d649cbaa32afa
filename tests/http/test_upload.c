/* POST /locate as the server takes it: in pieces, packed, and with answers that wait in a file. */
#include "service.h"

#include <libdeflate.h>
#include <string.h>
#include <unistd.h>

static const char ndjson[] =
    "\xEF\xBB\xBF[119.13015,26.15015]\n"
    "\n"
    " {\"lon\":119.1304,\"lat\":26.1501}\r\n"
    "{\"lon\":119.1304,\"lat\":26.1501,\"accuracy\":15,\"floor\":2,\"id\":\"a\\u00e9\"}\n"
    "[0,0]\n"
    "[119,\n"
    "{\"type\":\"Point\",\"coordinates\":[119.1301,26.1501]}\n"
    "[NaN,1]\n"
    "[1e999,1]\n"
    "[181,1]\n"
    "{\"lon\":119,\"lat\":26,\"accuracy\":-1}\n"
    "{\"lon\":119,\"lat\":26,\"accuracy\":1e9}\n"
    "{\"lon\":\"119\",\"lat\":26}\n"
    "[119.13015e0,+26]\n"
    "[119.13015,26.15015]";

static const char csv[] = "id,lon,lat,accuracy,floor,note\r\n"
                          "1,119.13015,26.15015,,,\"a, \"\"b\"\"\"\n"
                          "2,119.1304,26.1501,15,2,x\n"
                          "3,0,0,,,\n"
                          "4,nan,1,,,\n"
                          "5,inf,1,,,\n"
                          "6,119,26,-1,,\n"
                          "7,119,26,1e9,,\n"
                          "8,119\n"
                          "9,119,26,,,\"open\n"
                          "10,119.13015,26.15015,,,";

static xw_http_response post(const char *target, const char *type, const char *encoding,
                             const char *accept_encoding, const void *body, size_t n)
{
    return ask_with((xw_http_request){.method = "POST",
                                      .target = target,
                                      .content_type = type,
                                      .content_encoding = encoding,
                                      .accept_encoding = accept_encoding,
                                      .body = body,
                                      .body_size = n});
}

static size_t gzip(const void *in, size_t n, void *out, size_t room)
{
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(9);
    const size_t k = libdeflate_gzip_compress(c, in, n, out, room);
    libdeflate_free_compressor(c);
    assert_true(k > 0);
    return k;
}

static void test_gzip_in_and_out_changes_nothing(void **state)
{
    (void)state;
    static char packed[8192], plain[1 << 20];
    xw_http_response want =
        post("/locate", "application/x-ndjson", NULL, NULL, ndjson, sizeof ndjson - 1);
    assert_int_equal(want.status, 200);
    assert_string_equal(xw_http_response_header(&want, "Xiwang-Points"), "6");
    assert_string_equal(xw_http_response_header(&want, "Xiwang-Errors"), "8");
    assert_string_equal(want.type, "application/x-ndjson");
    /* two members, as `cat a.gz b.gz` makes them */
    size_t n = gzip(ndjson, 30, packed, sizeof packed);
    n += gzip(ndjson + 30, sizeof ndjson - 31, packed + n, sizeof packed - n);
    xw_http_response got =
        post("/locate", "application/x-ndjson; charset=utf-8", "gzip", "gzip", packed, n);
    assert_int_equal(got.status, 200);
    assert_string_equal(xw_http_response_header(&got, "Content-Encoding"), "gzip");
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    size_t size;
    assert_int_equal(
        libdeflate_gzip_decompress(d, got.body.data, got.body.n, plain, sizeof plain, &size), 0);
    libdeflate_free_decompressor(d);
    assert_int_equal(size, want.body.n);
    assert_memory_equal(plain, want.body.data, size);
    xw_http_response_finish(&got);

    got = post("/locate", "application/x-ndjson", "gzip", NULL, packed, n - 3);
    assert_int_equal(got.status, 400);
    xw_http_response_finish(&got);
    got = post("/locate", "application/x-ndjson", "gzip", NULL, ndjson, 20);
    assert_int_equal(got.status, 400);
    xw_http_response_finish(&got);
    got = post("/locate", "application/x-ndjson", "br", NULL, ndjson, 20);
    assert_int_equal(got.status, 415);
    xw_http_response_finish(&got);
    xw_http_response_finish(&want);
}

static void test_a_gzip_bomb_is_refused(void **state)
{
    (void)state;
    enum { N = 40 << 20 };
    char *zeros = test_calloc(1, N), *packed = test_malloc(1 << 20);
    memset(zeros, '\n', N);
    const size_t n = gzip(zeros, N, packed, 1 << 20);
    xw_http_response rs = post("/locate", "application/x-ndjson", "gzip", NULL, packed, n);
    assert_int_equal(rs.status, 413);
    assert_string_equal(rs.type, "application/problem+json");
    xw_http_response_finish(&rs);
    test_free(zeros);
    test_free(packed);
}

/* Long answers wait in a file; it holds the same bytes. */
static void test_a_long_answer_is_the_same_from_a_file(void **state)
{
    (void)state;
    enum { N = 4000 };
    xw_buf body;
    xw_buf_init(&body, 1 << 20);
    for (int i = 0; i < N; i++) xw_buf_text(&body, "[119.13015,26.15015]\n");
    xw_http_response one = post("/locate", "application/x-ndjson", NULL, NULL, body.data, 21);
    xw_http_response all = post("/locate", "application/x-ndjson", NULL, NULL, body.data, body.n);
    assert_int_equal(all.status, 200);
    assert_true(all.fd >= 0);
    assert_int_equal(all.fd_size, N * one.body.n);
    char *line = test_malloc(one.body.n);
    assert_int_equal(lseek(all.fd, 0, SEEK_SET), 0);
    for (int i = 0; i < N; i++) {
        assert_int_equal(read(all.fd, line, one.body.n), one.body.n);
        assert_memory_equal(line, one.body.data, one.body.n);
    }
    test_free(line);
    xw_http_response_finish(&one);
    xw_http_response_finish(&all);
    xw_buf_finish(&body);
}

static void test_an_upload_answers_as_a_whole_body_does(void **state)
{
    (void)state;
    xw_http_request rq = {.method = "POST",
                          .target = "/locate?answer=short",
                          .content_type = "text/csv",
                          .now_unix = 1767225600,
                          .body = csv,
                          .body_size = sizeof csv - 1};
    xw_http_response want = ask_with(rq), got;
    bool stream;
    rq.body = NULL;
    rq.body_size = 0;
    rq.upload = xw_http_upload_begin(service, &rq, &stream);
    assert_true(stream);
    assert_non_null(rq.upload);
    for (size_t i = 0; i + 1 < sizeof csv; i++) xw_http_upload_feed(rq.upload, csv + i, 1);
    got = ask_with(rq);
    xw_http_upload_destroy(rq.upload);
    assert_int_equal(got.status, 200);
    assert_int_equal(got.body.n, want.body.n);
    assert_memory_equal(got.body.data, want.body.data, want.body.n);
    xw_http_response_finish(&got);
    xw_http_response_finish(&want);
    rq.target = "/locate?answer=tiny";
    assert_null(xw_http_upload_begin(service, &rq, &stream));
    assert_true(stream);
    rq.target = "/healthz";
    assert_null(xw_http_upload_begin(service, &rq, &stream));
    assert_false(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gzip_in_and_out_changes_nothing),
        cmocka_unit_test(test_a_gzip_bomb_is_refused),
        cmocka_unit_test(test_a_long_answer_is_the_same_from_a_file),
        cmocka_unit_test(test_an_upload_answers_as_a_whole_body_does),
    };
    return cmocka_run_group_tests(tests, service_start, service_stop);
}
