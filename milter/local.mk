sbin_PROGRAMS += relent-milter
relent_milter_SOURCES = %D%/main.c %D%/milter.h %D%/mail.h %D%/verbs.def \
	%D%/alone.c %D%/answer.c %D%/control.h %D%/control_args.c %D%/obey.c %D%/orders.c \
	%D%/callbacks.c %D%/content.c %D%/control.c %D%/decide.c %D%/inbound.c %D%/inbound.h %D%/mail.c \
	%D%/owners.c %D%/record.c \
	%D%/reply.c %D%/settings.c %D%/stamp.c
relent_milter_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS) $(JANSSON_CFLAGS)
relent_milter_CFLAGS = $(AM_CFLAGS) -pthread
relent_milter_LDADD = libstore.a libletter.a libpolicy.a libsequence.a libclassifier.a libconf.a libbase.a \
	$(STORE_LIBS) $(CLASSIFIER_LIBS) $(CONFUSE_LIBS) $(SYSTEMD_LIBS) $(MILTER_LIBS) $(BASE_LIBS) \
	-lpthread
