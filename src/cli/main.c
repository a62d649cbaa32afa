/* The table of commands, progress on the terminal, and Ctrl-C. */
#include "commands.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const xw_command *const commands[] = {
    &xw__cmd_sample, &xw__cmd_build,     &xw__cmd_rebuild, &xw__cmd_check,
    &xw__cmd_locate, &xw__cmd_export,    &xw__cmd_tiles,   &xw__cmd_draw,
    &xw__cmd_serve,  &xw__cmd_revisions, &xw__cmd_events,
};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

static volatile sig_atomic_t stop; /* set by the signal handler, read by the job */

static void on_signal(int sig)
{
    if (stop) _exit(128 + sig); /* the second Ctrl-C does not wait */
    stop = 1;
}

/* One line that rewrites itself; a stage that ends keeps its line. */
static void show_progress(void *user, const char *stage, uint64_t done, uint64_t total)
{
    static int last = -1;
    static char name[64];
    (void)user;
    const int percent = total ? (int)(100 * done / total) : -2;
    const int is_new = strcmp(name, stage) != 0;
    if (is_new) {
        if (name[0]) (void)fputc('\n', stderr);
        (void)snprintf(name, sizeof name, "%s", stage);
    } else if (percent == last) {
        return;
    }
    last = percent;
    if (total) {
        (void)fprintf(stderr, "\r\033[K%-28s %3d %%", stage, percent);
    } else {
        (void)fprintf(stderr, "\r\033[K%-28s %llu", stage, (unsigned long long)done);
    }
    (void)fflush(stderr);
}

static int help(FILE *out)
{
    (void)fprintf(out, "xiwang — 细网: nested grids of households along roads and buildings\n\n"
                       "usage: xiwang COMMAND [OPTIONS]\n\ncommands:\n");
    for (size_t i = 0; i < N_COMMANDS; i++) {
        (void)fprintf(out, "  %-9s %s\n", commands[i]->name, commands[i]->summary);
    }
    (void)fprintf(out,
                  "\nxiwang COMMAND --help tells the rest. Exit codes: 0 fine, 1 the answer is no, "
                  "2 usage, 3 bad input, 4 environment, 130 stopped.\n");
    return 0;
}

int xw_cli_main(int argc, char **argv)
{
    if (argc < 2) {
        (void)help(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        return help(stdout);
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)puts("xiwang " XW_VERSION);
        return 0;
    }
    const xw_command *cmd = NULL;
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(argv[1], commands[i]->name) == 0) cmd = commands[i];
    }
    if (!cmd) {
        (void)fprintf(stderr, "xiwang: no command \"%s\" (see xiwang --help)\n", argv[1]);
        return 2;
    }
    for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            (void)fputs(cmd->help, stdout);
            return 0;
        }
    }
    const struct sigaction act = {.sa_handler = on_signal};
    (void)sigaction(SIGINT, &act, NULL);
    (void)sigaction(SIGTERM, &act, NULL);
    /* What these would kill for is an error of the write: it is told, and temporary files go. */
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN);

    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    const int tty = isatty(STDERR_FILENO);
    xw_cli cli = {.program = argv[0],
                  .job = {.progress = tty ? show_progress : NULL,
                          .cancel = &stop,
                          .threads = cores > 0 ? (unsigned)cores : 1}};
    return cmd->run(&cli, argc - 1, argv + 1);
}
