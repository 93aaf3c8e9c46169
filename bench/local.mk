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
