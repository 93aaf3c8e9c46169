noinst_LIBRARIES += libclassifier.a
libclassifier_a_SOURCES = \
	%D%/classifier.h %D%/message.h %D%/message_private.h \
	%D%/kinds.def %D%/classes.def %D%/reasons.def \
	%D%/bounce_reason.c \
	%D%/booking.c %D%/booking.h %D%/booking_time.c \
	%D%/calendar.c %D%/calendar.h \
	%D%/charset.c %D%/charset.h \
	%D%/coverage.c \
	%D%/date_names.c \
	%D%/date_scan.c \
	%D%/dates.c %D%/words_date.c %D%/dates_private.h %D%/day.h \
	%D%/detect.h \
	%D%/detect_away.c \
	%D%/detect_bounce.c \
	%D%/detect_bounce_text.c \
	%D%/detect_calendar.c \
	%D%/detect_complaint.c \
	%D%/detect_person.c \
	%D%/detect_unsubscribe.c \
	%D%/flowed.c \
	%D%/html.c \
	%D%/language.c \
	%D%/lead.c %D%/lead.h %D%/lead_private.h \
	%D%/lead_clean.c \
	%D%/lead_data.c \
	%D%/lead_lines.c \
	%D%/lead_names.c \
	%D%/lead_words.c \
	%D%/message.c \
	%D%/message_walk.c \
	%D%/model.c %D%/model.h \
	%D%/names.c \
	%D%/opinion.c %D%/opinion.h \
	%D%/options.c %D%/options.h \
	%D%/outbound.c \
	%D%/placeholder.c \
	%D%/phrases.c %D%/phrases.h %D%/phrases_private.h \
	%D%/phrase_find.c \
	%D%/phrase_machine.c %D%/phrase_machine.h \
	%D%/phrase_program.c \
	%D%/phrase_tables.c \
	%D%/prescan.c %D%/prescan.h \
	%D%/quoted.c %D%/footers.c %D%/lines.h \
	%D%/reply.c \
	%D%/salutation.c %D%/salutation.h \
	%D%/content.c \
	%D%/tokens.c
libclassifier_a_CPPFLAGS = $(AM_CPPFLAGS) $(GMIME_CFLAGS) $(ICU_CFLAGS) $(XML2_CFLAGS) $(ICAL_CFLAGS) $(JANSSON_CFLAGS)
CLASSIFIER_LIBS = $(GMIME_LIBS) $(XML2_LIBS) $(ICAL_LIBS) $(JANSSON_LIBS)

noinst_PROGRAMS += classify-tool
classify_tool_SOURCES = ctl/classify_tool.c ctl/cmd_classify.c ctl/cmd_classify.h ctl/cmd_cases.c ctl/cmd_cases.h \
	ctl/mails.c ctl/mails.h
classify_tool_LDADD = libclassifier.a libconf.a libbase.a $(CLASSIFIER_LIBS) $(BASE_LIBS) $(JANSSON_LIBS) \
	$(CONFUSE_LIBS)

# The weights of the model: `make model` makes conf/phrases/weights anew from the mails of tests/cases. Needs liblinear.
if LIBLINEAR
noinst_PROGRAMS += train-model
train_model_SOURCES = bench/train.c ctl/mails.c ctl/mails.h
train_model_CPPFLAGS = $(AM_CPPFLAGS) $(GMIME_CFLAGS)
train_model_LDADD = libclassifier.a libconf.a libbase.a $(CLASSIFIER_LIBS) $(BASE_LIBS) $(CONFUSE_LIBS) -llinear
model: train-model
	RELENT_DATA=$(srcdir)/conf ./train-model $(srcdir)/tests/cases >weights.tmp
	mv weights.tmp $(srcdir)/conf/phrases/weights
endif
