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
tests_fuzz_fuzz_guard_LDADD = libimapwatch.a libletter.a $(TEST_LIBS)

check_PROGRAMS += tests/fuzz/fuzz-frames
tests_fuzz_fuzz_frames_SOURCES = tests/fuzz/fuzz-frames.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
tests_fuzz_fuzz_frames_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_NAME='"frames"'
tests_fuzz_fuzz_frames_LDFLAGS = $(FUZZING_LINK)
tests_fuzz_fuzz_frames_LDADD = libimapwatch.a libletter.a libclassifier.a $(TEST_LIBS)

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

# Those that classify: one mail around the bytes.
FUZZ_MAIL = tests/fuzz/fuzz.h tests/fuzz/mail.c tests/fuzz/mail.h tests/lib/mails.c tests/lib/mails.h $(FUZZ_MAIN)
FUZZ_MORE = tests/fuzz/fuzz-bounce tests/fuzz/fuzz-dsn tests/fuzz/fuzz-arf tests/fuzz/fuzz-calendar tests/fuzz/fuzz-html \
	tests/fuzz/fuzz-charset tests/fuzz/fuzz-phrases tests/fuzz/fuzz-address tests/fuzz/fuzz-token tests/fuzz/fuzz-conf \
	tests/fuzz/fuzz-import tests/fuzz/fuzz-terms tests/fuzz/fuzz-command
check_PROGRAMS += $(FUZZ_MORE)
if !FUZZ
TESTS += $(FUZZ_MORE)
endif
tests_fuzz_fuzz_bounce_SOURCES = tests/fuzz/fuzz-bounce.c $(FUZZ_MAIL)
tests_fuzz_fuzz_bounce_CPPFLAGS = $(CLASSIFIER_FUZZ_CPPFLAGS) -DFUZZ_NAME='"bounce"'
tests_fuzz_fuzz_bounce_LDFLAGS = $(FUZZING_LINK)
tests_fuzz_fuzz_bounce_LDADD = $(CLASSIFIER_FUZZ_LIBS)
tests_fuzz_fuzz_dsn_SOURCES = tests/fuzz/fuzz-dsn.c $(FUZZ_MAIL)
tests_fuzz_fuzz_dsn_CPPFLAGS = $(CLASSIFIER_FUZZ_CPPFLAGS) -DFUZZ_NAME='"dsn"'
tests_fuzz_fuzz_dsn_LDFLAGS = $(FUZZING_LINK)
tests_fuzz_fuzz_dsn_LDADD = $(CLASSIFIER_FUZZ_LIBS)
tests_fuzz_fuzz_arf_SOURCES = tests/fuzz/fuzz-arf.c $(FUZZ_MAIL)
tests_fuzz_fuzz_arf_CPPFLAGS = $(CLASSIFIER_FUZZ_CPPFLAGS) -DFUZZ_NAME='"arf"'
tests_fuzz_fuzz_arf_LDFLAGS = $(FUZZING_LINK)
tests_fuzz_fuzz_arf_LDADD = $(CLASSIFIER_FUZZ_LIBS)
tests_fuzz_fuzz_calendar_SOURCES = tests/fuzz/fuzz-calendar.c $(FUZZ_MAIL)
tests_fuzz_fuzz_calendar_CPPFLAGS = $(CLASSIFIER_FUZZ_CPPFLAGS) -DFUZZ_NAME='"calendar"'
tests_fuzz_fuzz_calendar_LDFLAGS = $(FUZZING_LINK)
tests_fuzz_fuzz_calendar_LDADD = $(CLASSIFIER_FUZZ_LIBS)
tests_fuzz_fuzz_html_SOURCES = tests/fuzz/fuzz-html.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
tests_fuzz_fuzz_html_CPPFLAGS = $(CLASSIFIER_FUZZ_CPPFLAGS) -DFUZZ_NAME='"html"'
tests_fuzz_fuzz_html_LDFLAGS = $(FUZZING_LINK)
tests_fuzz_fuzz_html_LDADD = $(CLASSIFIER_FUZZ_LIBS)
tests_fuzz_fuzz_charset_SOURCES = tests/fuzz/fuzz-charset.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
tests_fuzz_fuzz_charset_CPPFLAGS = $(CLASSIFIER_FUZZ_CPPFLAGS) -DFUZZ_NAME='"charset"'
tests_fuzz_fuzz_charset_LDFLAGS = $(FUZZING_LINK)
tests_fuzz_fuzz_charset_LDADD = $(CLASSIFIER_FUZZ_LIBS)
tests_fuzz_fuzz_phrases_SOURCES = tests/fuzz/fuzz-phrases.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
tests_fuzz_fuzz_phrases_CPPFLAGS = $(CLASSIFIER_FUZZ_CPPFLAGS) -DFUZZ_NAME='"phrases"'
tests_fuzz_fuzz_phrases_LDFLAGS = $(FUZZING_LINK)
tests_fuzz_fuzz_phrases_LDADD = $(CLASSIFIER_FUZZ_LIBS)
tests_fuzz_fuzz_address_SOURCES = tests/fuzz/fuzz-address.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
tests_fuzz_fuzz_address_CPPFLAGS = $(CLASSIFIER_FUZZ_CPPFLAGS) -DFUZZ_NAME='"address"'
tests_fuzz_fuzz_address_LDFLAGS = $(FUZZING_LINK)
tests_fuzz_fuzz_address_LDADD = $(TEST_LIBS)
tests_fuzz_fuzz_token_SOURCES = tests/fuzz/fuzz-token.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
tests_fuzz_fuzz_token_CPPFLAGS = $(CLASSIFIER_FUZZ_CPPFLAGS) -DFUZZ_NAME='"token"'
tests_fuzz_fuzz_token_LDFLAGS = $(FUZZING_LINK)
tests_fuzz_fuzz_token_LDADD = $(TEST_LIBS)
tests_fuzz_fuzz_conf_SOURCES = tests/fuzz/fuzz-conf.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
tests_fuzz_fuzz_conf_CPPFLAGS = $(CLASSIFIER_FUZZ_CPPFLAGS) -DFUZZ_NAME='"conf"'
tests_fuzz_fuzz_conf_LDFLAGS = $(FUZZING_LINK)
tests_fuzz_fuzz_conf_LDADD = libconf.a $(TEST_LIBS) $(CONFUSE_LIBS)
tests_fuzz_fuzz_import_SOURCES = tests/fuzz/fuzz-import.c ctl/import.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
tests_fuzz_fuzz_import_CPPFLAGS = $(CLASSIFIER_FUZZ_CPPFLAGS) -DFUZZ_NAME='"import"'
tests_fuzz_fuzz_import_LDFLAGS = $(FUZZING_LINK)
tests_fuzz_fuzz_import_LDADD = libstore.a libpolicy.a libsequence.a libclassifier.a libconf.a $(STORE_LIBS) $(CONFUSE_LIBS) \
	$(JANSSON_LIBS) $(TEST_LIBS)
