# Two commands do all: `make repro` and `make test`. Both set up .venv first, if it is missing.

PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: ready pack-rounds thaw-rounds freeze-rounds repro reproduce verify bench test test-all lint docs wheel clean

repro: .venv/installed  ## everything that is out of date, then the comparison table
	liverseg params params.yaml
	liverseg mend
	dvc repro
	@cat metrics/comparison.md

ready: .venv/installed  ## the model that has seen no patient: hours; interrupted, it goes on
	$(MAKE) thaw-rounds
	dvc repro ready/dvc.yaml
	$(MAKE) freeze-rounds
	$(MAKE) pack-rounds

pack-rounds: PACKAGE = liverseg/ready
pack-rounds:  # the mean of the last ones is the model of the package
	python -m stages.pack --rounds ready/rounds/6 ready/rounds/7 ready/rounds/8 \
		--params ready/params.yaml --seen ready/seen.json --package $(PACKAGE)

thaw-rounds:  # `dvc unfreeze` and `dvc freeze` would write the whole file in another layout
	perl -ni -e 'print unless /^    frozen: true$$/' ready/dvc.yaml

freeze-rounds: thaw-rounds
	perl -pi -e 's/^  round_\d+:$$/$$&\n    frozen: true/' ready/dvc.yaml

reproduce: .venv/installed  ## everything twice from nothing, in two clones; are they identical?
	python -m benchmarks.reproduce

bench: .bench/installed  ## time and memory beside other tools: the tables of docs/performance.md
	.bench/bin/python -m benchmarks

verify: .venv/installed  ## DVC's cache hashed again; what is damaged leaves it
	liverseg verify

test: .venv/installed-dev  ## the tests, but for the slow ones
	pytest -m "not slow" --numprocesses 2

test-all: .venv/installed-dev  ## the slow ones too
	pytest --numprocesses 2

lint: .venv/installed-dev  ## formatting, lints, types and who may import whom
	pre-commit run --all-files --show-diff-on-failure

docs: .venv/installed-dev  ## README and docs as a site, with the reference: site/index.html
	sphinx-build -W --keep-going --quiet docs site

wheel: .venv/installed-dev  ## dist/liverseg-*.whl, by way of the sdist
	python -m build --no-isolation

clean:  ## caches of the tools; results, data and .venv stay
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

.venv/bin/python:
	$(PYTHON) -c 'import sys; assert (3, 11) <= sys.version_info < (3, 14), sys.version' || \
		{ echo "error: expected Python 3.11, 3.12 or 3.13. Name one: make PYTHON=python3.11"; exit 2; }
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python requirements.txt
	.venv/bin/python -m pip install --disable-pip-version-check -r requirements.txt
	@touch $@

.bench/installed: requirements.txt benchmarks/requirements.txt
	$(PYTHON) -m venv .bench
	.bench/bin/python -m pip install --disable-pip-version-check -r benchmarks/requirements.txt
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	.venv/bin/python -m pip install --disable-pip-version-check -r requirements-dev.txt
	@touch $@
