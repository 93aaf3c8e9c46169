# The house's own rules, as tests; each plants violations first and must find them.
CHECKS = tests/checks/includes.sh tests/checks/pure.sh tests/checks/headers.sh \
	tests/checks/size.sh tests/checks/banned.sh tests/checks/bootstrap.sh tests/checks/simulate.sh
TESTS += $(CHECKS)
EXTRA_DIST += $(CHECKS) tests/checks/tap.sh docs/scaling/README.md docs/scaling/costs.ini docs/scaling/simulate.py
