# Needs Python 3.11 or newer and make; everything else comes as wheels into .venv.
PY ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test cover bench lint shell manage services format

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

demo: .venv/demo.stamp ## The app with a department in it; Ctrl-C stops it
	$(BIN)/python -m config.local demo

demo-reset: .venv/demo.stamp ## Forget the demo's data and start over
	$(BIN)/python -m config.local reset
	$(BIN)/python -m config.local demo

test: .venv/test.stamp lint ## Everything that has to hold; REQUIRE_BROWSER=1 fails without a browser
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup --durations=10 $(ARGS)

cover: .venv/test.stamp ## The tests under coverage: every line and branch of the actions is run
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup --cov --cov-report=term $(ARGS)

bench: .venv/demo.stamp ## Points against hand-written SQL; ARGS="1000 10000 100000" is the full dose
	$(BIN)/python -m bench.points $(ARGS)

lint: .venv/test.stamp ## Style, format, direction of imports
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/lint-imports

format: .venv/test.stamp ## Put the code in the house format
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

manage: .venv/demo.stamp ## make manage ARGS="command --option"
	@$(BIN)/python -m config.local services manage.py $(ARGS)

shell: .venv/demo.stamp ## A Django shell on the demo's data
	@$(BIN)/python -m config.local services manage.py shell

.venv/bin/python:
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'Python 3.11 or newer is needed: make PY=python3.11 …'; exit 1; }
	@$(PY) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo 'The venv module is missing: apt-get install python3-venv'; exit 1; }
	$(PY) -m venv .venv

.venv/demo.stamp: .venv/bin/python requirements/run.txt requirements/demo.txt
	$(PIP) -r requirements/run.txt -r requirements/demo.txt
	@touch $@

.venv/test.stamp: .venv/demo.stamp requirements/test.txt requirements/browser.txt
	$(PIP) -r requirements/test.txt -r requirements/browser.txt
	@touch $@
