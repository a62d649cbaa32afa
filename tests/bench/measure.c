#include "measure.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds_of(clockid_t clock)
{
    struct timespec t;
    return clock_gettime(clock, &t) == 0 ? (double)t.tv_sec + (double)t.tv_nsec * 1e-9 : 0;
}

bench_time bench_now(void)
{
    return (bench_time){seconds_of(CLOCK_MONOTONIC), seconds_of(CLOCK_PROCESS_CPUTIME_ID)};
}

bench_time bench_since(bench_time start)
{
    const bench_time now = bench_now();
    return (bench_time){now.wall_s - start.wall_s, now.cpu_s - start.cpu_s};
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_median(double *v, size_t n)
{
    if (n == 0) return 0;
    qsort(v, n, sizeof *v, by_value);
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

bench_time bench_time_median(const bench_time *runs, size_t n)
{
    double wall[BENCH_RUNS_MAX], cpu[BENCH_RUNS_MAX];
    if (n > BENCH_RUNS_MAX) n = BENCH_RUNS_MAX;
    for (size_t i = 0; i < n; i++) {
        wall[i] = runs[i].wall_s;
        cpu[i] = runs[i].cpu_s;
    }
    return (bench_time){bench_median(wall, n), bench_median(cpu, n)};
}

size_t bench_heap_bytes(void)
{
    const struct mallinfo2 m = mallinfo2();
    return m.uordblks + m.hblkhd;
}

/* Starts argv with its standard output in a pipe. @return the reading end, or -1 */
static int start(const char *const argv[], pid_t *pid, xw_error *err)
{
    int ends[2];
    if (pipe(ends) != 0) {
        (void)xw_fail(err, XW_IO, "pipe: %s", strerror(errno));
        return -1;
    }
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    *pid = fork();
    if (*pid == 0) {
        char *args[64];
        size_t n = 0;
        for (; argv[n] && n < 63; n++) args[n] = strdup(argv[n]); /* execv wants them writable */
        args[n] = NULL;
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)close(ends[1]);
        (void)execvp(args[0], args);
        _exit(127);
    }
    (void)close(ends[1]);
    if (*pid < 0) {
        (void)close(ends[0]);
        (void)xw_fail(err, XW_IO, "%.200s: %s", argv[0], strerror(errno));
        return -1;
    }
    return ends[0];
}

static xw_status reap(pid_t pid, const char *name, bench_process *p, xw_error *err)
{
    int status;
    struct rusage u;
    pid_t got;
    while ((got = wait4(pid, &status, 0, &u)) < 0 && errno == EINTR) continue;
    if (got < 0) return xw_fail(err, XW_IO, "%.200s: %s", name, strerror(errno));
    p->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    p->peak_mib = (double)u.ru_maxrss / 1024;
    p->time.cpu_s = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
                    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
    return p->exit_code == 127 ? xw_fail(err, XW_IO, "%.200s: cannot be started", name) : XW_OK;
}

xw_status bench_process_run(const char *const argv[], xw_buf *out, bench_process *p, xw_error *err)
{
    char chunk[4096];
    pid_t pid;
    const bench_time begin = bench_now();
    const int fd = start(argv, &pid, err);
    if (fd < 0) return XW_IO;
    for (ssize_t n; (n = read(fd, chunk, sizeof chunk)) != 0;) {
        if (n < 0 && errno != EINTR) break;
        if (n > 0 && out) xw_buf_add(out, chunk, (size_t)n);
    }
    (void)close(fd);
    const xw_status st = reap(pid, argv[0], p, err);
    p->time.wall_s = bench_since(begin).wall_s;
    return st;
}

xw_status bench_process_ready(const char *const argv[], double *seconds, xw_error *err)
{
    char c = 0;
    pid_t pid;
    bench_process p;
    const bench_time begin = bench_now();
    const int fd = start(argv, &pid, err);
    if (fd < 0) return XW_IO;
    while (c != '\n') {
        const ssize_t n = read(fd, &c, 1);
        if (n == 0 || (n < 0 && errno != EINTR)) break;
    }
    *seconds = bench_since(begin).wall_s;
    (void)kill(pid, SIGTERM);
    (void)close(fd);
    const xw_status st = reap(pid, argv[0], &p, err);
    if (st) return st;
    return c == '\n' ? XW_OK : xw_fail(err, XW_IO, "%.200s ended with %d", argv[0], p.exit_code);
}

bool bench_number(const char *name, const char *text, long long lo, long long hi, long long *out)
{
    char *end = NULL;
    errno = 0;
    *out = text ? strtoll(text, &end, 10) : 0;
    if (text && *text && !*end && !errno && *out >= lo && *out <= hi) return true;
    (void)fprintf(stderr, "%s: a whole number from %lld to %lld\n", name, lo, hi);
    return false;
}

void bench_print_count(unsigned long long n)
{
    if (n >= 1000) {
        bench_print_count(n / 1000);
        (void)printf(" %03llu", n % 1000);
    } else {
        (void)printf("%llu", n);
    }
}
