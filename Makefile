# make help lists what there is. Set in the environment or on the command line:
#   LODE_CACHE    where fetched data, web assets and tools lie (.cache)
#   LODE_SCRATCH  where the build lies (.build)
#   ARGS          options passed on, as in: make demo ARGS="--no-serve --json"

export LODE_CACHE ?= $(CURDIR)/.cache
export LODE_SCRATCH ?= $(CURDIR)/.build
ARGS ?=

swift_flags = -c release --scratch-path "$(LODE_SCRATCH)"
lode = "$(LODE_SCRATCH)/release/lode"

.DEFAULT_GOAL := help
.PHONY: help demo demo-reviews build text test check bench soak setup clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install and fetch what is missing
	@scripts/setup

demo: build ## a year of a real shop: import, learn, show what its customers need next
	@scripts/fetch-data --quiet complete-journey
	@$(lode) demo $(ARGS)

demo-reviews: text ## what customers say: 17,000 Chinese reviews read and mined into needs
	@$(lode) demo --reviews $(ARGS)

build: setup ## build the program for release
	@swift build $(swift_flags) --product lode >&2
	@swift build $(swift_flags) --product lode-torch >&2

text: build ## fetch the corpora that texts are read with, and learn words, parts of speech, entities, sentiment
	@scripts/fetch-data --quiet peoples-daily jieba chinese-lexicons english-lexicons tagged-english shopping-reviews \
	  movie-polarity use-multilingual
	@$(lode) text train

test: ## run all tests; ARGS="--filter NAME" runs some of the Swift tests alone
	@scripts/test $(ARGS)

check: ## format, documentation, imports and layers, links, messages
	@scripts/check
	@scripts/check-selftest

bench: build ## compare with reference programs in the same run
	@scripts/setup --with bench
	@scripts/bench $(ARGS)

soak: build ## the tests that need patience, such as 1,000 kills of the server under load
	@LODE_KILL_CYCLES=$${LODE_KILL_CYCLES:-1000} scripts/test --filter Durability $(ARGS)

clean: ## remove what was built; the cache of fetched files stays
	@swift package --scratch-path "$(LODE_SCRATCH)" clean
