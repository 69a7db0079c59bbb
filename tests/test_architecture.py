"""The import table of the design, held against the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = {"luban", "hw_drivers", "sim", "policies", "luban_nodes", "luban_interfaces", "luban_console", "tests"}
# Packages that may stand beside Python's own library in the light core.
CORE_LIBRARIES = {"numpy", "pydantic", "pydantic_core", "yaml", "typer"}
# Modules of policies/ that never run on a robot: scoring and benchmarks need the simulator.
RESEARCH = {"evaluation", "evaluation_command", "contact_sheet", "local_cell", "bench_command", "bench"}
# Training of controllers and planner: torch and the simulator, never on a robot.
TRAINING = {("policies", "control", "training"), ("policies", "planner", "training")}
HEAVY = {"torch", "stable_baselines3", "gymnasium", "tensorboard", "ray"}
MAY_IMPORT = {"luban": set(), "hw_drivers": {"luban"}, "sim": {"luban"}, "policies": {"luban"}}


def imports(path: Path) -> Iterator[str]:
    """Yield the full name of every module that a file imports, wherever the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


def modules() -> list[Path]:
    return sorted(path for package in MAY_IMPORT for path in (ROOT / package).rglob("*.py"))


def is_research(path: Path) -> bool:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[:3] in TRAINING or (parts[0] == "policies" and len(parts) > 1 and parts[1] in RESEARCH)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_follow_the_table(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    allowed = MAY_IMPORT[package] | {package} | ({"sim"} if is_research(path) else set())
    roots = {name.split(".")[0] for name in imports(path)}
    assert roots & OURS <= allowed
    assert not roots & {"rclpy", "launch", "launch_ros", "pickle"}
    if package == "policies" and not is_research(path):
        assert not {name.split(".")[1] for name in imports(path) if name.startswith("policies.")} & RESEARCH
        assert not [name for name in imports(path) if tuple(name.split(".")[:3]) in TRAINING]


@pytest.mark.parametrize("path", sorted((ROOT / "policies" / "control").glob("*.py")), ids=lambda path: path.name)
def test_what_controls_a_robot_needs_nothing_of_training(path: Path) -> None:
    assert not {name.split(".")[0] for name in imports(path)} & HEAVY


@pytest.mark.parametrize("path", sorted((ROOT / "luban").rglob("*.py")), ids=lambda path: path.name)
def test_the_core_is_light(path: Path) -> None:
    import sys

    roots = {name.split(".")[0] for name in imports(path)}
    assert roots - set(sys.stdlib_module_names) - {"luban"} <= CORE_LIBRARIES


def test_launch_is_no_python_package() -> None:
    assert not list((ROOT / "launch").rglob("*.py"))


def test_the_table_is_not_empty() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in modules()} == set(MAY_IMPORT)
