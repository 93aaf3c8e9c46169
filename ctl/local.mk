sbin_PROGRAMS += relentctl
relentctl_SOURCES = %D%/ctl.h %D%/commands.def %D%/main.c %D%/args.c %D%/out.c %D%/store.c \
	%D%/people.h %D%/import.c %D%/postconf.c %D%/postconf.h \
	%D%/mails.c %D%/mails.h \
	%D%/aliases.c %D%/cmd_audit.c %D%/cmd_forget.c %D%/cmd_suppress_list.c \
	%D%/cmd_cases.c %D%/cmd_cases.h %D%/cmd_classify.c %D%/cmd_classify.h %D%/cmd_conf.c %D%/cmd_doctor.c %D%/cmd_enrol.c %D%/cmd_facts.c %D%/cmd_import.c %D%/cmd_llm.c %D%/cmd_log.c %D%/cmd_mail.c %D%/cmd_owner.c \
	%D%/cmd_pipeline.c %D%/pipeline.h %D%/cmd_outbox.c %D%/cmd_prospect.c %D%/cmd_report.c %D%/cmd_approvals.c %D%/cmd_review.c %D%/cmd_sequence.c %D%/cmd_setup.c %D%/cmd_store.c %D%/cmd_suppress.c %D%/cmd_verify.c %D%/cmd_server.c \
	%D%/cmd_breaker.c %D%/cmd_deliverability.c %D%/cmd_grant.c %D%/cmd_appointment.c %D%/cmd_proposal.c %D%/cmd_task.c %D%/explain_next.c %D%/explain_next.h \
	%D%/setup.h %D%/setup_private.h %D%/setup_files.c %D%/setup_postfix.c %D%/setup_signer.c \
	%D%/setup_sendmail.c %D%/setup_dovecot.c %D%/doctor.h %D%/doctor_mta.c %D%/doctor_host.c %D%/doctor_server.c \
	%D%/doctor_sending.c %D%/setup_senders.c %D%/cmd_touch.c
relentctl_SOURCES += %D%/cmd_brief.c
relentctl_SOURCES += %D%/cmd_report_touches.c %D%/draft_hook.c %D%/draft_hook.h
relentctl_SOURCES += %D%/cmd_lead.c
relentctl_SOURCES += %D%/cmd_digest.c
relentctl_SOURCES += %D%/cmd_backup.c %D%/server.h %D%/cmd_hosts.c
relentctl_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
relentctl_LDADD = libstore.a libletter.a libpolicy.a libsequence.a libclassifier.a libconf.a libbase.a \
	$(STORE_LIBS) $(CURL_LIBS) $(CONFUSE_LIBS) $(GMIME_LIBS) $(XML2_LIBS) $(ICAL_LIBS) $(BASE_LIBS) -lresolv
bashcompletiondir = $(datadir)/bash-completion/completions
EXTRA_DIST += %D%/relentctl.bash
install-data-local: install-bash-completion
install-bash-completion:
	$(MKDIR_P) "$(DESTDIR)$(bashcompletiondir)"
	$(INSTALL_DATA) $(srcdir)/%D%/relentctl.bash "$(DESTDIR)$(bashcompletiondir)/relentctl"
uninstall-local: uninstall-bash-completion
uninstall-bash-completion:
	rm -f "$(DESTDIR)$(bashcompletiondir)/relentctl"
.PHONY: install-bash-completion uninstall-bash-completion