tests_fuzz_fuzz_terms_SOURCES = tests/fuzz/fuzz-terms.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
tests_fuzz_fuzz_terms_CPPFLAGS = $(CLASSIFIER_FUZZ_CPPFLAGS) -DFUZZ_NAME='"terms"'
tests_fuzz_fuzz_terms_LDFLAGS = $(FUZZING_LINK)
tests_fuzz_fuzz_terms_LDADD = libpolicy.a libconf.a $(TEST_LIBS) $(CONFUSE_LIBS)

if !FUZZ
TESTS += tests/fuzz/fuzz-lead
endif
check_PROGRAMS += tests/fuzz/fuzz-lead
tests_fuzz_fuzz_lead_SOURCES = tests/fuzz/fuzz-lead.c tests/fuzz/fuzz.h tests/lib/mails.c tests/lib/mails.h $(FUZZ_MAIN)
tests_fuzz_fuzz_lead_CPPFLAGS = $(CLASSIFIER_FUZZ_CPPFLAGS) -DFUZZ_NAME='"lead"'
tests_fuzz_fuzz_lead_LDFLAGS = $(FUZZING_LINK)
tests_fuzz_fuzz_lead_LDADD = $(CLASSIFIER_FUZZ_LIBS)
tests_fuzz_fuzz_command_SOURCES = tests/fuzz/fuzz-command.c tests/lib/mails.c tests/lib/mails.h \
	tests/lib/commands.c tests/lib/commands.h tests/fuzz/fuzz.h $(FUZZ_MAIN)
tests_fuzz_fuzz_command_CPPFLAGS = $(CLASSIFIER_FUZZ_CPPFLAGS) -DFUZZ_NAME='"command"'
tests_fuzz_fuzz_command_LDFLAGS = $(FUZZING_LINK)
tests_fuzz_fuzz_command_LDADD = libpolicy.a libsequence.a $(CLASSIFIER_FUZZ_LIBS)
