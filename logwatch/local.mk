noinst_LIBRARIES += liblogwatch.a
liblogwatch_a_SOURCES = %D%/parse.c %D%/parse.h %D%/follow.c %D%/follow.h \
	%D%/evidence.c %D%/evidence.h
liblogwatch_a_CPPFLAGS = $(AM_CPPFLAGS)

sbin_PROGRAMS += relent-logwatch
relent_logwatch_SOURCES = %D%/main.c
relent_logwatch_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
relent_logwatch_LDADD = liblogwatch.a libstore.a libpolicy.a libsequence.a libclassifier.a libconf.a \
	libbase.a $(STORE_LIBS) $(CONFUSE_LIBS) $(GMIME_LIBS) $(XML2_LIBS) $(ICAL_LIBS) $(SYSTEMD_LIBS) \
	$(BASE_LIBS)
