# Everything from a bare clone: `make demo` or `make test` installs what it needs into .venv and ros_ws/install first.
# PYTHON=/path/to/python3.12 chooses the interpreter; ROS_DISTRO, where set, the system's ROS 2. ARGS goes to the tool.

.DEFAULT_GOAL := help
SHELL := /bin/sh
export MUJOCO_GL ?= egl
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
DONE := $(VENV)/.done
LOCKS := requirements/core.lock requirements/ros.lock
# Python modules of the nodes are linked, not copied: editing them needs no build.
WORKSPACE := $(shell find ros_ws/src ros_ws/src_fallback \( -name __pycache__ -o -name '*.egg-info' \) -prune \
	-o \( -type f ! -name '*.py' -o -name setup.py -o -type d \( -name msg -o -name srv -o -name action \) \) -print)

.PHONY: help setup demo test bench lint format lock clean remake
.DELETE_ON_ERROR:

help:
	@echo "make demo    two spoken-style tasks carried out in the simulated cell; pictures and a video in out/"
	@echo "make test    every test          make lint    ruff and mypy"
	@echo "make bench   how fast it runs    make setup   install everything (the others do this first)"
	@echo "make format  tidy the code       make lock    write requirements/*.lock from .venv"
	@echo "make clean   remove .venv and the ROS build"

setup: $(DONE)/workspace

demo: setup
	@$(BIN)/luban demo $(ARGS)

test: setup
	@$(BIN)/python -m pytest $(ARGS)

bench: setup
	@$(BIN)/luban bench $(ARGS)

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: setup
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock:
	@$(BIN)/python scripts/write_locks.py

clean:
	rm -rf $(VENV) ros_ws/build ros_ws/install ros_ws/log

# The stamps below are written last, so whatever an interruption left half done is done again.
ifneq ($(shell scripts/venv_fits.sh $(VENV)),yes)
$(DONE)/python: remake
endif

$(DONE)/python:
	@python=$$(scripts/check_system.sh) || exit 1; \
	echo "[1/3] $(VENV) with $$python"; \
	if [ -n "$$ROS_DISTRO" ]; then system=--system-site-packages; fi; \
	"$$python" -m venv --clear $$system $(VENV) && mkdir -p $(DONE) && echo "ROS_DISTRO=$$ROS_DISTRO" >$@

$(DONE)/packages: $(DONE)/python $(LOCKS) pyproject.toml scripts/install_packages.py
	@echo "[2/3] packages (a minute or two)"
	@LUBAN_ROS_ENVIRONMENT=off $(BIN)/python scripts/install_packages.py
	@touch $@

$(DONE)/workspace: $(DONE)/packages $(WORKSPACE) scripts/build_workspace.py
	@scripts/check_system.sh >/dev/null
	@echo "[3/3] ROS workspace (half a minute)"
	@LUBAN_ROS_ENVIRONMENT=off $(BIN)/python scripts/build_workspace.py
	@touch $@
