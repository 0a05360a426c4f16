# The two commands are `make serve` and `make test`; each sets up what it needs, once.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
NPM := npm --prefix client
SOURCES := $(shell find client schema/sheets schema/vectors -type f \
	-not -path '*/node_modules/*' -not -path 'client/dist/*' -not -name '.*' 2>/dev/null)

.PHONY: help serve test check unit pytest browser bench score proof screenshots constraints clean

help:
	@sed -n 's/^## //p' Makefile

## make serve        set up, build and serve; data in data/ (SHEET_DATA), port 8000 (SHEET_PORT)
serve: .venv/serve.stamp client/dist/.stamp
	@exec $(BIN)/rescue-sheet serve

## make test         set up and run every test
test: check unit pytest browser

## make check        ruff, mypy, tsc
check: .venv/dev.stamp client/node_modules/.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/bandit -q -ll -c pyproject.toml -r server schema moderation
	@if command -v semgrep >/dev/null; then semgrep --quiet --error --metrics off --config tests/security/gate.semgrep.yml server schema moderation; fi
	$(NPM) exec -- tsc --noEmit -p client
	$(NPM) exec -- tsc --noEmit -p tests/browser

# The client's own tests (vitest), and what its first load may weigh.
unit: client/node_modules/.stamp client/dist/.stamp
	$(NPM) run test
	$(NPM) run size

pytest: .venv/dev.stamp client/dist/.stamp
	$(BIN)/pytest -q

# Real Chromium against real server processes.
browser: .venv/dev.stamp client/dist/.stamp
	CHROMIUM="$$(tools/chromium)" $(NPM) exec -- playwright test -c tests/browser/playwright.config.ts

## make bench        what it costs, measured here
bench: .venv/dev.stamp client/dist/.stamp
	@ran=0; for bench in bench/bench_*.py; do \
		[ -e "$$bench" ] || continue; ran=1; echo "== $$bench"; $(BIN)/python "$$bench"; done; \
		[ $$ran = 1 ] || { echo "There is no bench yet."; exit 1; }

## make score        how well imports, duplicates and pasted posts are read, against the references in ../shared
score: .venv/dev.stamp
	@set -- bench/score*.py; [ -e "$$1" ] || { echo "There is no score yet."; exit 1; }; \
		rc=0; for score; do echo "== $$score"; $(BIN)/python "$$score" || rc=1; done; exit $$rc

## make proof        the story of a flood in real browsers, the server killed twice, then its database verified
proof: .venv/dev.stamp client/dist/.stamp
	$(BIN)/python -m tests.fuzz.proof
	CHROMIUM="$$(tools/chromium)" $(NPM) exec -- playwright test -c tests/browser/playwright.config.ts story

## make screenshots  the same story, writing the README's pictures to docs/images
screenshots: .venv/dev.stamp client/dist/.stamp
	SCREENSHOTS="$(CURDIR)/docs/images" CHROMIUM="$$(tools/chromium)" \
		$(NPM) exec -- playwright test -c tests/browser/playwright.config.ts story

# Resolve every dependency anew from the pins in pyproject.toml and write them all down.
constraints:
	@tools/constraints "$$(tools/python)" > constraints.txt.new && mv constraints.txt.new constraints.txt

clean:
	rm -rf .venv client/node_modules client/dist tests/browser/node_modules

# --- set up: each stamp is newer than what it was made from ---

.venv/bin/python:
	"$$(tools/python)" -m venv .venv

# The build tools go first, pinned, so that no unpinned build environment is fetched beside them.
.venv/serve.stamp: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt hatchling editables
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt --no-build-isolation -e .
	touch $@

.venv/dev.stamp: .venv/serve.stamp
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt --no-build-isolation -e '.[dev]'
	touch $@

# The browser tests live outside client/ and find its packages through the link.
client/node_modules/.stamp: client/package.json client/package-lock.json
	@tools/node
	$(NPM) ci --no-audit --no-fund --loglevel=error
	ln -sfn ../../client/node_modules tests/browser/node_modules
	touch $@

client/dist/.stamp: client/node_modules/.stamp $(SOURCES)
	$(NPM) run build
	touch $@
