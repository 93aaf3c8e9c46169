noinst_LIBRARIES += libclassifier.a
libclassifier_a_SOURCES =
libclassifier_a_CPPFLAGS = $(AM_CPPFLAGS) $(GMIME_CFLAGS) $(ICU_CFLAGS) $(XML2_CFLAGS) $(ICAL_CFLAGS)
