check_PROGRAMS += tests/unit/test-milter-parts
TESTS += tests/unit/test-milter-parts
tests_unit_test_milter_parts_SOURCES = tests/unit/test-milter-parts.c milter/mail.c milter/owners.c milter/settings.c
tests_unit_test_milter_parts_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_milter_parts_LDADD = libstore.a libletter.a libpolicy.a libsequence.a libclassifier.a libconf.a \
	$(STORE_LIBS) $(CLASSIFIER_LIBS) $(CONFUSE_LIBS) $(TEST_LIBS)
check_PROGRAMS += tests/unit/test-milter-control
TESTS += tests/unit/test-milter-control
tests_unit_test_milter_control_SOURCES = tests/unit/test-milter-control.c milter/mail.c milter/settings.c milter/alone.c \
	milter/answer.c milter/control.c milter/control_args.c milter/obey.c milter/orders.c
tests_unit_test_milter_control_CPPFLAGS = $(TEST_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_milter_control_LDADD = libstorefixture.a libstore.a libletter.a libpolicy.a libsequence.a libclassifier.a \
	libconf.a $(STORE_LIBS) $(CLASSIFIER_LIBS) $(CONFUSE_LIBS) $(TEST_LIBS)
