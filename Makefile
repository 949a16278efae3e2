# make quickstart: set up, learn a concept from pictures, generate with it, leave pictures to look at
# make test: set up and run the tests
VENV := .venv
PYTHON ?= python3.11
BIN := $(VENV)/bin
OUT ?= out/quickstart

.PHONY: quickstart test setup clean

setup: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: make PYTHON=/path/to/python3.11"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	touch $@

quickstart: setup
	HF_HUB_OFFLINE=1 OMP_WAIT_POLICY=passive $(BIN)/python scripts/quickstart.py --out $(OUT)

test: setup
	HF_HUB_OFFLINE=1 OMP_WAIT_POLICY=passive $(BIN)/python -m pytest -q --durations=10

clean:
	rm -rf $(VENV) build dist out *.egg-info
