# Unit tests (Check, TAP). One fragment a module; to add a test, four lines in it:
#   check_PROGRAMS += tests/unit/test-<module>-<thing>
#   TESTS += tests/unit/test-<module>-<thing>
#   tests_unit_test_<module>_<thing>_CPPFLAGS = $(TEST_CPPFLAGS)
#   tests_unit_test_<module>_<thing>_LDADD = <libraries in link order> $(TEST_LIBS)
# and tests/unit/test-<module>-<thing>.c with a main() that calls test_run().
check_LIBRARIES += libtest.a
libtest_a_SOURCES = tests/lib/testing.c tests/lib/testing.h
libtest_a_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
TEST_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
TEST_LIBS = libtest.a libbase.a $(CHECK_LIBS) $(BASE_LIBS) -lpthread
AM_TESTS_ENVIRONMENT = TOP_SRCDIR='$(abs_top_srcdir)' TOP_BUILDDIR='$(abs_top_builddir)' \
	LSAN_OPTIONS="suppressions=$(abs_top_srcdir)/tests/lsan.supp:print_suppressions=0:$$LSAN_OPTIONS"; \
	export TOP_SRCDIR TOP_BUILDDIR LSAN_OPTIONS;
EXTRA_DIST += tests/lsan.supp

include %D%/base.mk
include %D%/conf.mk
include %D%/classifier.mk
include %D%/structure.mk
include %D%/sequence.mk
include %D%/policy.mk
include %D%/store.mk
include %D%/milter.mk
include %D%/imapwatch.mk
include %D%/logwatch.mk
include %D%/ctl.mk
