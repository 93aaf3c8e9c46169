# Measurements: built and run by script/bench only.
EXTRA_PROGRAMS += bench/bench-classify
bench_bench_classify_SOURCES = bench/bench_classify.c tests/lib/mails.c tests/lib/mails.h
bench_bench_classify_CPPFLAGS = $(AM_CPPFLAGS) $(GMIME_CFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
bench_bench_classify_LDADD = libclassifier.a libconf.a libbase.a $(CLASSIFIER_LIBS) $(BASE_LIBS) $(CONFUSE_LIBS)
EXTRA_PROGRAMS += bench/bench-hostile
bench_bench_hostile_SOURCES = bench/bench_hostile.c tests/lib/bombs.c tests/lib/bombs.h tests/lib/mails.c tests/lib/mails.h
bench_bench_hostile_CPPFLAGS = $(AM_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
bench_bench_hostile_LDADD = libclassifier.a libconf.a libbase.a $(CLASSIFIER_LIBS) $(BASE_LIBS) $(CONFUSE_LIBS)
EXTRA_PROGRAMS += bench/smtp-load bench/null-milter
bench_smtp_load_SOURCES = bench/smtp_load.c
bench_smtp_load_LDADD = $(SODIUM_LIBS) -lpthread
bench_null_milter_SOURCES = bench/null_milter.c
bench_null_milter_LDADD = $(MILTER_LIBS) -lpthread
# what Postfix's maps are made of may only be unpacked (script/peers): PEERS_CPPFLAGS and PEERS_LIBS are bench/peers_lookup.sh's
EXTRA_PROGRAMS += bench/peers-lookup
bench_peers_lookup_SOURCES = bench/peers_lookup.c
bench_peers_lookup_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS) $(PQ_CFLAGS) $(PEERS_CPPFLAGS)
bench_peers_lookup_LDADD = libstore.a libletter.a libpolicy.a libsequence.a libclassifier.a libconf.a libbase.a $(STORE_LIBS) \
	$(CONFUSE_LIBS) $(GMIME_LIBS) $(XML2_LIBS) $(ICAL_LIBS) $(BASE_LIBS) $(PEERS_LIBS) -lresolv -lpthread
EXTRA_PROGRAMS += bench/peers-store
bench_peers_store_SOURCES = bench/peers_store.c
bench_peers_store_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS) $(PQ_CFLAGS)
bench_peers_store_LDADD = $(bench_peers_lookup_LDADD)
EXTRA_PROGRAMS += bench/generate
bench_generate_SOURCES = bench/generate.c bench/generate_people.c bench/generate_rows.c bench/generate.h
bench_generate_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS) $(JANSSON_CFLAGS)
bench_generate_LDADD = libstore.a libletter.a libpolicy.a libsequence.a libclassifier.a libconf.a libbase.a $(STORE_LIBS) \
	$(CLASSIFIER_LIBS) $(BASE_LIBS) $(CONFUSE_LIBS) -lm
EXTRA_PROGRAMS += bench/large
bench_large_SOURCES = bench/large.c
bench_large_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS) $(JANSSON_CFLAGS)
bench_large_LDADD = $(bench_generate_LDADD)
EXTRA_PROGRAMS += bench/bench-unit
bench_bench_unit_SOURCES = bench/fake_libmilter.c $(relent_milter_SOURCES)
bench_bench_unit_CPPFLAGS = $(relent_milter_CPPFLAGS)
bench_bench_unit_CFLAGS = $(relent_milter_CFLAGS)
bench_bench_unit_LDADD = libstore.a libletter.a libpolicy.a libsequence.a libclassifier.a libconf.a libbase.a \
	$(STORE_LIBS) $(CLASSIFIER_LIBS) $(CONFUSE_LIBS) $(SYSTEMD_LIBS) $(BASE_LIBS) -lpthread
# a disk that takes its time: LD_PRELOADed by bench/smtp.py
EXTRA_DIST += bench/slow_fsync.c
CLEANFILES += bench/slow-fsync.so
bench/slow-fsync.so: bench/slow_fsync.c
	$(AM_V_CC)$(MKDIR_P) bench && $(CC) $(CFLAGS) -fPIC -shared -o $@ $(srcdir)/bench/slow_fsync.c -ldl
