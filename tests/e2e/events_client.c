/* A client of the service of events, for tests: many connections at once.
 *
 *   events_client load PORT THREADS NAME LAT LONG SECONDS
 *       each thread posts events with ids of their own until the server is gone or the time is
 * over; prints one line "source_event_id event_id" for each that was acknowledged events_client
 * listen PORT COUNT LAST COUNT subscribers from the first event on; each comes back with
 * Last-Event-ID when it loses the server. Ends well when all got 1 to LAST in order, each once. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { THREADS_MAX = 512, PATIENCE_S = 120 };

typedef struct worker {
    pthread_t thread;
    int number, port;
    const char *name, *lat, *lon;
    long long last, got;
    double until;
    bool ok;
} worker;

static double now_s(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int dial(int port)
{
    const struct sockaddr_in to = {.sin_family = AF_INET,
                                   .sin_port = htons((unsigned short)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct timeval patience = {20, 0};
    const int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (const struct sockaddr *)&to, sizeof to) == 0) return fd;
    (void)close(fd);
    return -1;
}

static bool send_all(int fd, const char *text, size_t n)
{
    while (n > 0) {
        const ssize_t k = send(fd, text, n, MSG_NOSIGNAL);
        if (k <= 0) return false;
        text += k;
        n -= (size_t)k;
    }
    return true;
}

/* One whole answer; the id of the event in it, 0 when it is no good. */
static long long read_answer(int fd)
{
    char text[8192];
    size_t n = 0;
    for (;;) {
        const ssize_t k = recv(fd, text + n, sizeof text - 1 - n, 0);
        if (k <= 0) return 0;
        n += (size_t)k;
        text[n] = '\0';
        const char *body = strstr(text, "\r\n\r\n"), *length = strstr(text, "Content-Length: ");
        if (!body || !length) continue;
        if (n >= (size_t)(body + 4 - text) + strtoull(length + 16, NULL, 10)) break;
    }
    const char *id = strstr(text, "{\"event_id\":");
    if (!id || strncmp(text, "HTTP/1.1 20", 11) != 0) {
        (void)fprintf(stderr, "%s\n", text);
        return 0;
    }
    return strtoll(id + 12, NULL, 10);
}

static void *load(void *arg)
{
    worker *w = arg;
    char text[1024], body[512];
    const int fd = dial(w->port);
    for (int i = 0; fd >= 0 && now_s() < w->until; i++) {
        const int n =
            snprintf(body, sizeof body,
                     "{\"service_code\":\"load\",\"lat\":%s,\"long\":%s,\"source\":\"%s\","
                     "\"source_event_id\":\"%s-%d-%d\"}",
                     w->lat, w->lon, w->name, w->name, w->number, i);
        const int size =
            snprintf(text, sizeof text,
                     "POST /events HTTP/1.1\r\nHost: a\r\nContent-Type: application/json"
                     "\r\nContent-Length: %d\r\n\r\n%s",
                     n, body);
        if (!send_all(fd, text, (size_t)size)) break;
        const long long id = read_answer(fd);
        if (id == 0) break;
        (void)printf("%s-%d-%d %lld\n", w->name, w->number, i, id);
    }
    if (fd >= 0) (void)close(fd);
    w->ok = true;
    return NULL;
}

/* The body of HTTP/1.0, without marks of chunks. Reads lines "id: n" until the end; false when one
 * is not the next. */
static bool read_stream(worker *w, int fd)
{
    char part[4096], line[32];
    size_t n_line = 0;
    while (w->got < w->last) {
        const ssize_t k = recv(fd, part, sizeof part, 0);
        if (k <= 0) return true;
        for (ssize_t i = 0; i < k; i++) {
            if (part[i] != '\n') {
                if (n_line + 1 < sizeof line) line[n_line++] = part[i];
                continue;
            }
            line[n_line] = '\0';
            n_line = 0;
            if (strncmp(line, "id: ", 4) != 0) continue;
            if (strtoll(line + 4, NULL, 10) != w->got + 1) {
                (void)fprintf(stderr, "subscriber %d: %s after %lld\n", w->number, line, w->got);
                return false;
            }
            w->got++;
        }
    }
    return true;
}

static void *hear(void *arg)
{
    worker *w = arg;
    char text[256];
    bool good = true;
    while (good && w->got < w->last && now_s() < w->until) {
        const int fd = dial(w->port);
        const int n =
            snprintf(text, sizeof text,
                     "GET /stream HTTP/1.0\r\nHost: a\r\nLast-Event-ID: %lld\r\n\r\n", w->got);
        if (fd >= 0 && send_all(fd, text, (size_t)n)) good = read_stream(w, fd);
        if (fd >= 0) (void)close(fd);
        if (w->got < w->last) (void)usleep(50000);
    }
    w->ok = good && w->got >= w->last;
    return NULL;
}

int main(int argc, char **argv)
{
    static worker workers[THREADS_MAX];
    const bool loads = argc == 8 && strcmp(argv[1], "load") == 0;
    if (!loads && !(argc == 5 && strcmp(argv[1], "listen") == 0)) return 2;
    const long n = strtol(argv[3], NULL, 10);
    int bad = 0;
    if (n < 1 || n > THREADS_MAX) return 2;
    for (int i = 0; i < n; i++) {
        workers[i] = (worker){.number = i, .port = (int)strtol(argv[2], NULL, 10)};
        workers[i].until = now_s() + (loads ? strtod(argv[7], NULL) : (double)PATIENCE_S);
        if (loads) {
            workers[i].name = argv[4];
            workers[i].lat = argv[5];
            workers[i].lon = argv[6];
        } else {
            workers[i].last = strtoll(argv[4], NULL, 10);
        }
        if (pthread_create(&workers[i].thread, NULL, loads ? load : hear, &workers[i])) return 4;
    }
    for (int i = 0; i < n; i++) {
        (void)pthread_join(workers[i].thread, NULL);
        bad += !workers[i].ok;
        if (!workers[i].ok) {
            (void)fprintf(stderr, "subscriber %d got %lld of %lld\n", i, workers[i].got,
                          workers[i].last);
        }
    }
    return bad ? 1 : 0;
}
