noinst_LIBRARIES += libpolicy.a
libpolicy_a_SOURCES = %D%/policy.h %D%/rules.def
libpolicy_a_CPPFLAGS = $(AM_CPPFLAGS)
