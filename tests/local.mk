# Unit tests (Check, TAP), cases, and the checks of the house's own rules.
include tests/unit/local.mk
include tests/checks/local.mk
include tests/cases/ctl/local.mk
TESTS += tests/cases/sentences/sentences.t
EXTRA_DIST += tests/cases/sentences
include tests/fuzz/local.mk
