noinst_LIBRARIES += libstore.a
libstore_a_SOURCES = \
	%D%/absence.c \
	%D%/actions.c \
	%D%/assign.c \
	%D%/audit.c %D%/audit.h \
	%D%/approvals.c \
	%D%/appointments.c %D%/appointments.h %D%/appointments_private.h %D%/booking.c %D%/calendar.c \
	%D%/breakers.c %D%/breakers.h \
	%D%/leases.c %D%/leases.h \
	%D%/limits.c \
	%D%/listen.c \
	%D%/core.h \
	%D%/card.c %D%/card.h \
	%D%/card_flags.c \
	%D%/card_points.c \
	%D%/card_text.c \
	%D%/desk_rules.h \
	%D%/decide.c %D%/decide.h %D%/decide_private.h %D%/decisions.def \
	%D%/decide_draft.c \
	%D%/decide_route.c \
	%D%/digest.c %D%/digest.h %D%/digest_private.h \
	%D%/digest_card.c \
	%D%/digest_items.c \
	%D%/digest_note.c \
	%D%/digest_options.c \
	%D%/digest_weekly.c \
	%D%/driver.h \
	%D%/drafts.c \
	%D%/enrol.c \
	%D%/entities.def \
	%D%/events.c \
	%D%/evidence.c \
	%D%/forget.c \
	%D%/freemail.def \
	%D%/handoff.c \
	%D%/links.c %D%/links.h \
	%D%/leads.c %D%/leads.h %D%/leads_private.h \
	%D%/lead_json.c \
	%D%/lead_owner.c \
	%D%/lead_show.c \
	%D%/load.c %D%/load.h \
	%D%/logsource.c \
	%D%/lost.c \
	%D%/inbox.c \
	%D%/mark.c \
	%D%/match.c \
	%D%/others.c \
	%D%/opinions.c %D%/opinions.h \
	%D%/outbox.c \
	%D%/owners.c \
	%D%/people.c %D%/people.h \
	%D%/pipeline.h \
	%D%/copy.c %D%/copy.h \
	%D%/pgsql.c %D%/pgsql_init.c %D%/pgsql_listen.c \
	%D%/pgsql_connect.c %D%/pgsql_server.c %D%/pgsql_private.h \
	%D%/plans.c \
	%D%/proposals.c \
	%D%/prospects.c \
	%D%/rates.c %D%/rates.h \
	%D%/recall.c \
	%D%/retention.c %D%/retention.h %D%/retention_settings.c \
	%D%/recall_limits.c \
	%D%/records.c \
	%D%/referral.c \
	%D%/reply.c \
	%D%/rows.c \
	%D%/seal.c \
	%D%/sends.c %D%/sends.h \
	%D%/sqlite.c \
	%D%/standing.c \
	%D%/step.c \
	%D%/store.c %D%/store.h %D%/sweep.c \
	%D%/store_private.h \
	%D%/incoming.h %D%/machine.h %D%/outgoing.h %D%/records.h \
	%D%/suppress.c %D%/suppression.h \
	%D%/tasks.c %D%/tasks.h %D%/tasks_private.h %D%/tasks_text.c \
	%D%/touch.c \
	%D%/verdict.c %D%/verdict.h \
	%D%/verify.c \
	%D%/writer.c
nodist_libstore_a_SOURCES = store/statements.c store/migrations.c store/migrations-pgsql.c store/statements.h
libstore_a_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS) $(PQ_CFLAGS) $(JANSSON_CFLAGS)
STORE_LIBS = $(SQLITE_LIBS) $(PQ_LIBS) $(JANSSON_LIBS) -lpthread
store_statements = \
	%D%/sql/statements.sql \
	%D%/sql/relentctl.sql \
	%D%/sql/desk.sql \
	%D%/sql/control.sql \
	%D%/sql/digest.sql \
	%D%/sql/send.sql \
	%D%/sql/leads.sql \
	%D%/sql/calendar.sql \
	%D%/sql/pipeline.sql \
	%D%/sql/drafts.sql \
	%D%/sql/hosts.sql \
	%D%/sql/large.sql
store_statements_here = \
	$(srcdir)/%D%/sql/statements.sql \
	$(srcdir)/%D%/sql/relentctl.sql \
	$(srcdir)/%D%/sql/desk.sql \
	$(srcdir)/%D%/sql/control.sql \
	$(srcdir)/%D%/sql/digest.sql \
	$(srcdir)/%D%/sql/send.sql \
	$(srcdir)/%D%/sql/leads.sql \
	$(srcdir)/%D%/sql/calendar.sql \
	$(srcdir)/%D%/sql/pipeline.sql \
	$(srcdir)/%D%/sql/drafts.sql \
	$(srcdir)/%D%/sql/hosts.sql \
	$(srcdir)/%D%/sql/large.sql
EXTRA_DIST += build-aux/embed.awk build-aux/pgsql.awk %D%/sql/pgsql/functions.sql $(store_statements) $(store_migrations)
store_migrations = %D%/sql/sqlite/001-initial.sql %D%/sql/sqlite/002-brake.sql %D%/sql/sqlite/003-day.sql

# SQL becomes C: a statement that is not there does not compile, one that is wrong does not start.
BUILT_SOURCES += store/statements.h
CLEANFILES += store/statements.h store/statements.c store/migrations.c store/migrations-pgsql.c store/pgsql/0*.sql
store/statements.h: $(store_statements_here) $(srcdir)/build-aux/embed.awk
	@$(MKDIR_P) store
	$(AM_V_GEN)$(AWK) -v what=enum -f $(srcdir)/build-aux/embed.awk $(store_statements_here) >$@.tmp && mv $@.tmp $@
store/statements.c: $(store_statements_here) $(srcdir)/build-aux/embed.awk
	@$(MKDIR_P) store
	$(AM_V_GEN)$(AWK) -v what=table -f $(srcdir)/build-aux/embed.awk $(store_statements_here) >$@.tmp && mv $@.tmp $@
store/migrations.c: $(srcdir)/%D%/sql/sqlite/001-initial.sql $(srcdir)/%D%/sql/sqlite/002-brake.sql \
		$(srcdir)/%D%/sql/sqlite/003-day.sql $(srcdir)/build-aux/embed.awk
	@$(MKDIR_P) store
	$(AM_V_GEN)$(AWK) -v what=migrations -v driver=sqlite -f $(srcdir)/build-aux/embed.awk \
		$(srcdir)/%D%/sql/sqlite/0*.sql >$@.tmp && mv $@.tmp $@
# PostgreSQL's schema is SQLite's, in its words
store/migrations-pgsql.c: store/migrations.c $(srcdir)/%D%/sql/pgsql/functions.sql $(srcdir)/build-aux/pgsql.awk
	@$(MKDIR_P) store/pgsql
	@for f in $(srcdir)/%D%/sql/sqlite/0*.sql; do \
		$(AWK) -f $(srcdir)/build-aux/pgsql.awk $$f >store/pgsql/$${f##*/} || exit 1; done
	@cat $(srcdir)/%D%/sql/pgsql/functions.sql store/pgsql/001-initial.sql >store/pgsql/both && \
		mv store/pgsql/both store/pgsql/001-initial.sql
	$(AM_V_GEN)$(AWK) -v what=migrations -v driver=pgsql -f $(srcdir)/build-aux/embed.awk \
		store/pgsql/0*.sql >$@.tmp && mv $@.tmp $@
# make of a single target does not make BUILT_SOURCES first
$(libstore_a_OBJECTS): store/statements.h
