# Python 3.11 or newer builds the environment: make setup PYTHON=python3.12
PYTHON ?= python3
PYTEST_ARGS ?=
# Processes that run tests side by side, a file at a time; 0 for one after another
WORKERS ?= 2

BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate

# Scripts inside .venv name the folder that it was made in: in one that was copied or renamed it is
# made anew.
MOVED := $(shell cd .venv 2>/dev/null && test -f pyvenv.cfg && \
	case "$$(sed -n 's/^command = //p' pyvenv.cfg)" in (*" $$(pwd -P)") ;; (*) echo yes;; esac)

export DVC_NO_ANALYTICS := 1
export MLFLOW_DISABLE_TELEMETRY := true
export NO_MKDOCS_2_WARNING := true
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export VIRTUAL_ENV := $(CURDIR)/.venv

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test docs check-long test-spark lint lock clean

help: ## list these targets
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/make \1|\2/p' $(firstword $(MAKEFILE_LIST)) \
		| awk -F'|' '{ printf "%-15s %s\n", $$1, $$2 }'

setup: .venv/package.stamp ## make .venv with the locked dependencies and the winback command

demo: setup ## run the whole pipeline on the real CDNOW history
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m winback.cli demo

test: lint ## check style, types and imports, then run all tests
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder \
		$(PYTEST_ARGS)

docs: setup ## write the documentation into build/site, to be opened without a server
	@$(BIN)/mkdocs build && echo "Open build/site/index.html"

test-spark: setup ## install Spark (430 MB) and compare its tables with those of one machine
	@$(BIN)/uv pip install --quiet --requirements pyproject.toml --extra spark
	@$(BIN)/python -m pytest tests/test_spark.py $(PYTEST_ARGS)

check-long: demo ## run the long tests that have not passed on this code, one by one
	@$(BIN)/python tests/long.py

lint: setup ## check the style, the types and which way imports point only
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@PYTHONPATH=src $(BIN)/lint-imports --no-logo --no-cache

lock: .venv/uv.stamp ## resolve the dependencies anew and write both locks
	@echo 'uv' | $(COMPILE) --upgrade --output-file requirements-bootstrap.lock -
	@$(COMPILE) --upgrade --group dev --group datasets --extra pipeline --extra notebooks --extra tune \
		--extra databases --extra push --output-file requirements.lock pyproject.toml

clean: ## remove .venv and the caches; data, models and exports stay
	@rm -rf .venv .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist htmlcov
	@find . -path ./.git -prune -o \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +

ifeq ($(MOVED),yes)
.PHONY: .venv/uv.stamp
endif
.venv/uv.stamp: requirements-bootstrap.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "winback needs Python 3.11 or newer; $(PYTHON) is older or missing. Try: make setup PYTHON=python3.12" >&2; \
		exit 1; }
	@$(PYTHON) -c 'import ctypes, sys; sys.platform == "linux" and ctypes.CDLL("libgomp.so.1")' 2>/dev/null || { \
		echo "LightGBM needs the system library libgomp, which is missing. Try: apt-get install libgomp1" >&2; \
		exit 1; }
	@$(if $(MOVED),echo ".venv was made in another folder")
	@echo "Making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements-bootstrap.lock
	@touch $@

.venv/lock.stamp: requirements.lock .venv/uv.stamp
	@$(BIN)/uv pip install --quiet --require-hashes --compile-bytecode -r requirements.lock
	@touch $@

.venv/package.stamp: pyproject.toml .venv/lock.stamp
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
