xw_test(store store LIBS PkgConfig::SQLITE3)
