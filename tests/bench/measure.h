/* What every measuring program needs: two clocks, medians, the heap, other processes, the machine.
 */
#ifndef XW_BENCH_MEASURE_H
#define XW_BENCH_MEASURE_H

#include "xiwang/buf.h"

#include <stddef.h>

#define BENCH_RUNS_MAX 15

/* Wall clock, and processor time of all threads of this process (of the child, for a child). The
 * processor time hardly changes when others use the machine at the same time. */
typedef struct bench_time {
    double wall_s, cpu_s;
} bench_time;

bench_time bench_now(void);
bench_time bench_since(bench_time start);

/* Sorts v. The mean of the middle two for an even n; 0 for none. */
double bench_median(double *v, size_t n);
/* Median of each clock by itself. */
bench_time bench_time_median(const bench_time *runs, size_t n);

/* Bytes that malloc has handed out now. */
size_t bench_heap_bytes(void);

typedef struct bench_process {
    bench_time time;
    double peak_mib;
    int exit_code; /* 128 + signal when killed */
} bench_process;
/* Runs a program to its end; what it prints on standard output is appended to @p out (may be NULL:
 * thrown away). XW_IO when it cannot be started; its exit code is the caller's to judge. */
xw_status bench_process_run(const char *const argv[], xw_buf *out, bench_process *p, xw_error *err);
/* Starts a program, waits for the first line on its standard output, then ends it with SIGTERM. */
xw_status bench_process_ready(const char *const argv[], double *seconds, xw_error *err);

/* "--name value" with a whole number in [lo, hi]; says what is wrong on standard error. */
bool bench_number(const char *name, const char *text, long long lo, long long hi, long long *out);

/* Prints "1 234 567". */
void bench_print_count(unsigned long long n);

#endif
