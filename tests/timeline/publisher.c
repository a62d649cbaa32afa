#include "publisher.h"

#include "support/toy_model.h"
#include "xiwang/store.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int publisher_start(void **state)
{
    publisher *p = calloc(1, sizeof *p);
    (void)snprintf(p->folder, sizeof p->folder, "/tmp/xw-timeline-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    (void)snprintf(p->store, sizeof p->store, "%s/town.gpkg", p->folder);
    (void)snprintf(p->history, sizeof p->history, "%s.history", p->store);
    *state = p;
    return 0;
}

static void remove_all(const char *folder)
{
    DIR *d = opendir(folder);
    if (!d) return;
    for (const struct dirent *e; (e = readdir(d)) != NULL;) {
        char path[512];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (unlink(path) != 0) remove_all(path);
    }
    (void)closedir(d);
    (void)rmdir(folder);
}

int publisher_stop(void **state)
{
    publisher *p = *state;
    remove_all(p->folder);
    free(p);
    return 0;
}

void publish_as(const char *path, uint32_t revision, int64_t effective)
{
    char snapshot[160];
    xw_model m;
    xw_error err = {XW_OK, ""};
    assert_true(toy_model_make(&m));
    m.revision = revision;
    m.effective_unix = effective;
    (void)snprintf(snapshot, sizeof snapshot, "%s.snapshot", path);
    if (xw_snapshot_write(&m, snapshot, NULL, &err) || xw_store_write(&m, path, true, NULL, &err)) {
        fail_msg("%s", err.text);
    }
    xw_model_finish(&m);
}

const char *kept(const publisher *p, unsigned revision, const char *tail)
{
    static char paths[4][160];
    static unsigned next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, 160, "%s/%04u.gpkg%s", p->history, revision, tail);
    return path;
}

void publish(publisher *p, int64_t effective)
{
    char snapshot[120], fresh[120], fresh_snapshot[140];
    (void)snprintf(snapshot, sizeof snapshot, "%s.snapshot", p->store);
    (void)snprintf(fresh, sizeof fresh, "%s.new.gpkg", p->store);
    (void)snprintf(fresh_snapshot, sizeof fresh_snapshot, "%s.snapshot", fresh);
    publish_as(fresh, p->newest + 1, effective);
    if (p->newest > 0) {
        (void)mkdir(p->history, 0700);
        assert_int_equal(link(p->store, kept(p, p->newest, "")), 0);
        assert_int_equal(rename(snapshot, kept(p, p->newest, ".snapshot")), 0);
    }
    p->newest++;
    assert_int_equal(rename(fresh_snapshot, snapshot), 0);
    assert_int_equal(rename(fresh, p->store), 0);
}

void spoil(const char *path, const char *text)
{
    char temp[200];
    (void)snprintf(temp, sizeof temp, "%s.part", path);
    FILE *f = fopen(temp, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
    assert_int_equal(rename(temp, path), 0);
}

void flip(const char *path, long at)
{
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, at, SEEK_SET), 0);
    const int c = fgetc(f);
    assert_int_equal(fseek(f, at, SEEK_SET), 0);
    assert_int_equal(fputc(c ^ 1, f), c ^ 1);
    assert_int_equal(fclose(f), 0);
}
