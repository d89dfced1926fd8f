# make run: start the service with every addon. make test: run every test.
# Both need only python3 and pip, and apt where a system library is missing.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MEMBERS := $(wildcard core plugins/*)
EDITABLE := $(foreach member,$(MEMBERS),-e ./$(member))
PROJECTS := $(addsuffix /pyproject.toml,$(MEMBERS))
UV := $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python

.DEFAULT_GOAL := help
.PHONY: help run test test-browser test-others test-security test-32bit test-windows check fix docs bench soak deb windows clean locks types versions system-run system-test

help:
	@echo "make run     start the service with every addon and open its page"
	@echo "make test    run every test"
	@echo "make test-security  run the attacks only, and see that a missing guard is noticed"
	@echo "make test-32bit  run the tests of TWAIN in a 32-bit Windows under Wine, as root"
	@echo "make test-windows  run the core's own tests under the Windows Python, the slow ones too; ARGS=\"GROUP\""
	@echo "make check   style, types and floors only"
	@echo "make types   write the types of the browser client from the HTTP interface"
	@echo "make deb     build the Debian package into dist"
	@echo "make windows  build a folder for Windows into dist; ARGS=\"--python FOLDER\""
	@echo "make docs    build the documentation into docs/_build"
	@echo "make locks   write the exact versions of everything that is installed"
	@echo "make versions  write the table of versions and the bill of materials"
	@echo "make soak    twenty clients for an hour, while children are killed; ARGS=\"--minutes 10\""
	@echo "make bench   measure speed beside other programs"

run: $(VENV)/.run
	@$(BIN)/sheetfed serve --open $(ARGS)

# Real processes meet deadlines of a second, three tests at a time: what fails so is tried once more,
# by itself. Both results are printed.
PYTEST := $(BIN)/python -m pytest $(ARGS)
ALONE := $(PYTEST) --last-failed --last-failed-no-failures none

test: check test-browser test-others

test-browser: $(VENV)/.test
	@echo "== tests in a browser"
	@$(PYTEST) -n 3 --dist loadfile tests/browser || $(ALONE) tests/browser

test-others: $(VENV)/.test
	@echo "== all other tests"
	@$(PYTEST) -n 3 --dist worksteal --ignore tests/browser || $(ALONE) --ignore tests/browser

test-security: $(VENV)/.test
	@$(BIN)/python -m pytest -n 2 --dist worksteal tests/security $(ARGS)

test-32bit: $(VENV)/.test
	@$(BIN)/python tests/rigs/twain/bits32.py

test-windows: $(VENV)/.test
	@$(BIN)/python tests/rigs/twain/own.py $(ARGS)

check: $(VENV)/.test
	@echo "== style"
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@echo "== types"
	@$(BIN)/mypy
	@echo "== floors"
	@found=$$($(BIN)/lint-imports --no-cache) || { echo "$$found"; exit 1; }

fix: $(VENV)/.test
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .

docs: $(VENV)/.test
	@$(BIN)/sphinx-build -n -W -q docs docs/_build

bench: $(VENV)/.test
	@$(BIN)/python benchmarks/batch.py
	@$(BIN)/python benchmarks/life.py
	@$(BIN)/python benchmarks/service.py --sheets 50 500
	@$(BIN)/python benchmarks/documents.py
	@$(BIN)/python benchmarks/pixels.py
	@$(BIN)/python benchmarks/formats.py
	@$(BIN)/python benchmarks/edits.py
	@$(BIN)/python benchmarks/imaging.py
	@$(BIN)/python benchmarks/twain.py
	@$(BIN)/python benchmarks/tls.py
	@$(BIN)/python benchmarks/guard.py
	@$(BIN)/python benchmarks/browser.py

clean:
	rm -rf $(VENV) docs/_build dist .mypy_cache .ruff_cache .pytest_cache

# What is installed, and from which list. A list names exact versions and their hashes.

$(BIN)/uv: | system-run
	@echo "== making $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(VENV)/.run: $(BIN)/uv requirements/run.txt $(PROJECTS) | system-run
	@echo "== installing sheetfed and its addons into $(VENV)"
	@$(UV) --require-hashes -r requirements/run.txt
	@$(UV) --no-deps --no-build-isolation $(EDITABLE)
	@touch $@

$(VENV)/.test: $(VENV)/.run requirements/test.txt requirements/windows.txt requirements/windows-addons.txt requirements/photographs.txt tests/client/package-lock.json | system-test
	@echo "== installing what the tests need into $(VENV)"
	@$(UV) --require-hashes -r requirements/test.txt
	@$(UV) --no-deps --require-hashes -r requirements/photographs.txt
	@$(BIN)/python tests/client/node.py & node=$$!; \
		$(BIN)/python tests/rigs/twain/windows.py; made=$$?; \
		wait $$node && exit $$made
	@touch $@

system-run:
	@PYTHON=$(PYTHON) sh tests/system-packages.sh run

system-test:
	@PYTHON=$(PYTHON) sh tests/system-packages.sh test

types: $(VENV)/.test
	@$(BIN)/python tests/client/schemas.py

locks: $(VENV)/.run
	@$(BIN)/python requirements/lock.py
	@$(BIN)/python release/sbom.py

versions: $(VENV)/.run
	@$(BIN)/python release/versions.py
	@$(BIN)/python release/sbom.py

soak: $(VENV)/.test
	@$(BIN)/python benchmarks/soak.py $(ARGS)

deb: $(VENV)/.test
	@$(BIN)/python release/deb.py $(ARGS)

windows: $(VENV)/.test
	@$(BIN)/python release/portable.py $(ARGS)
