# Manual pages (mdoc). Settings, commands, rules, states and classes are put in from the tables that the
# programs are made of.
MAN_PAGES = %D%/relent.7 %D%/relent-milter.8 %D%/relent-imapwatch.8 %D%/relent-logwatch.8 \
	%D%/relentctl.1 %D%/relent.conf.5
MAN_TABLES = conf/settings.def store/decisions.def policy/rules.def sequence/states.def sequence/events.def \
	classifier/classes.def classifier/kinds.def milter/verbs.def policy/commands.def ctl/commands.def
nodist_man_MANS = $(MAN_PAGES)

$(MAN_PAGES): %D%/fill.awk $(MAN_TABLES)
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(AWK) -v top=$(srcdir) -v confdir='$(relentconfdir)' -v datadir='$(pkgdatadir)' \
		-f $(srcdir)/%D%/fill.awk $(srcdir)/$@.in >$@.tmp && mv $@.tmp $@
%D%/relent.7: %D%/relent.7.in
%D%/relent-milter.8: %D%/relent-milter.8.in
%D%/relent-imapwatch.8: %D%/relent-imapwatch.8.in
%D%/relent-logwatch.8: %D%/relent-logwatch.8.in
%D%/relentctl.1: %D%/relentctl.1.in
%D%/relent.conf.5: %D%/relent.conf.5.in

EXTRA_DIST += %D%/fill.awk $(MAN_PAGES:=.in)
CLEANFILES += $(MAN_PAGES)
TESTS += tests/checks/manuals.sh
EXTRA_DIST += tests/checks/manuals.sh
