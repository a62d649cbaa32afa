xw_test(geo simplify)
