# `make run` and `make test` do all the set-up; `make help` lists the rest.
# PYTHON=… chooses the interpreter, HOST=… and PORT=… where the page is served, WORKERS=… how many
# processes run tests.

VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
WORKERS ?= 3
# The same hashes in every worker: they have to agree on the names of all cases. Files are run in
# the order that tests/conftest.py puts them in.
PYTEST := PYTHONHASHSEED=0 $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile \
	--no-loadscope-reorder

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

.DEFAULT_GOAL := help
# How many times slower browser and server run in `make browser`.
SLOWER ?= 5

.PHONY: help run setup test browser faults mirror fuzz bench check demo requirements

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 22

run: $(VENV)/installed ## Start the server on this machine and print its address
	@exec $(BIN)/python -m streamlit run streamlit_app.py --server.headless=true \
		--server.address=$(HOST) $(if $(PORT),--server.port=$(PORT))

setup: $(VENV)/installed-dev ## Install everything, tools for tests and checks as well
	@echo "Ready: $$($(BIN)/python --version) in $(VENV), with all requirements."

test: $(VENV)/installed-dev ## Run every test; what is skipped is named with the reason
	@$(PYTEST)

browser: $(VENV)/installed-dev ## Run the browser's tests SLOWER=5 times slower, to find races
	@SLOWER=$(SLOWER) $(PYTEST) -n 2 tests/browser

faults: $(VENV)/installed-dev ## Kill servers, consumers and MongoDB 20 times each; Kafka, whole
	@FAULT_KILLS=20 BROKERS=redis,kafka $(PYTEST) -m slow \
		tests/faults tests/integration/streams

mirror: $(VENV)/installed-dev ## Compare mirror and MongoDB after WRITES=1000000 drawn writes
	@MIRROR_WRITES=$(or $(WRITES),1000000) $(PYTEST) \
		tests/integration/mirror/test_changes.py

fuzz: $(VENV)/installed-dev ## Compare the three evaluators on PAIRS=20000 drawn rules
	@FUZZ_PAIRS=$(or $(PAIRS),20000) $(PYTEST) tests/integration/rules/test_three_evaluators.py

bench: $(VENV)/installed-dev ## Time rules beside other engines, an editing session, and ingestion
	@$(BIN)/python -m engine bench ingest --json
	@$(BIN)/python -m engine bench segments --json
	@$(BIN)/python -m engine bench sessions --json

check: $(VENV)/installed-dev ## Lint, types, boundaries, known holes, unit tests: two minutes
	@echo "ruff" && $(BIN)/python -m ruff check --quiet .
	@echo "ruff format" && $(BIN)/python -m ruff format --check --quiet .
	@echo "mypy" && $(BIN)/python -m mypy --no-error-summary
	@echo "bandit" && $(BIN)/python -m bandit --quiet -c pyproject.toml -r engine pages streamlit_app.py
	@echo "pip-audit" && $(BIN)/python .ci/audit
	@echo "unit tests" && $(PYTEST) tests/unit

demo: $(VENV)/installed ## Write the orders of a made-up retailer, beside whatever is there
	@$(BIN)/python -m engine demo

requirements: $(VENV)/uv ## Compile requirements*.in (UPGRADE=--upgrade takes newer versions)
	@for name in requirements requirements-dev requirements-bench; do \
		$(VENV)/uv/bin/uv pip compile --quiet $(UPGRADE) --universal --python-version 3.11 \
			--no-emit-index-url --custom-compile-command "make requirements" \
			$$name.in -o $$name.txt || exit 1; \
	done

# The interpreter that `python3` starts comes first; the others are tried newest first, and each
# is asked to run, because a shim on PATH may stand for a version that is not installed.
$(BIN)/python:
	@for python in $(PYTHON) $(if $(PYTHON),,python3 python3.14 python3.13 python3.12 python3.11); do \
		if "$$python" -c 'import sys, ensurepip, ssl; sys.exit(sys.version_info < (3, 11))' \
			>/dev/null 2>&1; then \
			echo "Making $(VENV) with $$("$$python" --version)"; \
			"$$python" -m venv $(VENV) && exit 0; \
			rm -rf $(VENV); exit 1; \
		fi; \
	done; \
	echo "No Python 3.11 or newer, with venv and pip, was found$(if $(PYTHON), at PYTHON=$(PYTHON)). Install one" >&2; \
	echo "(Debian and Ubuntu: apt-get install python3 python3-venv) or name it: make PYTHON=/path/to/python" >&2; \
	exit 1

# A stamp is as new as the file it was made from, so that the second start installs nothing.
$(VENV)/installed: requirements.txt | $(BIN)/python
	@echo "Installing requirements.txt (about a minute, once)"
	@$(BIN)/python -m pip install -qq -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed | $(BIN)/python
	@echo "Installing requirements-dev.txt"
	@$(BIN)/python -m pip install -qq -r requirements-dev.txt
	@touch $@

$(VENV)/uv: | $(BIN)/python
	@$(BIN)/python -m venv $@ && $@/bin/python -m pip install -qq "uv>=0.9"
