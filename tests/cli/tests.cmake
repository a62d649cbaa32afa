xw_test(cli export LIBS PkgConfig::GDAL)
