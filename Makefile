# `make help` lists the targets: each target line of this file that has ` ## `, with the text after it.
# ARGS has options for the command of a target: make campaign ARGS='--seed 7 --pairs 50000'.
# Each target first makes .venv (bench: .venv-bench, and so on) from the locked and hashed requirements.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# The tests of single parts, of the default pack, and of names and words. Only `make test` runs those of servers, commands, oracles and random packs.
QUICK_TESTS := tests/language tests/engine tests/reporting tests/rules tests/mutants tests/test_scalars.py \
  tests/test_problem_details.py tests/docs/test_glossary.py tests/docs/test_plain_words.py

.PHONY: help run test quick lint properties campaign mutants faults soak bench parquet scale conformance clients structure same-answers lock clean

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

properties: $(VENV)/.dev ## checks the promises of the default pack on 200,000 random incidents
	$(BIN)/python -m tests.rules.campaign $(ARGS)

campaign: $(VENV)/.dev ## compares the matchers and the oracles on a million random pairs
	$(BIN)/python -m tests.campaigns.differential $(ARGS)

mutants: $(VENV)/.dev ## checks that the tests catch every planted mistake of tests/mutants
	$(BIN)/python -m tests.mutants $(ARGS)

faults: $(VENV)/.dev ## plays scenes of faults, sends 100,000 damaged requests, loads 20,000 damaged and 10,000 generated packs
	$(BIN)/python -m tests.faults $(ARGS)

soak: $(VENV)/.dev ## 1,000,000 decisions and 500 reloads in one process, whose memory must not grow
	$(BIN)/python -m tests.soak $(ARGS)

# In a separate environment: the peers can need other versions than development does.
bench: ## compares the speed of Tocsin with other engines and a bare Flask; ARGS=--quick takes a minute
	$(MAKE) --no-print-directory VENV=$(VENV)-bench $(VENV)-bench/.bench
	$(VENV)-bench/bin/python -m bench $(ARGS)

# In a separate environment: only these tests need readers of Parquet.
parquet: ## tests that pandas and DuckDB read the Parquet of tocsin assess
	$(MAKE) --no-print-directory VENV=$(VENV)-parquet $(VENV)-parquet/.parquet
	$(VENV)-parquet/bin/python -m tests.parquet $(ARGS)

# In a separate environment: only these tests and figures need Dask and Spark. Spark runs on a Java of version 17 or newer.
scale: ## tests bulk work on a Dask cluster and a local Spark; ARGS=--bench measures them and writes docs/scale.md
	@.ci/java
	$(MAKE) --no-print-directory VENV=$(VENV)-scale $(VENV)-scale/.scale
	PYSPARK_PYTHON=$(abspath $(VENV)-scale/bin/python) $(VENV)-scale/bin/python -m tests.scale $(ARGS)

# In a separate environment: only the tests of the CEL specification need these packages.
conformance: ## runs the tests of CEL, DMN, JSON and YAML that you have cloned; ARGS=DIR names their folder
	$(MAKE) --no-print-directory VENV=$(VENV)-conformance $(VENV)-conformance/.conformance
	$(VENV)-conformance/bin/python -m tests.conformance $(ARGS)

# In a separate environment, with the tools of those who post incidents; npm installs those that run on node.
clients: $(VENV)/.dev $(VENV)-clients/.clients ## generates clients from the OpenAPI document, compiles them, and posts with each to a server
	$(BIN)/python -m tests.clients $(VENV)-clients $(ARGS)

structure: $(VENV)/.dev ## measures folders, imports, functions and paths through the code
	$(BIN)/python -m tests.structure $(ARGS)

same-answers: $(VENV)/.dev ## compares every answer, byte for byte, with those of an earlier commit
	$(BIN)/python -m tests.campaigns.same_answers $(ARGS)

# For every platform and both Pythons.
lock: $(VENV)/.dev ## writes the locked requirements again
	for name in requirements requirements-calendar requirements-zstd requirements-parquet requirements-dev requirements-build requirements-scale bench/requirements tests/parquet/requirements tests/conformance/requirements tests/clients/requirements; do \
	  $(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
	    $$name.in -o $$name.txt || exit 1; \
	done
	cd tests/clients && npm update --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved

clean: ## removes the environments and the build folders
	rm -rf $(VENV) $(VENV)-bench $(VENV)-parquet $(VENV)-scale $(VENV)-conformance $(VENV)-clients $(VENV)-3.13 build *.egg-info client/build client/*.egg-info

# durable_rules is installed from source. Its build tools are installed first, pinned and hashed like all packages.
$(VENV)/.base: requirements-build.txt
	@python=$$(.ci/preflight) && echo "making $(VENV) with $$python" && "$$python" -m venv --clear $(VENV)
	$(PIP) install --require-hashes --only-binary :all: -r requirements-build.txt
	@touch $@

$(VENV)/.run: $(VENV)/.base requirements.txt pyproject.toml
	$(PIP) install --require-hashes --no-build-isolation --only-binary :all: --no-binary durable-rules -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt client/pyproject.toml
	$(PIP) install --require-hashes --no-build-isolation --only-binary :all: --no-binary durable-rules -r requirements-dev.txt
	$(PIP) install --no-deps --no-build-isolation --editable client
	@touch $@

$(VENV)/.bench: $(VENV)/.run bench/requirements.txt
	$(PIP) install --require-hashes --only-binary :all: -r bench/requirements.txt
	@touch $@

$(VENV)/.parquet: $(VENV)/.run tests/parquet/requirements.txt
	$(PIP) install --require-hashes --only-binary :all: -r tests/parquet/requirements.txt
	@touch $@

# pyspark has no wheel.
$(VENV)/.scale: $(VENV)/.run requirements-scale.txt
	$(PIP) install --require-hashes --no-build-isolation --only-binary :all: --no-binary pyspark -r requirements-scale.txt
	@touch $@

$(VENV)/.conformance: $(VENV)/.run tests/conformance/requirements.txt
	$(PIP) install --require-hashes --only-binary :all: -r tests/conformance/requirements.txt
	@touch $@

$(VENV)-clients/.clients: tests/clients/requirements.txt tests/clients/package-lock.json
	@python=$$(.ci/preflight) && echo "making $(VENV)-clients with $$python" && "$$python" -m venv --clear $(VENV)-clients
	$(VENV)-clients/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --only-binary :all: -r tests/clients/requirements.txt
	cp tests/clients/package.json tests/clients/package-lock.json $(VENV)-clients
	cd $(VENV)-clients && npm ci --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@
