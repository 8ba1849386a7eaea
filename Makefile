# Every target works on a fresh clone: it makes its own virtual environment from the hashed locks.
# Another Python than python3: `make test PYTHON=python3.13`; another place: `make test VENV=/tmp/v`.
PYTHON ?= python3
VENV ?= .venv
QUICK ?= not long
# Tests at once: more than there are cores, since most of them wait for a socket.
JOBS ?= 4
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test check long gateways coverage format lint types fix bench soak cases docs dist lock floors audit clean

demo: $(VENV)/.runtime ## a backend without CORS, a page and the proxy, ready to click
	$(BIN)/corsproxy demo

test: $(VENV)/.dev ## every test that is not marked `long`, the browser's too
	@case "$(QUICK)" in *"not browser"*) ;; *) bash .ci/debian.sh chromium firefox-esr libnss3-tools zsh fish mandoc ;; esac
	$(BIN)/python -m pytest -n $(JOBS) -m "$(QUICK)"

check: format lint types test ## what must hold before a merge; `test` holds the docs checks

long: $(VENV)/.dev ## the tests that are too slow for each change
	@bash .ci/debian.sh chromium buildah debootstrap golang-go nginx libnginx-mod-http-headers-more-filter haproxy apache2 nodejs npm \
	  golang-github-rs-cors-dev golang-github-gin-contrib-cors-dev ruby-rack-cors ruby-webrick \
	  default-jdk-headless libtomcat10-embed-java libjakarta-annotation-api-java libspring-web-java libjetty9-java
	$(BIN)/python -m pytest -m long

gateways: $(VENV)/.dev ## of these, what is exported and emulated, beside the real gateways
	$(BIN)/python -m pytest -m long tests/gateways

coverage: $(VENV)/.dev ## the rule, every branch of it, by its own tests
	$(BIN)/python -m coverage run -m pytest -q -m "not long" tests/cors
	$(BIN)/python -m coverage report

format: $(VENV)/.dev
	$(BIN)/ruff format --check .

lint: $(VENV)/.dev
	$(BIN)/ruff check .

types: $(VENV)/.dev
	$(BIN)/mypy

fix: $(VENV)/.dev ## what a machine can put right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

cases: $(VENV)/.dev ## golden files and generated docs rewritten; the diff is read in review
	$(BIN)/python -m pytest -q --update-cases $$(grep -rlw golden tests --include='test_*.py') || true
	$(BIN)/python -m pytest -q $$(grep -rlw golden tests --include='test_*.py')

docs: $(VENV)-docs/.made ## the docs as a site, in site/; a link that leads nowhere is an error
	rm -rf build/pages
	mkdir -p build/pages/packaging
	cp -R *.md LICENSE *.example.yaml docs build/pages
	cp packaging/grafana.json build/pages/packaging
	find build/pages -name '*.md' -exec sed -i.as-on-github -E 's/^```([a-z]+) ([^ ]+)$$/```\1 title="\2"/' {} +
	find build/pages -name '*.as-on-github' -delete
	$(VENV)-docs/bin/zensical build --clean --strict

bench: $(VENV)/.dev ## how fast, beside the peers that are installed; BENCH=--smoke for a short one
	@bash .ci/debian.sh wrk gcc libc6-dev
	$(BIN)/python -m bench $(BENCH)

MINUTES ?= 3
soak: $(VENV)/.dev ## hostile and ordinary clients together; MINUTES=60 for a long one, SOAK="--only smuggling"
	$(BIN)/python -m tests.soak --minutes $(MINUTES) $(SOAK)

