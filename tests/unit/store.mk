# The store's unit tests share a fixture; the store needs nothing of GMime, only names.
check_LIBRARIES += libstorefixture.a
libstorefixture_a_SOURCES = tests/unit/store_fixture.c tests/unit/store_fixture.h
libstorefixture_a_CPPFLAGS = $(TEST_CPPFLAGS) $(SQLITE_CFLAGS) $(PQ_CFLAGS)
STORE_TEST_CPPFLAGS = $(TEST_CPPFLAGS) $(SQLITE_CFLAGS) $(JANSSON_CFLAGS)
STORE_TEST_LDADD = libstorefixture.a libstore.a libletter.a libpolicy.a libsequence.a libclassifier.a $(STORE_LIBS) \
	$(CONFUSE_LIBS) $(TEST_LIBS)

check_PROGRAMS += tests/unit/test-store-touch
TESTS += tests/unit/test-store-touch
tests_unit_test_store_touch_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_test_store_touch_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/test-store-inbound
TESTS += tests/unit/test-store-inbound
tests_unit_test_store_inbound_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_test_store_inbound_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/test-store-verify
TESTS += tests/unit/test-store-verify
tests_unit_test_store_verify_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_test_store_verify_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/test-store-core
TESTS += tests/unit/test-store-core
tests_unit_test_store_core_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_test_store_core_LDADD = $(STORE_TEST_LDADD)
tests/unit/test_store_core-test-store-core.$(OBJEXT): store/statements.h

check_PROGRAMS += tests/unit/test-store-growth
TESTS += tests/unit/test-store-growth
tests_unit_test_store_growth_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_test_store_growth_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/test-store-kill
TESTS += tests/unit/test-store-kill
tests_unit_test_store_kill_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_test_store_kill_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/test-store-states
TESTS += tests/unit/test-store-states
tests_unit_test_store_states_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_test_store_states_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/test-store-people
TESTS += tests/unit/test-store-people
tests_unit_test_store_people_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_test_store_people_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/test-store-drafts
TESTS += tests/unit/test-store-drafts
tests_unit_test_store_drafts_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_test_store_drafts_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/test-store-audit
TESTS += tests/unit/test-store-audit
tests_unit_test_store_audit_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_test_store_audit_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/test-store-suppress
TESTS += tests/unit/test-store-suppress
tests_unit_test_store_suppress_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_test_store_suppress_LDADD = $(STORE_TEST_LDADD)
tests/unit/test_store_suppress-test-store-suppress.$(OBJEXT): store/statements.h

EXTRA_DIST += tests/cases/store

check_PROGRAMS += tests/unit/test-store-limits
TESTS += tests/unit/test-store-limits
tests_unit_test_store_limits_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_test_store_limits_LDADD = $(STORE_TEST_LDADD) libclassifier.a $(CLASSIFIER_LIBS)

check_PROGRAMS += tests/unit/test-store-links
TESTS += tests/unit/test-store-links
tests_unit_test_store_links_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_test_store_links_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/test-store-tasks
TESTS += tests/unit/test-store-tasks
tests_unit_test_store_tasks_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_test_store_tasks_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/test-store-pgsql
tests_unit_test_store_pgsql_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_test_store_pgsql_LDADD = $(STORE_TEST_LDADD)

# the same on PostgreSQL
TESTS += tests/unit/store-pgsql.t
EXTRA_DIST += tests/unit/store-pgsql.t script/pgsql
check_PROGRAMS += tests/unit/test-store-digest
TESTS += tests/unit/test-store-digest
tests_unit_test_store_digest_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_test_store_digest_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/test-store-decide
TESTS += tests/unit/test-store-decide
tests_unit_test_store_decide_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_test_store_decide_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/test-store-leads
TESTS += tests/unit/test-store-leads
tests_unit_test_store_leads_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_test_store_leads_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/test-store-appointments
TESTS += tests/unit/test-store-appointments
tests_unit_test_store_appointments_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_test_store_appointments_LDADD = $(STORE_TEST_LDADD)
tests/unit/test_store_appointments-test-store-appointments.$(OBJEXT): store/statements.h

check_PROGRAMS += tests/unit/test-store-pipeline
TESTS += tests/unit/test-store-pipeline
tests_unit_test_store_pipeline_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_test_store_pipeline_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/test-store-leases
TESTS += tests/unit/test-store-leases
tests_unit_test_store_leases_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_test_store_leases_LDADD = $(STORE_TEST_LDADD)
check_PROGRAMS += tests/unit/test-store-retention
TESTS += tests/unit/test-store-retention
tests_unit_test_store_retention_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_test_store_retention_LDADD = $(STORE_TEST_LDADD)
tests/unit/test_store_retention-test-store-retention.$(OBJEXT): store/statements.h
check_PROGRAMS += tests/unit/test-store-forget
TESTS += tests/unit/test-store-forget
tests_unit_test_store_forget_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_test_store_forget_LDADD = $(STORE_TEST_LDADD)
tests/unit/test_store_forget-test-store-forget.$(OBJEXT): store/statements.h
tests/unit/test_store_verify-test-store-verify.$(OBJEXT): store/statements.h
