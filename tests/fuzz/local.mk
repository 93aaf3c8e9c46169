# Fuzz targets: fuzz-NAME.c (see fuzz.h), seeds in seeds/NAME. With --enable-fuzz each is a libFuzzer
# program (configure with CC=clang --enable-sanitize=address,undefined,fuzzer-no-link); without, replay.c runs the seeds in `make check`.
if FUZZ
FUZZ_MAIN =
FUZZING_LINK = $(AM_LDFLAGS) -fsanitize=fuzzer
else
FUZZ_MAIN = tests/fuzz/replay.c
FUZZING_LINK = $(AM_LDFLAGS)
TESTS += tests/fuzz/fuzz-logline tests/fuzz/fuzz-plan
endif
EXTRA_DIST += tests/fuzz/seeds

check_PROGRAMS += tests/fuzz/fuzz-logline
tests_fuzz_fuzz_logline_SOURCES = tests/fuzz/fuzz-logline.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
tests_fuzz_fuzz_logline_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_NAME='"logline"'
tests_fuzz_fuzz_logline_LDFLAGS = $(FUZZING_LINK)
tests_fuzz_fuzz_logline_LDADD = liblogwatch.a libstore.a libpolicy.a libsequence.a libclassifier.a \
	$(STORE_LIBS) $(CONFUSE_LIBS) $(TEST_LIBS)

check_PROGRAMS += tests/fuzz/fuzz-plan
tests_fuzz_fuzz_plan_SOURCES = tests/fuzz/fuzz-plan.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
tests_fuzz_fuzz_plan_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_NAME='"plan"'
tests_fuzz_fuzz_plan_LDFLAGS = $(FUZZING_LINK)
tests_fuzz_fuzz_plan_LDADD = libsequence.a $(CONFUSE_LIBS) $(TEST_LIBS)

if !FUZZ
TESTS += tests/fuzz/fuzz-guard tests/fuzz/fuzz-frames
endif
check_PROGRAMS += tests/fuzz/fuzz-guard
tests_fuzz_fuzz_guard_SOURCES = tests/fuzz/fuzz-guard.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
tests_fuzz_fuzz_guard_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_NAME='"guard"'
tests_fuzz_fuzz_guard_LDFLAGS = $(FUZZING_LINK)
tests_fuzz_fuzz_guard_LDADD = libimapwatch.a $(TEST_LIBS)

check_PROGRAMS += tests/fuzz/fuzz-frames
tests_fuzz_fuzz_frames_SOURCES = tests/fuzz/fuzz-frames.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
tests_fuzz_fuzz_frames_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_NAME='"frames"'
tests_fuzz_fuzz_frames_LDFLAGS = $(FUZZING_LINK)
tests_fuzz_fuzz_frames_LDADD = libimapwatch.a $(TEST_LIBS)

if !FUZZ
TESTS += tests/fuzz/fuzz-message tests/fuzz/fuzz-quotes tests/fuzz/fuzz-date
endif
CLASSIFIER_FUZZ_LIBS = libclassifier.a libconf.a $(TEST_LIBS) $(CLASSIFIER_LIBS) $(CONFUSE_LIBS)
CLASSIFIER_FUZZ_CPPFLAGS = $(TEST_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
check_PROGRAMS += tests/fuzz/fuzz-message
tests_fuzz_fuzz_message_SOURCES = tests/fuzz/fuzz-message.c tests/fuzz/fuzz.h tests/lib/mails.c tests/lib/mails.h $(FUZZ_MAIN)
tests_fuzz_fuzz_message_CPPFLAGS = $(CLASSIFIER_FUZZ_CPPFLAGS) -DFUZZ_NAME='"message"'
tests_fuzz_fuzz_message_LDFLAGS = $(FUZZING_LINK)
tests_fuzz_fuzz_message_LDADD = $(CLASSIFIER_FUZZ_LIBS)
check_PROGRAMS += tests/fuzz/fuzz-quotes
tests_fuzz_fuzz_quotes_SOURCES = tests/fuzz/fuzz-quotes.c tests/fuzz/fuzz.h tests/lib/mails.c tests/lib/mails.h $(FUZZ_MAIN)
tests_fuzz_fuzz_quotes_CPPFLAGS = $(CLASSIFIER_FUZZ_CPPFLAGS) -DFUZZ_NAME='"quotes"'
tests_fuzz_fuzz_quotes_LDFLAGS = $(FUZZING_LINK)
tests_fuzz_fuzz_quotes_LDADD = $(CLASSIFIER_FUZZ_LIBS)
check_PROGRAMS += tests/fuzz/fuzz-date
tests_fuzz_fuzz_date_SOURCES = tests/fuzz/fuzz-date.c tests/fuzz/fuzz.h tests/lib/mails.c tests/lib/mails.h $(FUZZ_MAIN)
tests_fuzz_fuzz_date_CPPFLAGS = $(CLASSIFIER_FUZZ_CPPFLAGS) -DFUZZ_NAME='"date"'
tests_fuzz_fuzz_date_LDFLAGS = $(FUZZING_LINK)
tests_fuzz_fuzz_date_LDADD = $(CLASSIFIER_FUZZ_LIBS)
