xw_test(events events LIBS PkgConfig::SQLITE3)
