# relentctl, driven as people do: no network, no root, no daemons.
CTL_CASES = tests/cases/ctl/digest.t tests/cases/ctl/appointments.t tests/cases/ctl/conf.t tests/cases/ctl/people.t tests/cases/ctl/import.t \
	tests/cases/ctl/sequence.t tests/cases/ctl/suppress.t tests/cases/ctl/forget.t tests/cases/ctl/review.t tests/cases/ctl/review-drafts.t \
	tests/cases/ctl/setup.t tests/cases/ctl/hostile.t tests/cases/ctl/cases.t \
	tests/cases/ctl/limits.t tests/cases/ctl/deliverability.t tests/cases/ctl/explain.t \
	tests/cases/ctl/pipeline.t tests/cases/ctl/server.t tests/cases/ctl/pgfaults.t \
	tests/cases/ctl/actions.t tests/cases/ctl/signals.t tests/cases/ctl/follow-up.t
TESTS += $(CTL_CASES)
EXTRA_DIST += $(CTL_CASES) tests/cases/ctl/servers.t tests/cases/ctl/ctlcase.py
