xw_test(cli export LIBS PkgConfig::GDAL)
xw_test(cli locate)
xw_test(cli config)
target_include_directories(test_cli_config PRIVATE src/cli)
