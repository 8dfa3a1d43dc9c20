# newscrawl. "make" alone lists the targets; each can be run again at any time.

.DEFAULT_GOAL := help
.PHONY: help demo test lint crawl browse clean picture bench

# The newest Python from 3.11 up that runs and can make a virtual environment; PYTHON=... overrides.
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3; do \
	$$name -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile

.venv/installed: requirements.txt
	@test -n "$(PYTHON)" || { echo "newscrawl needs Python 3.11 or newer with its venv module, and found none; install one, or name it: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Making .venv with $(PYTHON) and installing requirements.txt into it ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

.venv/installed-test: requirements-test.txt requirements-extras.txt .venv/installed
	@echo "Installing requirements-test.txt into .venv ..."
	@$(BIN)/python -m pip install --quiet -r requirements-test.txt
	@touch $@

# Of the extras only what it needs, in the version that stands there.
.venv/installed-browse: requirements-extras.txt .venv/installed
	@echo "Installing Datasette into .venv ..."
	@$(BIN)/python -m pip install --quiet datasette -c requirements-extras.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	@echo "Installing requirements-dev.txt into .venv ..."
	@$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	@touch $@

demo: .venv/installed ## crawl the bundled replica of the site into data/demo/ and show what was found; no network
	@$(BIN)/python -m scrapy demo $(ARGS)

test: .venv/installed-test ## run every test, or those that ARGS names: make test ARGS="-k robots"
	@$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

lint: .venv/installed-dev ## check style, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/hadolint docs/deploy/Dockerfile
	@echo "Style, format and types are fine."

crawl: .venv/installed ## crawl the live site into data/; ARGS goes to scrapy: make crawl ARGS="-a max_articles=20"
	@echo "Crawling https://newsjournos.com/ at about one request a second; articles go to data/. Ctrl-C ends it cleanly."
	@$(BIN)/python -m scrapy crawl newsjournos $(ARGS)

bench: .venv/installed-test ## measure, print one table, and keep it in docs/benchmarks.md; ARGS="bench_startup" for one only
	@$(BIN)/python -m bench $(ARGS)

picture: .venv/installed-test ## draw the picture of the README anew (docs/report.png); needs Chromium
	@$(BIN)/python -m tests.picture

browse: .venv/installed-browse ## look into the database with Datasette on 127.0.0.1; another port: make browse ARGS="--port 8009"
	@$(BIN)/python -m newscrawl.browse $(ARGS)

clean: ## remove .venv, caches, what built the egg, and data/demo/; what was crawled stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache build newscrawl.egg-info data/demo
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
