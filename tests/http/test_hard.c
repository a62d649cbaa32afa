#include "service.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Bytes that look like requests, bent at random: whatever comes, an answer goes out. */
static void test_any_bytes_get_an_answer(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("http bytes");
    static const char *const seeds[] = {
        "/collections/teams/items?limit=3&bbox=119,26,120,27&code=9",
        "/tiles/current/14/13613/6966.mvt",
        "/locate?lon=119.13&lat=26.15&crs=gcj02&accuracy=15&floor=2",
        "/search?q=%E5%92%8C&limit=5",
        "/grids/99910100100100102",
        "/collections/edges/items/3?f=json",
        "/collections/plots/items?cursor=00000000-3&limit=2",
    };
    for (int round = 0; round < 2000; round++) {
        char target[200], body[100];
        (void)snprintf(target, sizeof target, "%s", seeds[xw_rng_below(&r, 7)]);
        const size_t n = strlen(target);
        for (uint32_t k = xw_rng_below(&r, 6); k > 0; k--) {
            target[xw_rng_below(&r, (uint32_t)n)] = (char)(1 + xw_rng_below(&r, 255));
        }
        for (size_t k = 0; k < sizeof body; k++) body[k] = "[]{}1.,\"e-:x"[xw_rng_below(&r, 12)];
        static const char *const methods[] = {"GET", "GET", "GET", "POST", "HEAD", "OPTIONS"};
        xw_http_response rs = ask_with((xw_http_request){
            .method = methods[xw_rng_below(&r, 6)],
            .target = target,
            .host = round % 3 ? target : NULL,
            .accept = round % 5 ? NULL : target,
            .accept_encoding = round % 2 ? "gzip" : target,
            .if_none_match = target,
            .body = body,
            .body_size = sizeof body,
        });
        assert_true(rs.status >= 200 && rs.status < 500);
        if (rs.status >= 400) assert_string_equal(rs.type, "application/problem+json");
        xw_http_response_finish(&rs);
    }
}

static void test_a_lack_of_memory_is_an_answer_too(void **state)
{
    (void)state;
    for (size_t i = 0; every_route[i]; i++) {
        for (int n = 0;; n++) {
            fail_alloc_at(n);
            xw_http_response rs = ask_with((xw_http_request){
                .method = "GET", .target = every_route[i], .accept_encoding = "gzip"});
            const bool failed = fail_alloc_stop();
            if (!failed) assert_int_equal(rs.status, 200);
            assert_true(rs.status == 200 || rs.status == 500 || rs.status == 400);
            if (rs.status == 500) {
                const char *text = rs.fixed ? rs.fixed : rs.body.data;
                assert_non_null(strstr(text, "out of memory"));
            }
            xw_http_response_finish(&rs);
            if (!failed) break;
        }
    }
}

