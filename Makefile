# Everything people and CI need. The first `make up` makes .venv, installs pinned and hashed packages and the front-end
# files, and starts; later ones find that nothing changed (the stamps carry a checksum of what they were made from),
# need no network, and start at once.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CHECKSUM = $(shell { pwd; cat $(1) 2>/dev/null; } | cksum | cut -d ' ' -f 1)

RUNTIME := $(VENV)/.runtime-$(call CHECKSUM,requirements.lock pyproject.toml)
ASSETS := $(VENV)/.assets-$(call CHECKSUM,web/package-lock.json web/assets.py)
TESTING := $(VENV)/.testing-$(call CHECKSUM,requirements-test.lock)
VENDOR := $(wildcard web/static/vendor)

.PHONY: help up test check format docs clean

help:  ## what can be made
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' $(MAKEFILE_LIST)

up: $(RUNTIME) $(ASSETS)  ## install what is missing, start everything, open the browser (ARGS="--no-browser"); Ctrl-C ends it
	@$(BIN)/pianola up $(ARGS)

test: $(RUNTIME) $(ASSETS) $(TESTING)  ## install what tests need, then run all checks and all tests
	@sh tests/support/install_browser.sh
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m pytest --numprocesses 3 --dist loadfile $(ARGS)

check: $(RUNTIME) $(TESTING)  ## lint, format, types
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy

format: $(TESTING)  ## mend what can be mended by itself
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

docs: $(RUNTIME)  ## write the generated pages of docs/
	@$(BIN)/python -m bus.manual

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

.PHONY: always
always:
