# Everything runs from a virtual environment that make keeps in step with pyproject.toml.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help run demo demo-model test test-slow lint load soak bench bench-pacing clean

CONFIG ?= bidder/demo/config
STATE ?= state
SLOW ?= tests
SHAPE ?= ramp
RATE ?= 200
DURATION ?= 60
SOAK ?= 3
AUCTIONS ?= ../shared/data/ipinyou_auctions

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(STAMP): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,load]'
	touch $@

run: $(STAMP) ## serve the demo configuration (CONFIG=DIR for another): bids on port 8000, operations on 8080
	$(BIN)/bidder serve --config $(CONFIG) --state $(STATE)

demo: $(STAMP) ## a market of one minute: the bidder, a mock exchange, and their accounts compared
	$(BIN)/bidder demo

demo-model: $(STAMP) ## train the models of the demo anew from its simulated market: the same bytes each time
	rm -rf models/artifacts/demo-ctr models/artifacts/demo-cvr
	$(BIN)/python -m bidder.demo.models models/artifacts

lint: $(STAMP) ## style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(STAMP) lint ## lint and the fast test suite
	$(BIN)/pytest -n 2

test-slow: $(STAMP) ## long fault, fuzz and load suites (SLOW=PATHS for some of them)
	$(BIN)/pytest -n 2 -m slow $(SLOW)

load: $(STAMP) ## a load test with notices and clicks, and its reports in load/ (URL=..., SHAPE=, RATE=, DURATION=)
	$(BIN)/python -m loadtests load --shape $(SHAPE) --rate $(RATE) --seconds $(DURATION) $(if $(URL),--url $(URL))

soak: $(STAMP) ## 70 % load with reloads and notices: memory, descriptors and late answers (SOAK=minutes)
	$(BIN)/python -m loadtests soak --minutes $(SOAK)

bench: $(STAMP) ## measure, ratios in one run
	$(BIN)/python -m tests.bench --write BENCHMARKS.md

bench-pacing: $(STAMP) ## pace recorded auctions and compare with the bars of pacing; draws tests/bench/pacing.png
	$(BIN)/python -m tests.bench pacing --write BENCHMARKS.md
	$(BIN)/bidder simulate --auctions $(AUCTIONS)/2259.test.txt.gz --prior $(AUCTIONS)/info/2259.json \
	    --clock hours --forecast 2 --plot tests/bench/pacing.png

clean: ## remove what make made
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
