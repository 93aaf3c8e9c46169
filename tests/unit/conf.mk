check_PROGRAMS += tests/unit/test-conf-settings
TESTS += tests/unit/test-conf-settings
tests_unit_test_conf_settings_CPPFLAGS = $(TEST_CPPFLAGS) \
	-DEXAMPLE='"$(abs_top_srcdir)/conf/relent.conf"'
tests_unit_test_conf_settings_LDADD = libconf.a $(CONFUSE_LIBS) $(TEST_LIBS)
