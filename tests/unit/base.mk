check_PROGRAMS += tests/unit/test-base-names
TESTS += tests/unit/test-base-names
tests_unit_test_base_names_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_base_names_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test-base-text
TESTS += tests/unit/test-base-text
tests_unit_test_base_text_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_base_text_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test-base-addr
TESTS += tests/unit/test-base-addr
tests_unit_test_base_addr_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_base_addr_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test-base-when
TESTS += tests/unit/test-base-when
tests_unit_test_base_when_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_base_when_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test-base-token
TESTS += tests/unit/test-base-token
tests_unit_test_base_token_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_base_token_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test-base-hostile
TESTS += tests/unit/test-base-hostile
tests_unit_test_base_hostile_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_base_hostile_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test-base-log
TESTS += tests/unit/test-base-log
tests_unit_test_base_log_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_base_log_LDADD = $(TEST_LIBS)
