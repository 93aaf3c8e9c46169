noinst_LIBRARIES += libimapwatch.a
libimapwatch_a_SOURCES = \
	%D%/guard.c %D%/guard.h \
	%D%/imap.c %D%/imap.h \
	%D%/net.c %D%/net.h
libimapwatch_a_CPPFLAGS = $(AM_CPPFLAGS) $(GNUTLS_CFLAGS) $(ETPAN_CFLAGS) $(CURL_CFLAGS) $(JANSSON_CFLAGS) \
	$(SYSTEMD_CFLAGS)
EXTRA_DIST += tests/cases/imap
