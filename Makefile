# make run    starts Tocsin on 127.0.0.1:8000 with the packs of rules/
# make test   runs every test
# make soak   1,000,000 decisions and 500 reloads in one process, whose memory must not grow; ten minutes
# make campaign [SEED=n] [PAIRS=n]   the matchers and the oracles on a million random pairs
# make mutants   sees that the tests catch every planted mistake of tests/mutants
# make bench  measures it beside other engines and a bare Flask, and writes docs/benchmarks.md; QUICK=1 takes a minute
# make faults runs the fault campaigns in full: see docs/proof.md
# make properties [SEED=n] [INCIDENTS=n]   holds the default pack to its promises over 200,000 random incidents
# make structure [ARGS='--base COMMIT']   measures folders, imports, functions and ways through the code
# make same-answers [ARGS='--base COMMIT --incidents N --seed N']   sees that every answer is that commit's, byte for byte
# All make .venv first (bench: .venv-bench), from the locked and hashed requirements.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help run test soak campaign mutants properties same-answers bench faults structure lint lock clean
help:
	@sed -n 's/^# //p' Makefile

run: $(VENV)/.run
	$(BIN)/gunicorn -c gunicorn.conf.py 'service:create_app()'

test: $(VENV)/.dev
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

soak: $(VENV)/.dev
	$(BIN)/python -m tests.soak

campaign: $(VENV)/.dev
	$(BIN)/python -m tests.campaigns.differential $(if $(SEED),--seed $(SEED)) $(if $(PAIRS),--pairs $(PAIRS))

mutants: $(VENV)/.dev
	$(BIN)/python -m tests.mutants

# In an environment of its own: what the peers need may differ from what development needs.
bench:
	$(MAKE) --no-print-directory VENV=$(VENV)-bench $(VENV)-bench/.bench
	$(VENV)-bench/bin/python -m bench $(if $(QUICK),--quick)

# More by hand: SEED=7 or ARGUMENTS='--bodies 5000 --packs 500'.
faults: $(VENV)/.dev
	$(BIN)/python -m tests.faults $(if $(SEED),--seed $(SEED)) $(ARGUMENTS)

properties: $(VENV)/.dev
	$(BIN)/python -m tests.rules.campaign $(if $(SEED),--seed $(SEED)) $(if $(INCIDENTS),--incidents $(INCIDENTS))

structure: $(VENV)/.dev
	$(BIN)/python -m tests.structure $(ARGS)

same-answers: $(VENV)/.dev
	$(BIN)/python -m tests.campaigns.same_answers $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Writes the locks anew, for every platform and both Pythons.
lock: $(VENV)/.dev
	for name in requirements requirements-dev requirements-build bench/requirements; do \
	  $(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
	    $$name.in -o $$name.txt || exit 1; \
	done

clean:
	rm -rf $(VENV) $(VENV)-bench build *.egg-info

# durable_rules comes as source: its build tools are installed first, pinned and hashed like all else.
$(VENV)/.base: requirements-build.txt
	@python=$$(.ci/preflight) && echo "making $(VENV) with $$python" && "$$python" -m venv --clear $(VENV)
	$(PIP) install --require-hashes --only-binary :all: -r requirements-build.txt
	@touch $@

$(VENV)/.run: $(VENV)/.base requirements.txt pyproject.toml
	$(PIP) install --require-hashes --no-build-isolation --only-binary :all: --no-binary durable-rules -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt
	$(PIP) install --require-hashes --no-build-isolation --only-binary :all: --no-binary durable-rules -r requirements-dev.txt
	@touch $@

$(VENV)/.bench: $(VENV)/.run bench/requirements.txt
	$(PIP) install --require-hashes --only-binary :all: -r bench/requirements.txt
	@touch $@
