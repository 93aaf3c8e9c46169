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
# cadences and their templates
sequencesdir = $(pkgdatadir)/sequences
dist_sequences_DATA = %D%/sequences/seven-touch.conf %D%/sequences/four-message.conf
seventouchdir = $(pkgdatadir)/templates/seven-touch
dist_seventouch_DATA = %D%/templates/seven-touch/1-opener.txt \
	%D%/templates/seven-touch/2-evidence.txt %D%/templates/seven-touch/3-asset.txt \
	%D%/templates/seven-touch/4-right-owner.txt %D%/templates/seven-touch/5-mini-case.txt \
	%D%/templates/seven-touch/6-close.txt %D%/templates/seven-touch/7-linkedin.txt
fourmessagedir = $(pkgdatadir)/templates/four-message
dist_fourmessage_DATA = %D%/templates/four-message/1-context.txt \
	%D%/templates/four-message/2-value.txt %D%/templates/four-message/3-timing.txt \
	%D%/templates/four-message/4-closeout.txt
