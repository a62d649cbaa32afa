#include "xiwang/finding.h"

#include <string.h>

static const xw_finding_info kinds[] = {
#define X(kind, zh, severity, action) {kind, zh, severity, action},
    XW_FINDING_MAP(X)
#undef X
};
static const xw_finding_info unknown = {"", "", "warning", ""};

const xw_finding_info *xw_finding_at(size_t i)
{
    return i < sizeof kinds / sizeof kinds[0] ? &kinds[i] : NULL;
}

const xw_finding_info *xw_finding_get(const char *kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].kind, kind) == 0) return &kinds[i];
    }
    return &unknown;
}
