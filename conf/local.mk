noinst_LIBRARIES += libconf.a
libconf_a_SOURCES = %D%/conf.h %D%/settings.def
libconf_a_CPPFLAGS = $(AM_CPPFLAGS) $(CONFUSE_CFLAGS)
