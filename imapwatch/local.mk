noinst_LIBRARIES += libimapwatch.a
libimapwatch_a_SOURCES = \
	%D%/data.c %D%/data.h \
	%D%/desk.c \
	%D%/desk_folder.c \
	%D%/drafts.c %D%/drafts.h \
	%D%/facts.c %D%/facts.h \
	%D%/folders.c %D%/folders.h \
	%D%/guard.c %D%/guard.h \
	%D%/imap.c %D%/imap.h %D%/imap_private.h \
	%D%/imap_folders.c \
	%D%/imap_open.c \
	%D%/inbox.c %D%/inbox.h \
	%D%/net.c %D%/net.h \
	%D%/notify.c %D%/notify.h \
	%D%/peer.c %D%/peer.h \
	%D%/proto.c %D%/proto.h \
	%D%/proto_lead.c \
	%D%/queue.c %D%/queue.h \
	%D%/sendnext.c %D%/sendnext.h \
	%D%/session.c \
	%D%/vacation.c %D%/vacation.h \
	%D%/worker.c %D%/worker.h
IMAPWATCH_CPPFLAGS = $(AM_CPPFLAGS) $(GNUTLS_CFLAGS) $(ETPAN_CFLAGS) $(CURL_CFLAGS) $(JANSSON_CFLAGS) \
	$(SYSTEMD_CFLAGS)
libimapwatch_a_CPPFLAGS = $(IMAPWATCH_CPPFLAGS)

sbin_PROGRAMS += relent-imapwatch
relent_imapwatch_SOURCES = \
	%D%/adviser.c %D%/adviser.h \
	%D%/check.c %D%/check.h \
	%D%/control.c \
	%D%/desk_parent.c \
	%D%/digest.c \
	%D%/drafting.c %D%/drafting.h \
	%D%/due.c %D%/effects.h \
	%D%/handle.c \
	%D%/hosts.c \
	%D%/hub.c %D%/hub.h \
	%D%/leads.c \
	%D%/itself.c \
	%D%/main.c \
	%D%/opinions.c \
	%D%/pipeline.c \
	%D%/notes.c \
	%D%/outbox.c %D%/outbox_private.h \
	%D%/sender.c %D%/sender.h \
	%D%/sending.c
relent_imapwatch_CPPFLAGS = $(IMAPWATCH_CPPFLAGS)
relent_imapwatch_LDADD = libimapwatch.a libstore.a libletter.a libpolicy.a libsequence.a libclassifier.a libconf.a libbase.a \
	$(CURL_LIBS) $(ETPAN_LIBS) $(GNUTLS_LIBS) $(SYSTEMD_LIBS) $(STORE_LIBS) $(GMIME_LIBS) $(ICAL_LIBS) \
	$(XML2_LIBS) $(CONFUSE_LIBS) $(BASE_LIBS) -lpthread

# texts of mails to reps and administrators
mailendir = $(pkgdatadir)/mail/en
dist_mailen_DATA = conf/mail/en/words.txt conf/mail/en/breaker.txt conf/mail/en/account_failing.txt conf/mail/en/colleague.txt conf/mail/en/draft_failed.txt conf/mail/en/draft_kept.txt \
	conf/mail/en/draft_stays.txt \
	conf/mail/en/lead.txt conf/mail/en/lead_more.txt conf/mail/en/lead_review.txt \
	conf/mail/en/escalation.txt conf/mail/en/escalation_manager.txt \
	conf/mail/en/control_done.txt conf/mail/en/control_help.txt \
	conf/mail/en/control_alarm.txt conf/mail/en/control_answer.txt conf/mail/en/control_empty.txt \
	conf/mail/en/control_flood.txt conf/mail/en/control_letter.txt conf/mail/en/control_problem.txt \
	conf/mail/en/control_words.txt \
	conf/mail/en/handoff.txt conf/mail/en/not_done.txt conf/mail/en/not_sent.txt conf/mail/en/send_stopped.txt \
	conf/mail/en/send_unsure.txt conf/mail/en/reactivation.txt
maildedir = $(pkgdatadir)/mail/de
dist_mailde_DATA = conf/mail/de/words.txt conf/mail/de/breaker.txt conf/mail/de/account_failing.txt conf/mail/de/colleague.txt conf/mail/de/draft_failed.txt conf/mail/de/draft_kept.txt \
	conf/mail/de/draft_stays.txt \
	conf/mail/de/lead.txt conf/mail/de/lead_more.txt conf/mail/de/lead_review.txt \
	conf/mail/de/escalation.txt conf/mail/de/escalation_manager.txt \
	conf/mail/de/control_done.txt conf/mail/de/control_help.txt \
	conf/mail/de/control_alarm.txt conf/mail/de/control_answer.txt conf/mail/de/control_empty.txt \
	conf/mail/de/control_flood.txt conf/mail/de/control_letter.txt conf/mail/de/control_problem.txt \
	conf/mail/de/control_words.txt \
	conf/mail/de/handoff.txt conf/mail/de/not_done.txt conf/mail/de/not_sent.txt conf/mail/de/send_stopped.txt \
	conf/mail/de/send_unsure.txt conf/mail/de/reactivation.txt
mailesdir = $(pkgdatadir)/mail/es
dist_mailes_DATA = conf/mail/es/words.txt
mailfrdir = $(pkgdatadir)/mail/fr
dist_mailfr_DATA = conf/mail/fr/words.txt
mailitdir = $(pkgdatadir)/mail/it
dist_mailit_DATA = conf/mail/it/words.txt
mailnldir = $(pkgdatadir)/mail/nl
dist_mailnl_DATA = conf/mail/nl/words.txt
mailpldir = $(pkgdatadir)/mail/pl
dist_mailpl_DATA = conf/mail/pl/words.txt
mailptdir = $(pkgdatadir)/mail/pt
dist_mailpt_DATA = conf/mail/pt/words.txt
mailsvdir = $(pkgdatadir)/mail/sv
dist_mailsv_DATA = conf/mail/sv/words.txt
EXTRA_DIST += tests/cases/imap
