xw_test(timeline timeline)
target_sources(test_timeline_timeline PRIVATE tests/timeline/publisher.c)
xw_test(timeline watch)
target_sources(test_timeline_watch PRIVATE tests/timeline/publisher.c)
