# What a developer runs; .ci/run runs more. `make` alone prints this list.

GO ?= go
FUZZTIME ?= 30s
SEED ?= 1000000

.DEFAULT_GOAL := help

.PHONY: help
help: ## print the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.PHONY: check
check: vet lint test ## vet, lint, test

.PHONY: vet
vet: ## go vet and gofmt
	$(GO) vet ./...
	@test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }

.PHONY: lint
lint: ## golangci-lint, which must be installed
	golangci-lint run ./...

.PHONY: test
test: ## all tests
	$(GO) test ./...

.PHONY: race
race: ## the runtime's tests under the race detector
	$(GO) test -race $$($(GO) list ./rt/... | grep -v '/rt/sim$$')
	$(GO) test -race -run Goroutines ./rt/sim

.PHONY: golden
golden: ## rewrite the expected sections of the goldens; look at the diff before you commit it
	$(GO) test $$(.ci/goldens) -update

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (30s)
	.ci/fuzz $(FUZZTIME)

.PHONY: bench
bench: ## the figures, measured side by side, into bench/results.json
	$(GO) run ./bench -json bench/results.json
	$(GO) run ./bench -docs

.PHONY: cover
cover: ## how much of the code generator its tests run, 95 % at least
	.ci/cover

.PHONY: reliability
reliability: ## the tests of what a job promises, as much as a change must pass, into reliability.json and the docs
	rm -f reliability.json
	FLOW_RELIABILITY=$(CURDIR)/reliability.json .ci/reliability gate
	FLOW_RELIABILITY=$(CURDIR)/reliability.json .ci/sdks gate
	$(GO) run ./reliability/page

.PHONY: sdks
sdks: ## functions that the official SDKs of Stateful Functions serve, while all is killed, into reliability.json and the docs
	FLOW_RELIABILITY=$(CURDIR)/reliability.json .ci/sdks long
	$(GO) run ./reliability/page

.PHONY: long
long: ## what takes long: the promises from SEED on, the official SDKs, fuzz targets for ten minutes each, 25,000 programs from SEED on, 100,000 pairs of programs, the runtime's tests ten times under the race detector
	FLOW_SEED=$(SEED) FLOW_RELIABILITY=$(CURDIR)/reliability.json .ci/reliability long
	FLOW_SEED=$(SEED) FLOW_RELIABILITY=$(CURDIR)/reliability.json .ci/sdks long
	.ci/fuzz 10m
	$(GO) test ./oracle -run "TestGeneratedCodeAgrees|TestProcessingTime" -clocked 1000 -programs 25000 -events 2000 -seed $(SEED) -optimise -keep -timeout 24h
	$(GO) test ./compat -run TestPairs -pairs 27000 -pair-rules -pair-seed $(SEED) -timeout 24h
	$(GO) test -race -count=10 -timeout=60m ./rt/...

.PHONY: generate
generate: ## the data of the examples that is made up
	$(GO) run ./examples/data
