# plans.c: reads the shipped definitions
SEQUENCE_TEST_SOURCES = tests/lib/plans.c tests/lib/plans.h
SEQUENCE_TEST_LIBS = libsequence.a $(CONFUSE_LIBS) $(TEST_LIBS)

check_PROGRAMS += tests/unit/test-sequence-table tests/unit/test-sequence-cases \
	tests/unit/test-sequence-plan tests/unit/test-sequence-random
TESTS += tests/unit/test-sequence-table tests/unit/test-sequence-cases \
	tests/unit/test-sequence-plan tests/unit/test-sequence-random
tests_unit_test_sequence_table_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_sequence_table_LDADD = $(SEQUENCE_TEST_LIBS)
tests_unit_test_sequence_cases_SOURCES = tests/unit/test-sequence-cases.c $(SEQUENCE_TEST_SOURCES)
tests_unit_test_sequence_cases_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_sequence_cases_LDADD = $(SEQUENCE_TEST_LIBS)
tests_unit_test_sequence_plan_SOURCES = tests/unit/test-sequence-plan.c $(SEQUENCE_TEST_SOURCES)
tests_unit_test_sequence_plan_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_sequence_plan_LDADD = $(SEQUENCE_TEST_LIBS)
tests_unit_test_sequence_random_SOURCES = tests/unit/test-sequence-random.c $(SEQUENCE_TEST_SOURCES)
tests_unit_test_sequence_random_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_sequence_random_LDADD = $(SEQUENCE_TEST_LIBS)
EXTRA_DIST += tests/cases/sequence tests/cases/sequence-check
check_PROGRAMS += tests/unit/test-sequence-pipeline
TESTS += tests/unit/test-sequence-pipeline
tests_unit_test_sequence_pipeline_SOURCES = tests/unit/test-sequence-pipeline.c $(SEQUENCE_TEST_SOURCES)
tests_unit_test_sequence_pipeline_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_sequence_pipeline_LDADD = $(SEQUENCE_TEST_LIBS)
