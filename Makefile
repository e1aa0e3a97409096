# Two commands matter: `make run` serves Parley, `make test` proves it. `make help` lists the rest.

PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 4
# Each with Chromium and the whole of Parley, which take more than a core: on two cores a second one (BROWSERS=2) saves a
# fifth of the time and makes everything late.
BROWSERS ?= 0
NEEDS_PYTHON = command -v $(PYTHON) >/dev/null || { echo "parley: python3 is missing: run \`sudo apt-get install python3 python3-venv\`." >&2; exit 1; }

.DEFAULT_GOAL := help
.PHONY: help install install-dev run test lint format measure unit browser demo bench bench-room bench-web bench-pages bench-templates bench-egress seats fuzz churn loss silence chaos chaos-reminders fresh-root upgrade

help: ## list what there is to make
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

install:
	@$(NEEDS_PYTHON)
	@$(PYTHON) config/dev/bootstrap

install-dev:
	@$(NEEDS_PYTHON)
	@$(PYTHON) config/dev/bootstrap dev

run: install ## serve Parley on http://localhost:8000 (PORT=… for another)
	@exec $(BIN)/python manage.py run

test: install-dev ## everything that must be green: lint, types, all tests
	@$(MAKE) --no-print-directory lint unit browser
	@echo "parley: all green"

lint: install-dev ## style, types, templates, scripts, settings
	@$(BIN)/python -m config.dev.lint

format: install-dev ## rewrite Python files, scripts and styles in the one style
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .
	@! test -x .venv/node/node_modules/.bin/biome || .venv/node/node_modules/.bin/biome format --write --config-path=config/dev static tests

measure: install ## how easy the source is to read, as figures; LIST=helpers names the places behind one
	@$(BIN)/python -m config.dev.measure $(if $(LIST),--list $(LIST))

# Much of a test is waiting: more of them than cores run at once. A module with a stack of its own stays in one worker.
# Playwright's event loop and pytest-asyncio's do not live in one process, so the browser has a run of its own.
unit: install-dev ## every test but those in the browser
	@$(BIN)/pytest -q -n $(WORKERS) --dist loadgroup -m "not browser"

browser: install-dev ## the tests in Chromium, against the real processes
	@$(BIN)/pytest -q -n $(BROWSERS) --dist load --maxschedchunk 1 -m browser

bench: install-dev ## what the relay costs per packet, join and listener, as a table
	@$(BIN)/python -m tests.bench

bench-egress: install-dev ## captions, recording and rendering: what they cost
	@$(BIN)/python -m tests.bench.egress

bench-room: install-dev ## a room with a thousand sockets on one web process
	@$(BIN)/python -m tests.bench.room

bench-web: install-dev ## pages of a town with a million posts: bytes, queries, CPU (ARGS="--commit … --sqlite --keep …")
	@$(BIN)/python -m tests.bench.web $(ARGS)

bench-pages: install-dev ## pages on an emulated slow phone: requests, bytes, paints (ARGS="--commit …" beside another commit)
	@$(BIN)/python -m tests.bench.pages $(ARGS)

bench-templates: install-dev ## what the home page costs to draw (ARGS="--commit …" beside another commit)
	@$(BIN)/python -m tests.bench.templates $(ARGS)

seats: install-dev ## races for the last seat of a stage
	@$(BIN)/python -m tests.bench.seats

fuzz: install-dev ## 100 000 mutated datagrams of each kind at a relay with a talk going on
	@$(BIN)/python -m tests.bench.fuzz

churn: install-dev ## 10 000 people who come and go: memory and descriptors of the relay
	@$(BIN)/python -m tests.bench.churn

loss: install-dev ## what Chromium hears and sees through a network that loses packets
	@$(BIN)/python -m tests.bench.loss

silence: install-dev ## how long after a mute the last packet comes, 200 times
	@$(BIN)/python -m tests.bench.silence

chaos: install-dev ## during a talk: kill each process, take each part away, end each process by SIGTERM
	@$(BIN)/python -m tests.chaos
	@$(BIN)/python -m tests.chaos.parts
	@$(BIN)/python -m tests.chaos.restarts

chaos-reminders: install-dev ## 10 000 reminders while the worker is killed 20 times: exactly one each
	@$(BIN)/python -m tests.chaos.reminders

fresh-root: ## a bare Debian becomes a site by deploy/install, in namespaces (as root; KEEP=1 keeps the Debian)
	@deploy/try-fresh-root

upgrade: install-dev ## an older release goes on writing while this one is prepared and takes over (needs PostgreSQL)
	@$(BIN)/python -m tests.upgrade

demo: install-dev ## a live Space with a talking robot, on the Parley that `make run` serves
	@exec $(BIN)/python -m tests.demo
