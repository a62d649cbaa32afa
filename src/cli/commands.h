/* The commands, each in src/cli/<name>.c. */
#ifndef XW_CLI_COMMANDS_H
#define XW_CLI_COMMANDS_H

#include "xiwang/cli.h"

extern const xw_command xw__cmd_sample, xw__cmd_build, xw__cmd_rebuild, xw__cmd_check,
    xw__cmd_locate, xw__cmd_export, xw__cmd_tiles, xw__cmd_draw, xw__cmd_serve, xw__cmd_revisions,
    xw__cmd_events;

#endif