static int call(unsigned port, int patience_ms)
{
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    const struct timeval patience = {patience_ms / 1000, patience_ms % 1000 * 1000};
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

/* Says something and listens until the other side has nothing more to say. */
static size_t talk(unsigned port, int patience_ms, const char *say, size_t n, char *heard,
                   size_t room)
{
    const int fd = call(port, patience_ms);
    for (size_t sent = 0; sent < n;) {
        const ssize_t k = send(fd, say + sent, n - sent, MSG_NOSIGNAL);
        if (k <= 0) break; /* the server may hang up on nonsense */
        sent += (size_t)k;
    }
    (void)shutdown(fd, SHUT_WR);
    size_t got = 0;
    while (got + 1 < room) {
        const ssize_t k = recv(fd, heard + got, room - 1 - got, 0);
        if (k <= 0) break;
        got += (size_t)k;
    }
    heard[got] = '\0';
    (void)close(fd);
    return got;
}

static void expect(unsigned port, const char *say, const char *first_line)
{
    static char heard[1 << 20];
    (void)talk(port, 60000, say, strlen(say), heard, sizeof heard);
    if (strncmp(heard, first_line, strlen(first_line)) != 0) print_error("%s\n%s\n", say, heard);
    assert_int_equal(strncmp(heard, first_line, strlen(first_line)), 0);
}

#define CLOSE   "Host: x\r\nConnection: close\r\n"
#define HEALTHY "GET /healthz HTTP/1.1\r\n" CLOSE "\r\n"

static void test_the_server_survives_what_clients_send(void **state)
{
    (void)state;
    int fd, taken;
    unsigned port, other;
    char url[128], address[64];
    xw_error err;
    assert_int_equal(xw_http_bind("127.0.0.1:0", &fd, &port, url, &err), XW_OK);
    (void)snprintf(address, sizeof address, "127.0.0.1:%u", port);
    assert_int_equal(xw_http_bind(address, &taken, &other, url, &err), XW_IO);
    assert_non_null(strstr(err.text, address + 10)); /* the port is named */
    xw_http_server *server;
    const xw_http_listen how = {.threads = 2};
    assert_int_equal(xw_http_server_start(service, fd, &how, &server, &err), XW_OK);

    expect(port, HEALTHY, "HTTP/1.1 200");
    expect(port, "HEAD /collections HTTP/1.1\r\n" CLOSE "\r\n", "HTTP/1.1 200");
    expect(port, "BREW /collections HTTP/1.1\r\n" CLOSE "\r\n", "HTTP/1.1 405");
    expect(port, "GET /%00 HTTP/1.1\r\n" CLOSE "\r\n", "HTTP/1.1 400");
    expect(port, "POST /locate HTTP/1.1\r\n" CLOSE "Content-Length: 7\r\n\r\n[[1,2]]",
           "HTTP/1.1 200");
    expect(port,
           "POST /locate HTTP/1.1\r\n" CLOSE
           "Transfer-Encoding: chunked\r\n\r\n3\r\n[[1\r\n4\r\n,2]]\r\n0\r\n\r\n",
           "HTTP/1.1 200");
    expect(port, "POST /healthz HTTP/1.1\r\n" CLOSE "Content-Length: 99999999999\r\n\r\n",
           "HTTP/1.1 413");

    /* a body without a length that grows beyond the limit */
    const size_t n = XW_HTTP_BODY_MAX + 4096;
    static const char head[] =
        "POST /healthz HTTP/1.1\r\n" CLOSE "Transfer-Encoding: chunked\r\n\r\n";
    char *big = test_malloc(n + 1000);
    size_t at = (size_t)snprintf(big, 200, "%s%zx\r\n", head, n);
    memset(big + at, ' ', n);
    at += n;
    memcpy(big + at, "\r\n0\r\n\r\n", 8);
    static char heard[1 << 16];
    (void)talk(port, 60000, big, at + 7, heard, sizeof heard);
    assert_int_equal(strncmp(heard, "HTTP/1.1 413", 12), 0);
    test_free(big);

    xw_rng r = rng_from_env("http sockets");
    for (int round = 0; round < 100; round++) {
        char noise[2000];
        size_t k = xw_rng_below(&r, sizeof noise);
        if (round % 2) k = (size_t)snprintf(noise, sizeof noise, "%s", HEALTHY);
        for (size_t i = 0; i < k && (round % 2 == 0 || i < 5); i++) {
            noise[round % 2 ? xw_rng_below(&r, (uint32_t)k) : i] = (char)xw_rng_next(&r);
        }
        /* half a request is waited for until the server's own time-out: do not stay for that */
        (void)talk(port, 50, noise, k, heard, sizeof heard);
    }
    expect(port, HEALTHY, "HTTP/1.1 200");
    xw_http_server_stop(server);
}

static void test_addresses_that_cannot_be_read_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "8080",
                                      "127.0.0.1",
                                      "127.0.0.1:",
                                      ":80",
                                      "127.0.0.1:65536",
                                      "127.0.0.1:-1",
                                      "127.0.0.1:http",
                                      "no such host:80",
                                      "[]:80"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int fd;
        unsigned port;
        char url[128];
        xw_error err;
        assert_int_equal(xw_http_bind(bad[i], &fd, &port, url, &err), XW_USAGE);
        assert_int_equal(fd, -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_bytes_get_an_answer),
        cmocka_unit_test(test_a_lack_of_memory_is_an_answer_too),
        cmocka_unit_test(test_the_server_survives_what_clients_send),
        cmocka_unit_test(test_addresses_that_cannot_be_read_are_refused),
    };
    return cmocka_run_group_tests(tests, service_start, service_stop);
}
