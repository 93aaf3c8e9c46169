CLASSIFIER_TESTS = tests/unit/test-classifier-cases tests/unit/test-classifier-dates \
	tests/unit/test-classifier-hostile tests/unit/test-classifier-outbound \
	tests/unit/test-classifier-bounces tests/unit/test-classifier-calendar \
	tests/unit/test-classifier-placeholders tests/unit/test-classifier-content \
	tests/unit/test-classifier-opinion tests/unit/test-classifier-visible \
	tests/unit/test-classifier-leads
check_PROGRAMS += $(CLASSIFIER_TESTS)
TESTS += $(CLASSIFIER_TESTS)
CLASSIFIER_TEST_LIBS = libclassifier.a libconf.a $(TEST_LIBS) $(CLASSIFIER_LIBS) $(CONFUSE_LIBS)
CLASSIFIER_TEST_CPPFLAGS = $(TEST_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
MAILS = tests/lib/mails.c tests/lib/mails.h

tests_unit_test_classifier_cases_SOURCES = tests/unit/test-classifier-cases.c $(MAILS)
tests_unit_test_classifier_cases_CPPFLAGS = $(CLASSIFIER_TEST_CPPFLAGS)
tests_unit_test_classifier_cases_LDADD = $(CLASSIFIER_TEST_LIBS)
tests_unit_test_classifier_calendar_SOURCES = tests/unit/test-classifier-calendar.c $(MAILS)
tests_unit_test_classifier_calendar_CPPFLAGS = $(CLASSIFIER_TEST_CPPFLAGS)
tests_unit_test_classifier_calendar_LDADD = $(CLASSIFIER_TEST_LIBS)
EXTRA_DIST += tests/cases/calendar
tests_unit_test_classifier_dates_SOURCES = tests/unit/test-classifier-dates.c $(MAILS)
tests_unit_test_classifier_dates_CPPFLAGS = $(CLASSIFIER_TEST_CPPFLAGS)
tests_unit_test_classifier_dates_LDADD = $(CLASSIFIER_TEST_LIBS)
tests_unit_test_classifier_hostile_SOURCES = tests/unit/test-classifier-hostile.c $(MAILS) \
	tests/lib/bombs.c tests/lib/bombs.h
tests_unit_test_classifier_hostile_CPPFLAGS = $(CLASSIFIER_TEST_CPPFLAGS)
tests_unit_test_classifier_hostile_LDADD = $(CLASSIFIER_TEST_LIBS)
tests_unit_test_classifier_outbound_SOURCES = tests/unit/test-classifier-outbound.c $(MAILS)
tests_unit_test_classifier_outbound_CPPFLAGS = $(CLASSIFIER_TEST_CPPFLAGS)
tests_unit_test_classifier_outbound_LDADD = $(CLASSIFIER_TEST_LIBS)
tests_unit_test_classifier_bounces_SOURCES = tests/unit/test-classifier-bounces.c $(MAILS)
tests_unit_test_classifier_bounces_CPPFLAGS = $(CLASSIFIER_TEST_CPPFLAGS)
tests_unit_test_classifier_bounces_LDADD = $(CLASSIFIER_TEST_LIBS)
tests_unit_test_classifier_content_SOURCES = tests/unit/test-classifier-content.c $(MAILS)
tests_unit_test_classifier_content_CPPFLAGS = $(CLASSIFIER_TEST_CPPFLAGS)
tests_unit_test_classifier_content_LDADD = $(CLASSIFIER_TEST_LIBS)
tests_unit_test_classifier_placeholders_SOURCES = tests/unit/test-classifier-placeholders.c $(MAILS)
tests_unit_test_classifier_placeholders_CPPFLAGS = $(CLASSIFIER_TEST_CPPFLAGS)
tests_unit_test_classifier_placeholders_LDADD = $(CLASSIFIER_TEST_LIBS)
tests_unit_test_classifier_opinion_SOURCES = tests/unit/test-classifier-opinion.c
tests_unit_test_classifier_opinion_CPPFLAGS = $(CLASSIFIER_TEST_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_classifier_opinion_LDADD = $(CLASSIFIER_TEST_LIBS) $(JANSSON_LIBS)
tests_unit_test_classifier_visible_SOURCES = tests/unit/test-classifier-visible.c $(MAILS)
tests_unit_test_classifier_visible_CPPFLAGS = $(CLASSIFIER_TEST_CPPFLAGS)
tests_unit_test_classifier_visible_LDADD = $(CLASSIFIER_TEST_LIBS)
tests_unit_test_classifier_leads_SOURCES = tests/unit/test-classifier-leads.c $(MAILS)
tests_unit_test_classifier_leads_CPPFLAGS = $(CLASSIFIER_TEST_CPPFLAGS)
tests_unit_test_classifier_leads_LDADD = $(CLASSIFIER_TEST_LIBS)
EXTRA_DIST += tests/cases/leads tests/cases/replies tests/cases/bounces tests/cases/answers tests/cases/visible tests/cases/claims
