check_PROGRAMS += tests/unit/test-policy-cases
TESTS += tests/unit/test-policy-cases
tests_unit_test_policy_cases_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_policy_cases_LDADD = libpolicy.a libsequence.a libclassifier.a \
	$(GMIME_LIBS) $(XML2_LIBS) $(ICAL_LIBS) $(CONFUSE_LIBS) $(TEST_LIBS)
EXTRA_DIST += tests/cases/refuse
check_PROGRAMS += tests/unit/test-policy-texts
TESTS += tests/unit/test-policy-texts
tests_unit_test_policy_texts_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_policy_texts_LDADD = libpolicy.a libsequence.a libclassifier.a \
	$(CLASSIFIER_LIBS) $(CONFUSE_LIBS) $(TEST_LIBS)
check_PROGRAMS += tests/unit/test-policy-limits
TESTS += tests/unit/test-policy-limits
tests_unit_test_policy_limits_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_policy_limits_LDADD = libpolicy.a $(TEST_LIBS)
check_PROGRAMS += tests/unit/test-policy-terms
TESTS += tests/unit/test-policy-terms
tests_unit_test_policy_terms_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_policy_terms_LDADD = libpolicy.a $(TEST_LIBS)
check_PROGRAMS += tests/unit/test-policy-content
TESTS += tests/unit/test-policy-content
tests_unit_test_policy_content_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_policy_content_LDADD = libpolicy.a libsequence.a libclassifier.a \
	$(CLASSIFIER_LIBS) $(CONFUSE_LIBS) $(TEST_LIBS)

check_PROGRAMS += tests/unit/test-policy-digest
TESTS += tests/unit/test-policy-digest
tests_unit_test_policy_digest_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_policy_digest_LDADD = libpolicy.a $(TEST_LIBS)
COMMANDS = tests/lib/commands.c tests/lib/commands.h
check_PROGRAMS += tests/unit/test-policy-commands
TESTS += tests/unit/test-policy-commands
tests_unit_test_policy_commands_SOURCES = tests/unit/test-policy-commands.c $(MAILS) $(COMMANDS)
tests_unit_test_policy_commands_CPPFLAGS = $(TEST_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_policy_commands_LDADD = libpolicy.a libsequence.a libclassifier.a libconf.a \
	$(CLASSIFIER_LIBS) $(CONFUSE_LIBS) $(TEST_LIBS)
EXTRA_DIST += tests/cases/commands
