noinst_LIBRARIES += libsequence.a
libsequence_a_SOURCES = %D%/seq.h %D%/plan.h %D%/seq_private.h %D%/plan_private.h \
	%D%/states.def %D%/events.def %D%/actions.def %D%/fields.def \
	%D%/names.c %D%/transitions.c %D%/step.c %D%/step_touch.c %D%/step_mail.c \
	%D%/step_person.c %D%/due.c %D%/plan.c %D%/plan_read.c %D%/check.c %D%/fill.c \
	%D%/pipeline.h %D%/pipeline.def %D%/pipeline.c %D%/next.c %D%/stage.c %D%/proposal.c
libsequence_a_CPPFLAGS = $(AM_CPPFLAGS) $(CONFUSE_CFLAGS)
