noinst_LIBRARIES += libsequence.a
libsequence_a_SOURCES = %D%/seq.h
libsequence_a_CPPFLAGS = $(AM_CPPFLAGS) $(CONFUSE_CFLAGS)
