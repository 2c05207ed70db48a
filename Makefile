# make demo: everything, from training to the report.   make test: what can be checked without FINN and a night.
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHONDONTWRITEBYTECODE :=  # a verb is a process, which without byte code compiles all that it imports

.PHONY: setup demo quick test long finn lint docs wheel ends bench calibrate mutants prove gates fuzz clean

setup:  ## the .venv; nothing is done when it is there and nothing changed
	@$(PYTHON) scripts/setup.py

demo: setup  ## train, compile, simulate, build, run, report
	$(BIN)/hwflow demo can-ids --out build/demo

quick: setup  ## the fast tests, with few examples of each property
	$(BIN)/pytest -q -n auto --hypothesis-profile quick -m "not slow and not finn"

test: lint  ## all but those that need FINN, and those of `make long`
	$(BIN)/pytest -q -n auto --dist loadfile --no-loadscope-reorder -m "not finn and not long"

long: setup  ## the tests that show at length what others show in small, but for those that need FINN
	$(BIN)/pytest -q -n auto --dist worksteal -m "long and not finn"

finn: setup  ## FINN in an environment of its own, and the tests that need it; LONG=1: the long ones too
	$(BIN)/hwflow finn setup
	$(BIN)/pytest -q -n auto --dist worksteal -m "finn$(if $(LONG),, and not long)"

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	MYPYPATH=tests:benchmarks $(BIN)/mypy --config-file= --ignore-missing-imports --follow-imports=silent --check-untyped-defs benchmarks/*.py

wheel: setup  ## the wheel, installed by pip for $(PYTHON) as `hwflow[sim,ice40]`, outside the checkout, does all but train
	HWFLOW_PYTHON=$(PYTHON) $(BIN)/pytest -q -rP tests/test_wheel.py

ends:  ## the quick tests with the lowest and with the newest versions that pyproject.toml allows
	$(PYTHON) scripts/ends.py lowest
	$(PYTHON) scripts/ends.py newest

bench: setup  ## speeds, each pair measured side by side; DATA=folder of the model and the images
	$(BIN)/python benchmarks/run.py $(if $(DATA),--data "$(DATA)")
	$(BIN)/python benchmarks/spiking_core.py
	$(BIN)/python benchmarks/small_steps.py
	$(BIN)/python benchmarks/taught.py $(if $(DATA),--data "$(DATA)")
	$(BIN)/python benchmarks/off_chip.py $(if $(DATA),--data "$(DATA)")
	$(BIN)/python benchmarks/link.py --axons 256 --neurons 256
	$(BIN)/python benchmarks/graded.py $(if $(DATA),--data "$(DATA)")
	$(BIN)/python benchmarks/faults.py
	$(BIN)/python benchmarks/broken_off.py
	$(BIN)/python benchmarks/scale.py --nets lfc-2
	$(BIN)/python benchmarks/whole.py
	$(BIN)/python benchmarks/graphs.py
	$(BIN)/python benchmarks/exhaustive.py
	$(BIN)/python benchmarks/search.py kills
	$(BIN)/python benchmarks/search.py cost
	$(BIN)/python benchmarks/search.py postgres
	$(BIN)/python benchmarks/search_fronts.py digits --budget 0.25
	$(BIN)/python benchmarks/search_fronts.py can --budget 0.25
	$(BIN)/python benchmarks/can_table.py --budget 0.25
	$(BIN)/python benchmarks/examples.py
	$(BIN)/python benchmarks/can_features.py --frames 100000
	$(BIN)/python benchmarks/axi.py
	$(BIN)/python benchmarks/can_receiver.py

calibrate: setup  ## fit the model of cost to units synthesised alone, and tell its error on others; an hour of Yosys, or two
	$(BIN)/python benchmarks/calibrate.py

mutants: setup  ## small faults in the RTL, one at a time, and which of them the modules' tests miss; KIND=reset, MODULES=names, else all: an hour or two, in parts
	$(BIN)/python benchmarks/mutants.py $(if $(KIND),--kind "$(KIND)") $(addprefix --module ,$(MODULES))

prove: setup  ## the RTL's modules, for every input, and a planted fault for each assertion; MODULES=names, else all, and whole nets; WITHIN=seconds for what last changed
	$(BIN)/python benchmarks/prove.py --faults $(if $(WITHIN),--within $(WITHIN)) $(MODULES)
	$(if $(MODULES)$(WITHIN),,$(BIN)/python benchmarks/prove_nets.py --faults)

gates: setup  ## the netlists of the demo's net, of each family, in simulation against the reference; FAMILIES=names, else all
	$(BIN)/python benchmarks/gate_level.py $(if $(FAMILIES),--families "$(FAMILIES)")

fuzz: setup  ## changed inputs of every kind that is read; KIND=qonnx, else all: hours; COUNT=N of each, FOLDER=for those that show a fault
	$(BIN)/python benchmarks/fuzz.py $(if $(KIND),--kind "$(KIND)") $(if $(COUNT),--count "$(COUNT)") $(if $(FOLDER),--keep "$(FOLDER)")

docs: setup  ## the site in build/docs, where a warning is an error, and the tutorials as notebooks beside it
	$(BIN)/python -m sphinx -q -W --keep-going -b html docs build/docs
	for page in own-model spiking-net can-log; do \
	  $(BIN)/jupytext --quiet --to ipynb --output build/docs/$$page.ipynb docs/tutorials/$$page.md || exit 1; done

clean:  ## what was built; .venv stays
	rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis
