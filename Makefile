# Two commands: `make demo` shows what sepsim does, `make test` proves that it works. Both need only Python >= 3.11.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo
PYTEST := $(BIN)/python -m pytest -n 2 --dist worksteal

.PHONY: demo test test-slow soak lint coverage benchmark clean

demo: $(VENV)/installed
	mkdir -p $(DEMO)
	$(BIN)/sepsim run examples/protocols/differential.toml \
	    --plot $(DEMO)/differential.png --json-file $(DEMO)/differential.json

test: $(VENV)/installed-test lint
	$(PYTEST) -m "not slow"

test-slow: $(VENV)/installed-test
	$(PYTEST) -m slow

# Sampled properties on fifty times as many samples, but for those that state their own number; by hand.
soak: $(VENV)/installed-test
	$(PYTEST) --hypothesis-profile=soak tests

lint: $(VENV)/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# All tests, and how much of the package they run; the floor never goes down.
coverage: $(VENV)/installed-test
	$(PYTEST) --cov --cov-report=term:skip-covered --cov-fail-under=97.5

benchmark: $(VENV)/installed-test
	$(BIN)/python benchmarks/lamm.py
	$(BIN)/python benchmarks/lamm_gradient.py
	$(BIN)/python benchmarks/density_gradient.py
	$(BIN)/python benchmarks/column.py
	$(BIN)/python benchmarks/membrane.py
	$(BIN)/python benchmarks/aggregation.py
	$(BIN)/python benchmarks/capture.py
	$(BIN)/python benchmarks/langevin.py
	$(BIN)/python benchmarks/ion_optics.py
	$(BIN)/python benchmarks/protocols.py

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "sepsim needs Python 3.11 or newer; name one: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/installed-test: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	touch $@

clean:
	rm -rf $(VENV) $(DEMO) build .coverage .pytest_cache .hypothesis .mypy_cache .ruff_cache
