xw_test(cli export LIBS PkgConfig::GDAL)
xw_test(cli locate)
