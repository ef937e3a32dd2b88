# Two commands: `make run` compares every bundled study, `make test` runs the tests, one of which is that run. `make quick`
# leaves out those that need R or a browser, or are slow.
# `make r` installs R and its packages from the system's package manager (Debian, Ubuntu), after which both are live.

PYTHON ?= python3
BIN = .venv/bin
R_PACKAGES = r-base-core r-cran-plm r-cran-aer r-cran-sandwich r-cran-lmtest r-cran-estimatr r-cran-clubsandwich \
  r-cran-haven r-cran-readxl
# the bridge to R inside Python: built against the R that is there, so only where there is one
HAVE_R = $(shell command -v Rscript 2>/dev/null)
# one more than there are processors: while the processes that a test started are waited for, another has the time
WORKERS = $(shell expr "$$(getconf _NPROCESSORS_ONLN 2>/dev/null)" + 1 2>/dev/null || echo logical)
# bytecode is kept, whatever the environment says: tests start hundreds of processes, each of which would compile parity anew
COMPILED = PYTHONDONTWRITEBYTECODE=

.PHONY: run test quick r lint lock clean schemas scripts docs

run: .venv/ready
	@$(MAKE) --no-print-directory bridge
	$(BIN)/parity run fixtures

test: r-if-allowed browser-if-allowed .venv/ready-dev
	@$(MAKE) --no-print-directory bridge
	$(COMPILED) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -rs

quick: .venv/ready-dev
	$(COMPILED) PARITY_R=none $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -rs -m "not needs_r and not browser and not slow"

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

# R may come after the environment was made, so the bridge has a stamp of its own, and none where there is no R.
.PHONY: bridge
bridge: .venv/ready
	@if [ -n "$(HAVE_R)" ]; then $(MAKE) --no-print-directory .venv/ready-r; fi

.venv/ready-r: .venv/ready requirements-r.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-r.lock \
	  || echo "make: rpy2 could not be built here; R runs through Rscript instead ('rm $@' to try again)"
	@touch $@

.venv/ready-dev: .venv/ready requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@touch $@

r:
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(R_PACKAGES)

# R is installed on the way to the tests only where that needs no password: as root, on a machine with apt.
.PHONY: r-if-allowed
r-if-allowed:
	@if [ -z "$(HAVE_R)" ] && [ -z "$(PARITY_NO_R)" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  $(MAKE) --no-print-directory r || echo "make: R could not be installed; the tests use frozen references"; fi

# The HTML report is driven in a real Chromium, which is installed under the same terms.
.PHONY: browser browser-if-allowed
browser:
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium chromium-driver

browser-if-allowed:
	@if [ -z "$$(command -v chromedriver)" ] && [ -z "$(PARITY_NO_BROWSER)" ] && [ "$$(id -u)" = 0 ] \
	    && command -v apt-get >/dev/null; then \
	  $(MAKE) --no-print-directory browser || echo "make: no Chromium could be installed; the tests of the page are skipped"; fi

lint: .venv/ready-dev
	$(BIN)/ruff check src tests benchmarks fixtures
	$(BIN)/ruff format --check src tests

# Generated documentation: a page for every cause, the phrasebook, the drawing of the floors. Packages that aren't installed keep their numbers.
.PHONY: pages
pages: .venv/ready-dev
	PYTHONPATH=tests $(BIN)/python docs/build_causes.py
	$(BIN)/python docs/build_phrasebook.py
	$(BIN)/python docs/build_settings.py
	PYTHONPATH=tests $(BIN)/python docs/build_floors.py
	$(BIN)/python docs/build_quantities.py

schemas: .venv/ready
	$(BIN)/python -m parity.new.schemas schemas

# A standalone script in R for every bundled spec. They aren't committed; r_scripts/studies holds those written by hand.
scripts: .venv/ready
	$(BIN)/parity export fixtures --to r -d build/scripts

# The site of the documentation, in site/: it opens from a disk. `python docs/refresh.py` first puts fresh output into its pages.
docs: .venv/ready-dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@echo "open site/index.html"

lock:
	uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-header pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-header --extra dev pyproject.toml -c requirements.lock -o requirements-dev.lock
	uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-header --extra r pyproject.toml -c requirements.lock -o requirements-r.lock

clean:
	rm -rf .venv build dist site
