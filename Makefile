# `make help` lists the targets: each line of this file that has ` ## ` and what the target does.
# ARGS holds options for the command behind a target: make campaign ARGS='--seed 7 --pairs 50000'.
# Each target makes .venv first (bench: .venv-bench), from the locked and hashed requirements.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# The tests of single parts and of the default pack. Left to `make test`: servers, commands, oracles and random packs.
QUICK_TESTS := tests/language tests/engine tests/reporting tests/rules tests/mutants tests/test_scalars.py

.PHONY: help run test quick lint properties campaign mutants faults soak bench structure same-answers lock clean

help: ## lists the targets
	@awk -F ':.* ## ' '/^[a-z-]+:.* ## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.run ## serves on 127.0.0.1:8000 with the packs of rules/
	$(BIN)/gunicorn -c gunicorn.conf.py $(ARGS) 'service:create_app()'

test: $(VENV)/.dev ## runs every test
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder $(ARGS)

quick: lint ## lint, types and the fast tests, in less than a minute
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal --quiet $(QUICK_TESTS) $(ARGS)

lint: $(VENV)/.dev ## ruff, mypy and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

properties: $(VENV)/.dev ## holds the default pack to its promises over 200,000 random incidents
	$(BIN)/python -m tests.rules.campaign $(ARGS)

campaign: $(VENV)/.dev ## compares the matchers and the oracles on a million random pairs
	$(BIN)/python -m tests.campaigns.differential $(ARGS)

mutants: $(VENV)/.dev ## sees that the tests catch every planted mistake of tests/mutants
	$(BIN)/python -m tests.mutants $(ARGS)

faults: $(VENV)/.dev ## sends damaged requests and loads damaged packs, by the hundred thousand
	$(BIN)/python -m tests.faults $(ARGS)

soak: $(VENV)/.dev ## 1,000,000 decisions and 500 reloads in one process, whose memory must not grow
	$(BIN)/python -m tests.soak $(ARGS)

# In an environment of its own: what the peers need may differ from what development needs.
bench: ## measures Tocsin beside other engines and a bare Flask; ARGS=--quick takes a minute
	$(MAKE) --no-print-directory VENV=$(VENV)-bench $(VENV)-bench/.bench
	$(VENV)-bench/bin/python -m bench $(ARGS)

structure: $(VENV)/.dev ## measures folders, imports, functions and ways through the code
	$(BIN)/python -m tests.structure $(ARGS)

same-answers: $(VENV)/.dev ## compares every answer, byte for byte, with those of an earlier commit
	$(BIN)/python -m tests.campaigns.same_answers $(ARGS)

# For every platform and both Pythons.
lock: $(VENV)/.dev ## writes the locked requirements anew
	for name in requirements requirements-dev requirements-build bench/requirements; do \
	  $(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
	    $$name.in -o $$name.txt || exit 1; \
	done

clean: ## removes the environments and what was built
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
