/* Stands in for libFuzzer where there is none: runs the files of a folder, then random changes of
 * them (XW_SEED replays) until there were 2000 or the time is up.   fuzz_NAME [CORPUS_FOLDER|FILE]
 */
#include "support/rng.h"

#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_MAX = 256, BYTES_MAX = 1 << 16, ROUNDS = 2000, SECONDS = 15, SLOW_SECONDS = 30 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct sample {
    uint8_t *bytes;
    size_t n;
} sample;

static sample samples[FILES_MAX];
static size_t n_samples;

static const uint8_t *now; /* the input at work */
static size_t n_now;

/* The input that trapped or hangs, in hex for `xxd -r -p`. */
static void tell(int sig)
{
    static const char digit[] = "0123456789abcdef";
    static char text[2 * BYTES_MAX + 1];
    for (size_t i = 0; i < n_now; i++) {
        text[2 * i] = digit[now[i] >> 4];
        text[2 * i + 1] = digit[now[i] & 15];
    }
    text[2 * n_now] = '\n';
    (void)!write(STDERR_FILENO, sig == SIGALRM ? "slow: " : "fails: ", sig == SIGALRM ? 6 : 7);
    (void)!write(STDERR_FILENO, text, 2 * n_now + 1);
    _exit(1);
}

static void run(const uint8_t *bytes, size_t n)
{
    uint8_t *exact = malloc(n ? n : 1); /* of this very size, so that a read beyond is seen */
    if (!exact) return;
    memcpy(exact, bytes, n);
    now = exact;
    n_now = n;
    (void)alarm(SLOW_SECONDS);
    (void)LLVMFuzzerTestOneInput(exact, n);
    (void)alarm(0);
    free(exact);
}

static void add_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *bytes = malloc(BYTES_MAX);
    if (f && bytes && n_samples < FILES_MAX) {
        samples[n_samples++] = (sample){bytes, fread(bytes, 1, BYTES_MAX, f)};
    } else {
        free(bytes);
    }
    if (f) (void)fclose(f);
}

static int keep_visible(const struct dirent *e) { return e->d_name[0] != '.'; }

static void add_folder(const char *folder)
{
    struct dirent **names = NULL;
    const int n = scandir(folder, &names, keep_visible, alphasort);
    for (int i = 0; i < n; i++) {
        char path[4096];
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        add_file(path);
        free(names[i]);
    }
    free(names);
}

/* A few changes: bits, bytes, numbers at the edge, and pieces moved, copied, doubled or cut. */
static size_t change(xw_rng *r, uint8_t *b, size_t n)
{
    static const uint8_t edges[] = {0, 1, 0x7f, 0x80, 0xfe, 0xff, '"', '-'};
    for (uint32_t k = 1 + xw_rng_below(r, 6); k > 0; k--) {
        const uint32_t at = xw_rng_below(r, (uint32_t)n), to = xw_rng_below(r, (uint32_t)n);
        const uint32_t room = (uint32_t)(n - (at > to ? at : to)), len = xw_rng_below(r, room + 1);
        const sample *s = &samples[xw_rng_below(r, (uint32_t)n_samples)];
        switch (n == 0 ? 5 : xw_rng_below(r, 6)) {
        case 0:
            b[at] ^= (uint8_t)(1u << xw_rng_below(r, 8));
            break;
        case 1:
            b[at] = (uint8_t)xw_rng_next(r);
            break;
        case 2:
            memset(b + at, edges[xw_rng_below(r, 8)], len < 8 ? len : 8);
            break;
        case 3:
            memmove(b + to, b + at, len);
            break;
        case 4:
            memmove(b + at, b + at + len / 2, n - at - len / 2);
            n -= len / 2;
            break;
        default: /* the end of another */
            if (s->n > at && at + (s->n - at) <= BYTES_MAX) {
                memcpy(b + at, s->bytes + at, s->n - at);
                n = s->n;
            }
            break;
        }
    }
    return n;
}

int main(int argc, char **argv)
{
    static uint8_t work[BYTES_MAX];
    struct stat info;
    xw_rng r = rng_from_env(argv[0]);
    bool has_folder = false;
    const int fatal[] = {SIGALRM, SIGILL, SIGTRAP, SIGABRT};
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) (void)signal(fatal[i], tell);
    for (int i = 1; i < argc; i++) {
        if (stat(argv[i], &info) == 0 && S_ISDIR(info.st_mode)) {
            add_folder(argv[i]);
            has_folder = true;
        } else {
            add_file(argv[i]);
        }
    }
    if (n_samples == 0) {
        (void)fprintf(stderr, "usage: %s FOLDER|FILE …, with something in it\n", argv[0]);
        return 2;
    }
    const time_t end = time(NULL) + SECONDS;
    for (size_t i = 0; i < n_samples; i++) run(samples[i].bytes, samples[i].n);
    int rounds = 0;
    for (; rounds < ROUNDS && time(NULL) < end && has_folder; rounds++) {
        const sample *s = &samples[xw_rng_below(&r, (uint32_t)n_samples)];
        memcpy(work, s->bytes, s->n);
        run(work, change(&r, work, s->n));
    }
    for (size_t i = 0; i < n_samples; i++) free(samples[i].bytes);
    (void)printf("%zu files and %d changes of them\n", n_samples, rounds);
    return 0;
}