# The same tree gives the same bytes, wherever and whenever. One wheel has the compiled module of
# this Python, the other is for every Python and system.
DIST ?= dist
dist: $(VENV)-release/.done ## what is published, checked: the sdist, and wheels made of it
	rm -rf "$(DIST)"
	$(VENV)-release/bin/python -m build --no-isolation --outdir "$(DIST)"
	mkdir "$(DIST)/source" && tar -xzf "$(DIST)"/corsproxy-*.tar.gz -C "$(DIST)/source" --strip-components 1
	HATCH_BUILD_NO_HOOKS=true $(VENV)-release/bin/python -m build --no-isolation --wheel \
	  --outdir "$(DIST)" "$(DIST)/source"
	rm -r "$(DIST)/source"
	$(VENV)-release/bin/twine check --strict "$(DIST)"/*
	$(VENV)-release/bin/check-wheel-contents "$(DIST)"/*.whl
	$(PYTHON) packaging/homebrew/formula.py "$(DIST)"/corsproxy-*.tar.gz > "$(DIST)/corsproxy.rb"

# No index address gets into the locks: which registry serves the files is the machine's affair,
# and the hashes say what they must be.
RESOLVE := $(VENV)-lock/bin/uv pip compile --quiet --no-config --generate-hashes \
  --no-emit-index-url --no-emit-find-links
LOCK := $(RESOLVE) --universal --python-version 3.11 --custom-compile-command "make lock"
lock: $(VENV)-lock/bin/uv ## the locks made anew; UPGRADE=--upgrade for the newest of all
	$(LOCK) $(UPGRADE) pyproject.toml -o requirements.lock
	$(LOCK) $(UPGRADE) -c requirements.lock --group build -o requirements-build.lock
	$(LOCK) $(UPGRADE) -c requirements.lock -c requirements-build.lock pyproject.toml --group dev \
	  -o requirements-dev.lock
	$(LOCK) $(UPGRADE) --group audit -o requirements-audit.lock
	$(LOCK) $(UPGRADE) --group sbom -o requirements-sbom.lock
	$(LOCK) $(UPGRADE) --group docs -o requirements-docs.lock
	$(LOCK) $(UPGRADE) -c requirements-build.lock --group release -o requirements-release.lock
	$(LOCK) $(UPGRADE) tests/apps/requirements.in -o tests/apps/requirements.lock
	$(LOCK) $(UPGRADE) tests/gateways/requirements.in -o tests/gateways/requirements.lock

# The tests' own tools are the locked ones; only what a user's installer may choose is the oldest.
FLOORS := $(VENV)-floors/bin/python
floors: $(VENV)-lock/bin/uv ## the quick tests with the lowest versions that pyproject.toml allows
	$(PYTHON) -m venv --clear $(VENV)-floors
	$(RESOLVE) --python $(FLOORS) --resolution lowest-direct pyproject.toml \
	  -o $(VENV)-floors/floors.txt
	for list in requirements-build.lock requirements-dev.lock $(VENV)-floors/floors.txt; do \
	  $(FLOORS) -m pip install --quiet --disable-pip-version-check --require-hashes -r $$list \
	    || exit 1; done
	$(FLOORS) -m pip install --quiet --no-deps --no-build-isolation -e .
	$(FLOORS) -m pip check
	$(FLOORS) -m corsproxy demo --check
	$(FLOORS) -m pytest -n $(JOBS) -m "not long and not browser" $(TESTS)

audit: ## every locked package against the published vulnerabilities
	$(PYTHON) -m venv --clear $(VENV)-audit
	$(VENV)-audit/bin/python -m pip install --quiet --require-hashes -r requirements-audit.lock
	for lock in *.lock; do \
	  $(VENV)-audit/bin/pip-audit --disable-pip --require-hashes -r $$lock || exit 1; done

clean:
	rm -rf $(VENV) $(VENV)-lock $(VENV)-floors $(VENV)-audit $(VENV)-docs $(VENV)-release "$(DIST)" build/pages site .cache

$(VENV)-lock/bin/uv:
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet "uv>=0.9"

$(VENV)-release/.done: requirements-release.lock
	$(PYTHON) -m venv --clear $(VENV)-release
	$(VENV)-release/bin/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes -r requirements-release.lock
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "corsproxy needs Python 3.11 or newer: make PYTHON=python3.12 ..." >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

SOURCES := pyproject.toml hatch_build.py corsproxy/proxy/http1/_heads.c
$(VENV)/.runtime: requirements.lock requirements-build.lock $(SOURCES) | $(BIN)/python
	$(INSTALL) --require-hashes -r requirements.lock -r requirements-build.lock
	$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)-docs/.made: requirements-docs.lock
	$(PYTHON) -m venv --clear $(VENV)-docs
	$(VENV)-docs/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@
