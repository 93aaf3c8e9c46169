noinst_LIBRARIES += liblogwatch.a
liblogwatch_a_SOURCES = %D%/parse.c %D%/parse.h %D%/parse_private.h %D%/postfix.c %D%/sendmail.c \
	%D%/follow.c %D%/follow.h %D%/journal.c %D%/journal.h %D%/source.c %D%/source.h \
	%D%/evidence.c %D%/evidence.h %D%/track.c %D%/track.h %D%/deliver.c %D%/deliver.h
liblogwatch_a_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)

sbin_PROGRAMS += relent-logwatch
relent_logwatch_SOURCES = %D%/main.c
relent_logwatch_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
relent_logwatch_LDADD = liblogwatch.a libstore.a libpolicy.a libsequence.a libclassifier.a libconf.a \
	libbase.a $(STORE_LIBS) $(CONFUSE_LIBS) $(GMIME_LIBS) $(XML2_LIBS) $(ICAL_LIBS) $(SYSTEMD_LIBS) \
	$(BASE_LIBS)
