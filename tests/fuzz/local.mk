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
