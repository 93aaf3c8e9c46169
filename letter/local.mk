noinst_LIBRARIES += libletter.a
libletter_a_SOURCES = \
	%D%/compose.c %D%/compose.h %D%/points.c %D%/points.h \
	%D%/html.c %D%/html.h \
	%D%/page.c %D%/page.h \
	%D%/words.c %D%/words.h \
	%D%/words_load.c
libletter_a_CPPFLAGS = $(AM_CPPFLAGS) $(ICU_CFLAGS)
