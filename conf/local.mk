noinst_LIBRARIES += libconf.a
libconf_a_SOURCES = %D%/conf.h %D%/settings.def %D%/settings_private.h \
	%D%/settings.c %D%/parse.c %D%/check.c %D%/data.c %D%/files.c
libconf_a_CPPFLAGS = $(AM_CPPFLAGS) $(CONFUSE_CFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"' \
	-DTOP_BUILDDIR='"$(abs_top_builddir)"'
# texts of refusals
dist_pkgdata_DATA = %D%/refusals.conf
# examples for the MTA, beside the commented relent.conf
postfixexampledir = $(docdir)/postfix
dist_postfixexample_DATA = %D%/postfix/main.cf %D%/postfix/master.cf
