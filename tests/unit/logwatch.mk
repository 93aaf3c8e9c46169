check_PROGRAMS += tests/unit/test-logwatch-parse tests/unit/test-logwatch-follow
TESTS += tests/unit/test-logwatch-parse tests/unit/test-logwatch-follow
tests_unit_test_logwatch_parse_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_logwatch_parse_LDADD = liblogwatch.a $(TEST_LIBS)
tests_unit_test_logwatch_follow_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_logwatch_follow_LDADD = liblogwatch.a $(TEST_LIBS)
EXTRA_DIST += tests/cases/logwatch

check_PROGRAMS += tests/unit/test-logwatch-store
TESTS += tests/unit/test-logwatch-store
tests_unit_test_logwatch_store_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_test_logwatch_store_LDADD = liblogwatch.a $(STORE_TEST_LDADD)
