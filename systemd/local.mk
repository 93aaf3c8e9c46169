# Units, the service user and the directories. The part that all units share is written once.
SYSTEMD_UNITS = %D%/relent-milter.service %D%/relent-imapwatch.service %D%/relent-logwatch.service
SYSTEMD_FILL = $(AWK) -v inc=$(srcdir)/%D%/hardening.inc \
	-v sbindir='$(sbindir)' -v relentconfdir='$(relentconfdir)' -f $(srcdir)/%D%/fill.awk

systemdsystemunitdir = @systemdsystemunitdir@
nodist_systemdsystemunit_DATA = $(SYSTEMD_UNITS)
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d

$(SYSTEMD_UNITS) %D%/relent.tmpfiles.conf: %D%/fill.awk %D%/hardening.inc
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(SYSTEMD_FILL) $(srcdir)/$@.in >$@.tmp && mv $@.tmp $@
%D%/relent-milter.service: %D%/relent-milter.service.in
%D%/relent-imapwatch.service: %D%/relent-imapwatch.service.in
%D%/relent-logwatch.service: %D%/relent-logwatch.service.in
%D%/relent.tmpfiles.conf: %D%/relent.tmpfiles.conf.in

# both are called relent.conf where they go
install-data-hook: install-systemd-extra
install-systemd-extra: %D%/relent.tmpfiles.conf
	$(MKDIR_P) $(DESTDIR)$(sysusersdir) $(DESTDIR)$(tmpfilesdir)
	$(INSTALL_DATA) $(srcdir)/%D%/relent.sysusers.conf $(DESTDIR)$(sysusersdir)/relent.conf
	$(INSTALL_DATA) %D%/relent.tmpfiles.conf $(DESTDIR)$(tmpfilesdir)/relent.conf
uninstall-hook: uninstall-systemd-extra
uninstall-systemd-extra:
	rm -f $(DESTDIR)$(sysusersdir)/relent.conf $(DESTDIR)$(tmpfilesdir)/relent.conf
.PHONY: install-systemd-extra uninstall-systemd-extra

EXTRA_DIST += %D%/fill.awk %D%/hardening.inc %D%/relent.sysusers.conf %D%/relent.tmpfiles.conf.in \
	%D%/relent-milter.service.in %D%/relent-imapwatch.service.in %D%/relent-logwatch.service.in
CLEANFILES += $(SYSTEMD_UNITS) %D%/relent.tmpfiles.conf
TESTS += tests/checks/systemd.sh
EXTRA_DIST += tests/checks/systemd.sh
