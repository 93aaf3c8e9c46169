LOGWATCH_TEST_LIBS = liblogwatch.a libconf.a $(SYSTEMD_LIBS) $(CONFUSE_LIBS) $(TEST_LIBS)

check_PROGRAMS += tests/unit/test-logwatch-parse tests/unit/test-logwatch-follow
TESTS += tests/unit/test-logwatch-parse tests/unit/test-logwatch-follow
tests_unit_test_logwatch_parse_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_logwatch_parse_LDADD = $(LOGWATCH_TEST_LIBS)
tests_unit_test_logwatch_follow_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_logwatch_follow_LDADD = $(LOGWATCH_TEST_LIBS)
check_PROGRAMS += tests/unit/test-logwatch-journal
TESTS += tests/unit/test-logwatch-journal
tests_unit_test_logwatch_journal_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_logwatch_journal_LDADD = $(LOGWATCH_TEST_LIBS)
EXTRA_DIST += tests/cases/logwatch

check_PROGRAMS += tests/unit/test-logwatch-store
TESTS += tests/unit/test-logwatch-store
tests_unit_test_logwatch_store_SOURCES = tests/unit/test-logwatch-store.c $(MAILS)
tests_unit_test_logwatch_store_CPPFLAGS = $(STORE_TEST_CPPFLAGS) $(CLASSIFIER_TEST_CPPFLAGS)
tests_unit_test_logwatch_store_LDADD = liblogwatch.a $(STORE_TEST_LDADD) $(CLASSIFIER_TEST_LIBS)
