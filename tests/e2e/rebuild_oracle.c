/* Compares two revisions of a store by their tables alone: who has another team, which codes are
 * used again, and which change is not in the lineage. A building is the same by its source id, a
 * unit by its floors.
 *   rebuild_oracle OLD.gpkg NEW.gpkg
 * Prints: households that are the same, of them with another team, codes used again, changes
 * and new and retired codes without a row. Ends with 1 when one of the last two is not 0. */
#include <sqlite3.h>
#include <stdio.h>

#define UNITS(name, db)                                                                           \
    "CREATE TEMP TABLE " name " AS SELECT x.source_id AS id, coalesce(u.floor_min, 0) AS lo,"     \
    " coalesce(u.floor_max, 0) AS hi, u.households AS n, u.team_code AS team FROM " db ".units u" \
    " JOIN " db ".buildings x ON CAST(u.building_id AS INTEGER) = x.fid;"                         \
    "CREATE INDEX temp.by_" name " ON " name "(id, lo, hi);"

static const char *const same = UNITS("a", "old") UNITS(
    "b", "main") "CREATE TEMP TABLE same AS SELECT min(a.n, b.n) AS n, a.team AS t0, b.team AS t1"
                 " FROM a JOIN b ON a.id = b.id AND a.lo = b.lo AND a.hi = b.hi;";

static long long ask(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *st = NULL;
    long long v = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW) {
        v = sqlite3_column_int64(st, 0);
    } else {
        (void)fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
    }
    (void)sqlite3_finalize(st);
    return v;
}

int main(int argc, char **argv)
{
    sqlite3 *db = NULL;
    if (argc != 3 || sqlite3_open_v2(argv[2], &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        return 2;
    char *attach = sqlite3_mprintf("ATTACH %Q AS old", argv[1]);
    const int failed = sqlite3_exec(db, attach, NULL, NULL, NULL) != SQLITE_OK ||
                       sqlite3_exec(db, same, NULL, NULL, NULL) != SQLITE_OK;
    sqlite3_free(attach);
    if (failed) {
        (void)fprintf(stderr, "%s\n", sqlite3_errmsg(db));
        return 2;
    }
    const long long all = ask(db, "SELECT coalesce(sum(n), 0) FROM same");
    const long long moved = ask(db, "SELECT coalesce(sum(n), 0) FROM same WHERE t0 <> t1");
    const long long again =
        ask(db, "SELECT count(*) FROM main.teams WHERE code NOT IN (SELECT code FROM old.teams) AND"
                " code IN (SELECT old_code FROM main.lineage WHERE old_code IS NOT NULL UNION"
                " SELECT new_code FROM main.lineage WHERE new_code IS NOT NULL AND revision <"
                " (SELECT max(fid) FROM main.xw_revision))");
    const long long begun =
        ask(db, "SELECT count(*) FROM main.teams WHERE code NOT IN (SELECT code FROM old.teams) AND"
                " code NOT IN (SELECT new_code FROM main.lineage WHERE new_begins = 1)");
    const long long ended =
        ask(db, "SELECT count(*) FROM old.teams WHERE code NOT IN (SELECT code FROM main.teams) AND"
                " code NOT IN (SELECT old_code FROM main.lineage WHERE old_ends = 1)");
    const long long unsaid =
        begun + ended +
        ask(db, "SELECT count(*) FROM same WHERE t0 <> t1 AND n > 0 AND NOT EXISTS"
                " (SELECT 1 FROM main.lineage l WHERE l.old_code = t0 AND l.new_code = t1)");
    (void)printf("%lld %lld %lld %lld\n", all, moved, again, unsaid);
    (void)sqlite3_close(db);
    return all > 0 && again == 0 && unsaid == 0 ? 0 : 1;
}
