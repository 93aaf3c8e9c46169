IMAPWATCH_TEST_LIBS = libimapwatch.a libbase.a $(CHECK_LIBS) $(ETPAN_LIBS) $(GNUTLS_LIBS) $(BASE_LIBS)
check_PROGRAMS += tests/unit/test-imapwatch-imap
TESTS += tests/unit/test-imapwatch-imap
tests_unit_test_imapwatch_imap_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) \
	-DCASES='"$(abs_top_srcdir)/tests/cases/imap"'
tests_unit_test_imapwatch_imap_LDADD = $(IMAPWATCH_TEST_LIBS)
