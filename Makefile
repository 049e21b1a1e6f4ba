# Toposync Streaming: everything a developer types. `make help` lists it.

BUILD ?= release
PRODUCT := toposync-streaming
SWIFT ?= swift
VENV := .venv
PYTHON := $(VENV)/bin/python
DATA_DIR ?=
SERVE_FLAGS ?=
SANITIZER ?=
KILLS ?= 500
TIME ?= 3600

# `make test` builds and runs the debug binary; `make run` and `make bench` the optimised one.
SWIFT_SOURCES := Package.swift Sources Tests Fuzz

.DEFAULT_GOAL := help
.PHONY: help deps deps-run deps-test build run test test-unit test-e2e test-mediamtx test-home-assistant chaos soak fuzz bench \
	screenshot format lint clean build-release

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z][a-z0-9-]*:.*## / {printf "  make %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "Variables: BUILD=release|debug (make run), DATA_DIR=DIR, SERVE_FLAGS='--port 0', ARGS='-k name' (make test-e2e)"

deps: deps-run deps-test ## Install everything: libraries, hls.js, test programs, Python packages, clips

deps-run: ## Install only what `make run` needs: development libraries and what the pages load
	@Scripts/install-deps.sh run

deps-test: deps-run
	@Scripts/install-deps.sh test

build: deps-run ## Build the server (BUILD=release or debug)
	@echo "==> Building $(PRODUCT) ($(BUILD)); the first time takes some minutes"
	@$(SWIFT) build -c $(BUILD)

run: build ## Build, then serve the demo picture; prints the address
	@echo "==> Starting; Ctrl-C stops everything"
	@exec "$$($(SWIFT) build -c $(BUILD) --show-bin-path)/$(PRODUCT)" serve --demo \
		$(if $(DATA_DIR),--data-dir "$(DATA_DIR)") $(SERVE_FLAGS)

test: deps ## Run all tests: unit, end to end, browser; stops at the first stage that fails
	@Scripts/test.sh all

test-unit: deps-run ## Run the unit tests alone (SANITIZER=address or thread: in a build of their own)
	@SANITIZER=$(SANITIZER) Scripts/test.sh unit

test-e2e: deps ## Run the end-to-end and browser tests alone (ARGS='-k name')
	@Scripts/test.sh e2e $(ARGS)

test-mediamtx: deps ## Run the end-to-end tests with MediaMTX, which is installed when none is named
	@Scripts/test.sh mediamtx $(ARGS)

test-home-assistant: deps ## Have a real Home Assistant take our addresses and play them; it is large
	@Scripts/install-deps.sh home-assistant
	@Scripts/test.sh home-assistant $(ARGS)

build-release: deps
	@echo "==> Building $(PRODUCT) (release)"
	@$(SWIFT) build -c release

bench: build-release ## Measure P1 to P12 and R1 to R3 beside the peers, and say which bars hold (ARGS='p1 p4 --short')
	@$(PYTHON) Benchmarks/run_all.py $(ARGS)

chaos: build-release ## Kill the server while settings are written, KILLS times (R4)
	@$(PYTHON) Benchmarks/run_all.py r4 --pairs $(KILLS)

soak: build-release ## Viewers, cameras and settings come and go for TIME seconds; then what grew (R11)
	@$(PYTHON) Benchmarks/run_all.py r11 --seconds $(TIME)

# `make fuzz` alone means ten minutes; TIME has another default for `make soak`.
fuzz: TIME := $(if $(filter file,$(origin TIME)),600,$(TIME))
fuzz: ## Fuzz every parser and the worker's messages for TIME seconds each (ARGS='sdp rtsp': these alone)
	@Scripts/fuzz.sh $(TIME) $(ARGS)

screenshot: deps ## Write the pictures in docs: the pages, in a real browser, with moving pictures
	@$(SWIFT) build
	@TOPOSYNC_SCREENSHOT=docs $(VENV)/bin/pytest Tests/EndToEnd/test_screenshot.py

format: ## Format the Swift sources
	@$(SWIFT) format --in-place --parallel --recursive $(SWIFT_SOURCES)

lint: ## Check the format of the Swift sources
	@$(SWIFT) format lint --strict --parallel --recursive $(SWIFT_SOURCES)

clean: ## Remove what was built; keeps dependencies and clips
	@$(SWIFT) package clean
