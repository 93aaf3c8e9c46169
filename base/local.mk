noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	%D%/arena.c %D%/arena.h \
	%D%/addr.c %D%/addr.h \
	%D%/ask.c %D%/ask.h \
	%D%/clock.c %D%/clock.h \
	%D%/err.c %D%/err.h \
	%D%/grammar.c %D%/grammar.h \
	%D%/fault.c %D%/fault.h \
	%D%/id.c %D%/id.h \
	%D%/log.c %D%/log.h \
	%D%/names.c %D%/names.h \
	%D%/pattern.c %D%/pattern.h \
	%D%/stamp.c %D%/stamp.h \
	%D%/str.c %D%/str.h \
	%D%/text.c \
	%D%/token.c %D%/token.h \
	%D%/utf7.c %D%/utf7.h \
	%D%/when.c %D%/when.h
libbase_a_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS) $(ICU_CFLAGS) $(PCRE2_CFLAGS) $(PSL_CFLAGS) $(IDN2_CFLAGS) $(CURL_CFLAGS)
