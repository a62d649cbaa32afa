xw_test(locate locate)
target_sources(test_locate_locate PRIVATE tests/locate/scene.c)
