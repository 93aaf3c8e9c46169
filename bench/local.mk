# Measurements: built and run by script/bench only.
EXTRA_PROGRAMS += bench/bench-classify
bench_bench_classify_SOURCES = bench/bench_classify.c tests/lib/mails.c tests/lib/mails.h
bench_bench_classify_CPPFLAGS = $(AM_CPPFLAGS) $(GMIME_CFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
bench_bench_classify_LDADD = libclassifier.a libconf.a libbase.a $(CLASSIFIER_LIBS) $(BASE_LIBS) $(CONFUSE_LIBS)
