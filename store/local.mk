noinst_LIBRARIES += libstore.a
libstore_a_SOURCES = %D%/store.h
libstore_a_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS) $(JANSSON_CFLAGS)
EXTRA_DIST += %D%/sql/sqlite/001-initial.sql
