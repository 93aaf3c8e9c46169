noinst_LIBRARIES += libimapwatch.a
libimapwatch_a_SOURCES = \
	%D%/data.c %D%/data.h \
	%D%/desk.c \
	%D%/facts.c %D%/facts.h \
	%D%/guard.c %D%/guard.h \
	%D%/imap.c %D%/imap.h \
	%D%/inbox.c %D%/inbox.h \
	%D%/net.c %D%/net.h \
	%D%/peer.c %D%/peer.h \
	%D%/proto.c %D%/proto.h \
	%D%/session.c \
	%D%/worker.c %D%/worker.h
libimapwatch_a_CPPFLAGS = $(AM_CPPFLAGS) $(GNUTLS_CFLAGS) $(ETPAN_CFLAGS) $(CURL_CFLAGS) $(JANSSON_CFLAGS) \
	$(SYSTEMD_CFLAGS)
EXTRA_DIST += tests/cases/imap
