# make quickstart: set up, learn a concept from pictures, generate with it, leave pictures to look at
# make demo: set up, start the web page
# make test: set up and run the tests
# make test-browser: the web page in a real browser, Debian's chromium
VENV := .venv
PYTHON ?= python3.11
BIN := $(VENV)/bin
OUT ?= out/quickstart
# tests side by side, a thread each: on two cores that does about 1.3 times the work of one program in two threads
WORKERS ?= 2
# no network; waiting threads spin for a while, then sleep (at GOMP_SPINCOUNT=1000 a picture alone takes twice as long, without a limit two
# programs at once take ten times as long each); glibc keeps large blocks instead of giving them back at every step
ENV := HF_HUB_OFFLINE=1 GOMP_SPINCOUNT=10000 MALLOC_MMAP_THRESHOLD_=8589934592 MALLOC_TRIM_THRESHOLD_=8589934592 MALLOC_TOP_PAD_=268435456

.PHONY: quickstart demo test test-browser setup clean

setup: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt setup.py
	command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: make PYTHON=/path/to/python3.11"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	touch $@

quickstart: setup
	$(ENV) $(BIN)/python scripts/quickstart.py --out $(OUT)

demo: setup
	$(ENV) $(BIN)/persimg demo $(DEMO)

test: setup
	$(ENV) OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q --durations=25 -n $(WORKERS) --dist loadfile

test-browser: setup
	test -x /usr/bin/chromium || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; }
	$(ENV) $(BIN)/python -m pytest -q -s --durations=10 tests/browser

clean:
	rm -rf $(VENV) build dist out *.egg-info
