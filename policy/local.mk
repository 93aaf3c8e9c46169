noinst_LIBRARIES += libpolicy.a
libpolicy_a_SOURCES = %D%/policy.h %D%/memory.h %D%/policy_private.h %D%/rules.def %D%/digest.c %D%/digest.h %D%/limits.h %D%/limits.c \
	%D%/command.c %D%/command.h %D%/command_line.c %D%/command_private.h %D%/command_words.c %D%/commands.def \
	%D%/content.c %D%/judge.c %D%/names.c %D%/recognise.c %D%/refusals.c %D%/say.c %D%/similar.c %D%/settings.c %D%/settings.h %D%/simhash.c %D%/terms.c %D%/terms.h \
	%D%/rule_authority.c %D%/rule_breaker.c %D%/rule_bump.c %D%/rule_cap.c %D%/rule_collision.c %D%/rule_control.c \
	%D%/rule_duplicate.c %D%/rule_one_recipient.c %D%/rule_placeholder.c \
	%D%/rule_wrong_person.c %D%/rule_claims.c %D%/rule_length.c %D%/rule_links.c \
	%D%/rule_cta.c %D%/rule_replied.c %D%/rule_requires.c %D%/rule_resubmission.c \
	%D%/rule_research.c %D%/rule_stopped.c %D%/rule_suppressed.c %D%/rule_terms.c %D%/rule_unwatched.c %D%/rule_voice.c
libpolicy_a_CPPFLAGS = $(AM_CPPFLAGS)
