noinst_LIBRARIES += libclassifier.a
libclassifier_a_SOURCES = \
	%D%/classifier.h %D%/message.h %D%/message_private.h \
	%D%/kinds.def %D%/classes.def %D%/reasons.def \
	%D%/charset.c %D%/charset.h \
	%D%/flowed.c \
	%D%/html.c \
	%D%/message.c \
	%D%/prescan.c %D%/prescan.h
libclassifier_a_CPPFLAGS = $(AM_CPPFLAGS) $(GMIME_CFLAGS) $(ICU_CFLAGS) $(XML2_CFLAGS) $(ICAL_CFLAGS)
CLASSIFIER_LIBS = $(GMIME_LIBS) $(XML2_LIBS) $(ICAL_LIBS)
