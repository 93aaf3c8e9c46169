noinst_LIBRARIES += libletter.a
libletter_a_SOURCES = \
	%D%/compose.c %D%/compose.h
