#include "xiwang/cli.h"

int main(int argc, char **argv) { return xw_cli_main(argc, argv); }
