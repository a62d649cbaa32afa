/* Ready sets of levels. 10-10-10 is the rule of the counties; the sizes of the others are the usual
 * ones of urban grids, to be changed in the configuration where a city has its own. Digits: the
 * code of the community profile has 15, the form of a unit grid; the others number what their caps
 * allow. A team of neighbours does not cross a main road; larger grids may, where they must.
 */
#include "xiwang/grids.h"

#include <string.h>

#define MAIN_ROADS                                                      \
    (UINT32_C(1) << XW_CLASS_MOTORWAY | UINT32_C(1) << XW_CLASS_TRUNK | \
     UINT32_C(1) << XW_CLASS_PRIMARY)

static const xw_profile profiles[] = {
    {
        .name = "10-10-10",
        .zh = "十户一队",
        .text = "10 households a team, 10 teams a section, 10 sections a zone",
        .config =
            {.levels =
                 {{.key = "zone", .name = "区", .cap = 10, .code_width = 3},
                  {.key = "section", .name = "片", .cap = 10, .code_width = 2},
                  {.key = "team", .name = "队", .cap = 10, .code_width = 2, .never = MAIN_ROADS}},
             .n_levels = 3,
             .net = "zz",
             .net_name = "综治网"},
    },
    {
        .name = "community",
        .zh = "社区网格",
        .text = "one level: grids of 300 to 500 households",
        .config =
            {.levels = {{.key = "cell", .name = "网格", .cap = 500, .code_width = 3, .floor = 300}},
             .n_levels = 1,
             .net = "zz",
             .net_name = "综治网"},
    },
    {
        .name = "urban",
        .zh = "城市三级",
        .text = "micro grids of 30 to 50 households, up to 10 a grid, up to 10 grids a district",
        .config =
            {.levels =
                 {{.key = "district", .name = "片区", .cap = 10, .code_width = 2},
                  {.key = "cell", .name = "网格", .cap = 10, .code_width = 2},
                  {.key = "micro", .name = "微网格", .cap = 50, .code_width = 2, .floor = 30}},
             .n_levels = 3,
             .net = "zz",
             .net_name = "综治网"},
    },
};

const xw_profile *xw_profile_at(size_t i)
{
    return i < sizeof profiles / sizeof *profiles ? &profiles[i] : NULL;
}

const xw_profile *xw_profile_find(const char *name)
{
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++) {
        if (strcmp(profiles[i].name, name) == 0) return &profiles[i];
    }
    return NULL;
}
