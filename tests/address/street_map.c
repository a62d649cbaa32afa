#include "street_map.h"

#include "support/test.h"
#include "support/toy_model.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const han[] = {"玉", "竹", "银", "榕", "桃", "茶", "岭", "川", "亭", "湖",
                                  "坪", "林", "园", "洲", "岗", "石", "桥", "清", "埔", "双",
                                  "仙", "井", "浦", "墩", "横", "和", "平", "解", "放", "江"};
static const char *const ends[] = {"路", "街", "大道", "一巷", "二巷", "十四巷", "北路"};
static const char *const starts[] = {"Aeule", "Berg", "Land",  "Feld",  "Ober",
                                     "Müli",  "Lang", "Pfarr", "Schul", "Wald"};
static const char *const tails[] = {"strasse", "weg", "gasse", "platz", "straße"};

#define PICK(rng, list) list[xw_rng_below(rng, sizeof(list) / sizeof *(list))]

static xw_text text(xw_model *m, const char *s)
{
    xw_text t;
    assert_int_equal(xw_strings_add(&m->text, s, &t, NULL), XW_OK);
    return t;
}

static void add(xw_model *m, xw_rng *rng, const char *line)
{
    xw_address *a = XW_MODEL_ADD(m, addresses);
    assert_non_null(a);
    *a = (xw_address){.at = {TOY_X + (int32_t)xw_rng_below(rng, 3 * TOY_STEP),
                             TOY_Y + (int32_t)xw_rng_below(rng, 3 * TOY_STEP)},
                      .text = text(m, line),
                      .building = XW_NONE};
}

void street_map_make(xw_rng *rng, uint32_t n, xw_model *m)
{
    char street[80], line[120];
    assert_true(toy_model_make(m));
    const size_t last = m->n_addresses + n;
    while (m->n_addresses < last) {
        const bool latin = xw_rng_below(rng, 4) == 0;
        if (latin) {
            (void)snprintf(street, sizeof street, "%s%s%s", PICK(rng, starts),
                           xw_rng_below(rng, 3) ? "" : "er ", PICK(rng, tails));
        } else {
            (void)snprintf(street, sizeof street, "%s%s%s", PICK(rng, han), PICK(rng, han),
                           PICK(rng, ends));
        }
        const unsigned numbers = 1 + (unsigned)xw_rng_below(rng, 40);
        for (unsigned k = 1; k <= numbers && m->n_addresses < last; k++) {
            const unsigned door = xw_rng_below(rng, 20) ? 0 : 101 + (unsigned)xw_rng_below(rng, 9);
            if (latin && xw_rng_below(rng, 10) == 0) {
                (void)snprintf(line, sizeof line, "%s %u%c", street, k, "ab"[k % 2]);
            } else if (latin) {
                (void)snprintf(line, sizeof line, "%s %u", street, k);
            } else if (door > 0) {
                (void)snprintf(line, sizeof line, "%s%u号%u室", street, k, door);
            } else {
                (void)snprintf(line, sizeof line, "%s%u号", street, k);
            }
            add(m, rng, line);
        }
    }
}

xw_snapshot *street_map_snapshot(const xw_model *m)
{
    char path[64];
    xw_error err = {XW_OK, ""};
    xw_snapshot *s = NULL;
    (void)snprintf(path, sizeof path, "/tmp/xw-address-%ld.snapshot", (long)getpid());
    if (xw_snapshot_write(m, path, NULL, &err) || xw_snapshot_open(path, &s, &err)) {
        fail_msg("%s", err.text);
    }
    (void)unlink(path);
    return s;
}
