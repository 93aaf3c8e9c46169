check_PROGRAMS += tests/unit/test-milter-parts
TESTS += tests/unit/test-milter-parts
tests_unit_test_milter_parts_SOURCES = tests/unit/test-milter-parts.c milter/mail.c milter/owners.c milter/settings.c
tests_unit_test_milter_parts_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_milter_parts_LDADD = libstore.a libletter.a libpolicy.a libsequence.a libclassifier.a libconf.a \
	$(STORE_LIBS) $(CLASSIFIER_LIBS) $(CONFUSE_LIBS) $(TEST_LIBS)
