# make run      get what running needs, build, start the demo
# make test     get what tests need, run all of them
# make check    what CI runs: generated code fresh, gofmt, vet, lint, tests
# make build    bin/frontdesk, static
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

GO       ?= go
STEP     := .ci/step
LINT     := .cache/bin/golangci-lint-v2.15.0
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
# The race detector needs a C compiler; without one the tests run all the same.
RACE     := $(shell command -v gcc >/dev/null && echo -race)
# What would take minutes under it and find nothing: one goroutine each, other programs, or processes that are killed. The flows in them are raced by
# their own tests; of the pages (./web) and the tickets, which start no goroutines, those of internal/event, intake, delivery and the clocks.
UNRACED  := ./web ./internal ./internal/ticket ./internal/mail ./internal/crashtest ./templates/... ./cmd/... ./internal/bench/... ./internal/pg/... ./internal/search ./static/...
# Two packages at a time (-p): the machine they are planned for has two cores, and the servers that tests start keep them busy too. go vet is a step
# of its own in make check; here it would cost every package once more, with the race detector and without.
TEST     := $(GO) test -vet=off -timeout 20m
JOURNEYS := ./web/e2e/...
# What the journeys check accessibility with; only tests see it.
AXE      := .cache/axe/axe.min.js
AXE_SUM  := e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745

.PHONY: help run demo build generate deps test test-code test-raced test-unraced test-pages test-journeys check fresh fmt vet lint gallery bench faults fuzz evidence vendor clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## get what running needs, build, start the demo
	@.ci/deps run
	@$(MAKE) --no-print-directory build
	@exec bin/frontdesk demo

build: ## bin/frontdesk, one static file
	@CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/frontdesk ./cmd/frontdesk

deps: ## get what tests need
	@.ci/deps test

generate: ## templ components, text keys, icons
	@cd templates && $(GO) tool templ generate -log-level warn
	@$(GO) generate ./...

test: deps ## all tests; prints how long each step took
	@$(STEP) 'the whole of make test' $(MAKE) --no-print-directory test-code test-journeys

test-code: ## everything but the browser journeys
	@[ -n '$(RACE)' ] || echo 'gcc is missing: tests run without the race detector'
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target test-raced test-unraced test-pages

test-raced: # with the race detector
	@$(STEP) 'tests of the code' $(TEST) -p 2 $(RACE) $$($(GO) list ./... | grep -v /web/e2e | grep -vxFf <($(GO) list $(UNRACED)))

test-unraced: # beside them, for they wait a lot
	@$(STEP) 'tests without the race detector' $(TEST) -p 1 $$($(GO) list $(UNRACED) | grep -v '/web$$')

test-pages: # begun when one of those has ended
	@$(STEP) 'tests of the pages' $(TEST) ./web

test-journeys: ## the journeys in Chromium
	@$(MAKE) --no-print-directory $(AXE) || echo 'axe-core could not be had; accessibility is not checked'
	@$(STEP) 'browser journeys' $(TEST) -count=1 $(JOURNEYS) # they build the program by themselves: the test cache does not see it change

$(AXE):
	@mkdir -p $(@D)
	@cd $(@D) && npm pack --silent axe-core@4.14.1 >/dev/null && echo '$(AXE_SUM)  axe-core-4.14.1.tgz' | sha256sum --check --status && \
	tar xzf axe-core-4.14.1.tgz --strip-components=1 package/axe.min.js package/LICENSE && rm axe-core-4.14.1.tgz

check: deps ## what CI runs
	@$(STEP) 'generated code is fresh' $(MAKE) --no-print-directory fresh
	@$(STEP) gofmt $(MAKE) --no-print-directory fmt
	@$(STEP) build $(GO) build ./...
	@$(STEP) 'go vet' $(MAKE) --no-print-directory vet
	@$(STEP) golangci-lint $(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory test

# Fresh means that generating again changes nothing, committed or not.
GENERATED = git ls-files -co --exclude-standard -- '*_templ.go' '*_gen.go' 'static/icons/*' | sort -u | xargs -r sha256sum
fresh: # generated code is what its sources say
	@before=$$($(GENERATED)); $(MAKE) --no-print-directory generate; \
	diff <(echo "$$before") <($(GENERATED)) || { echo 'generated files were stale; commit what make generate made'; exit 1; }

fmt: # every Go file is formatted
	@bad=$$(git ls-files -co --exclude-standard -- '*.go' | xargs -r ls 2>/dev/null | xargs -r gofmt -l); [ -z "$$bad" ] || { echo "not formatted: $$bad"; exit 1; }

vet: # also what tests build differently
	@$(GO) vet ./...
	@$(GO) vet -tags bench,failpoints ./internal/...

lint: $(LINT)
	@$(LINT) run --allow-parallel-runners

$(LINT):
	@echo 'building golangci-lint (once, about a minute)'
	@mkdir -p $(@D)
	@GOBIN=$(CURDIR)/.cache/bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
	@mv .cache/bin/golangci-lint $@

gallery: deps ## take the pictures anew that tests compare: docs/gallery, docs/*.png. Look at them before you commit
	@FRONTDESK_GALLERY=1 $(GO) test -count=1 -run TestGalleryLooksAsItDid $(JOURNEYS)

# The tests of the fault matrix write what they counted into a ledger; the page is made of it.
FAULTS   = $(CURDIR)/.cache/faults.jsonl
FAULTY   = $(shell grep -rl 'matrix.Of.t,' --include='*_test.go' internal web | xargs -n1 dirname | sort -u | sed 's|^|./|')

faults: deps ## the whole fault matrix, with 30 kills a flow; writes docs/reliability.md
	@rm -f $(FAULTS)
	@FRONTDESK_FAULTS=1 FRONTDESK_FAULTS_LEDGER=$(FAULTS) $(STEP) 'fault matrix' $(GO) test -count=1 -p 1 -timeout 60m $(FAULTY); \
	code=$$?; $(GO) run ./internal/fixture/matrix/print $(FAULTS) docs/reliability.md && exit $$code

# Fuzz targets one after the other; what one finds is kept in testdata/fuzz of its package and runs with the tests from then on.
FUZZ_TIME ?= 10m

fuzz: ## look for input that breaks what reads mail, HTML and queries: FUZZ_TIME for each target
	@grep -rno 'func Fuzz[A-Za-z]*' --include='*_test.go' internal | while IFS=: read -r file _ target; do \
		$(STEP) "$${target#func } for $(FUZZ_TIME)" $(GO) test -run '^$$' -fuzz "^$${target#func }\$$" -fuzztime $(FUZZ_TIME) -timeout 0 "./$$(dirname $$file)" </dev/null || exit 1; \
	done

evidence: deps ## run the tests that show what is asked of safety; writes docs/security.md
	@$(STEP) evidence $(GO) run ./internal/evidence

bench: deps ## ours beside the bare limit, in one run; writes docs/performance.md. The first run fills desks, which are kept in .cache/bench
	@mkdir -p docs
	@FRONTDESK_BENCH_DOC=$(CURDIR)/docs/performance.md $(STEP) benchmark $(GO) test -tags bench -count=1 -timeout 120m -v ./internal/bench

vendor: ## fetch the pinned front-end libraries again
	@static/vendor/refresh

clean: ## remove what was built; data and unpacked packages stay
	@rm -rf bin .cache/bin
