noinst_LIBRARIES += libconf.a
libconf_a_SOURCES = %D%/conf.h %D%/lead_fields.def %D%/settings.def %D%/settings_private.h \
	%D%/settings.c %D%/parse.c %D%/check.c %D%/data.c %D%/files.c %D%/leads.c %D%/lists.c
libconf_a_CPPFLAGS = $(AM_CPPFLAGS) $(CONFUSE_CFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"' \
	-DTOP_BUILDDIR='"$(abs_top_builddir)"'
# texts of refusals
dist_pkgdata_DATA = %D%/refusals.conf
# examples for the MTA, beside the commented relent.conf
postfixexampledir = $(docdir)/postfix
dist_doc_DATA = %D%/relent.conf
dist_postfixexample_DATA = %D%/postfix/main.cf %D%/postfix/master.cf
sendmailexampledir = $(docdir)/sendmail
dist_sendmailexample_DATA = %D%/sendmail/README %D%/sendmail/relent.m4
dovecotexampledir = $(docdir)/dovecot
dist_dovecotexample_DATA = %D%/dovecot/99-relent.conf
# cadences and their templates
sequencesdir = $(pkgdatadir)/sequences
dist_sequences_DATA = %D%/sequences/seven-touch.conf %D%/sequences/four-message.conf \
	%D%/sequences/inbound.conf %D%/sequences/proposal.conf %D%/sequences/reactivation.conf \
	%D%/sequences/deflection.conf
seventouchdir = $(pkgdatadir)/templates/seven-touch
dist_seventouch_DATA = %D%/templates/seven-touch/1-opener.txt \
	%D%/templates/seven-touch/2-evidence.txt %D%/templates/seven-touch/3-asset.txt \
	%D%/templates/seven-touch/4-right-owner.txt %D%/templates/seven-touch/5-mini-case.txt \
	%D%/templates/seven-touch/6-close.txt %D%/templates/seven-touch/7-linkedin.txt
seventouchdedir = $(pkgdatadir)/templates/seven-touch/de
dist_seventouchde_DATA = %D%/templates/seven-touch/de/1-opener.txt \
	%D%/templates/seven-touch/de/2-evidence.txt %D%/templates/seven-touch/de/3-asset.txt \
	%D%/templates/seven-touch/de/4-right-owner.txt %D%/templates/seven-touch/de/5-mini-case.txt \
	%D%/templates/seven-touch/de/6-close.txt %D%/templates/seven-touch/de/7-linkedin.txt
inbounddir = $(pkgdatadir)/templates/inbound
dist_inbound_DATA = %D%/templates/inbound/1-acknowledge.txt %D%/templates/inbound/2-answer.txt \
	%D%/templates/inbound/3-value.txt %D%/templates/inbound/4-next-step.txt \
	%D%/templates/inbound/5-close.txt
proposaldir = $(pkgdatadir)/templates/proposal
dist_proposal_DATA = %D%/templates/proposal/1-arrived.txt %D%/templates/proposal/2-problem.txt \
	%D%/templates/proposal/3-decision.txt %D%/templates/proposal/4-close.txt
reactivationdir = $(pkgdatadir)/templates/reactivation
dist_reactivation_DATA = %D%/templates/reactivation/1-new-fact.txt
deflectiondir = $(pkgdatadir)/templates/deflection
dist_deflection_DATA = %D%/templates/deflection/1-not-us.txt
fourmessagedir = $(pkgdatadir)/templates/four-message
dist_fourmessage_DATA = %D%/templates/four-message/1-context.txt \
	%D%/templates/four-message/2-value.txt %D%/templates/four-message/3-timing.txt \
	%D%/templates/four-message/4-closeout.txt
# phrases, away forms and bounce formats: whole folders, so that a new language is only data
DATA_DIRS = booking phrases away bounces folders refusals llm leads commands pgsql
EXTRA_DIST += %D%/booking %D%/phrases %D%/away %D%/bounces %D%/folders %D%/refusals %D%/llm %D%/leads %D%/commands %D%/pgsql
install-data-local: install-conf-data
install-conf-data:
	cd $(srcdir)/%D% && find $(DATA_DIRS) -type f ! -name '*~' ! -name '.*' | while read -r f; do \
		$(MKDIR_P) "$(DESTDIR)$(pkgdatadir)/$$(dirname "$$f")" && \
		$(INSTALL_DATA) "$$f" "$(DESTDIR)$(pkgdatadir)/$$f" || exit 1; done
uninstall-local: uninstall-conf-data
uninstall-conf-data:
	cd "$(DESTDIR)$(pkgdatadir)" && rm -rf $(DATA_DIRS)
.PHONY: install-conf-data uninstall-conf-data
