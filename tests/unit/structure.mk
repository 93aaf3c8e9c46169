check_PROGRAMS += tests/unit/test-classifier-structure
TESTS += tests/unit/test-classifier-structure
tests_unit_test_classifier_structure_SOURCES = tests/unit/test-classifier-structure.c \
	tests/lib/structure.c tests/lib/structure.h
tests_unit_test_classifier_structure_CPPFLAGS = $(CLASSIFIER_TEST_CPPFLAGS)
tests_unit_test_classifier_structure_LDADD = $(CLASSIFIER_TEST_LIBS)

check_PROGRAMS += tests/unit/test-classifier-phrases
TESTS += tests/unit/test-classifier-phrases
tests_unit_test_classifier_phrases_SOURCES = tests/unit/test-classifier-phrases.c $(MAILS)
tests_unit_test_classifier_phrases_CPPFLAGS = $(CLASSIFIER_TEST_CPPFLAGS)
tests_unit_test_classifier_phrases_LDADD = $(CLASSIFIER_TEST_LIBS)
