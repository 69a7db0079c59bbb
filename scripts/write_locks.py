"""Write requirements/*.lock from the packages in the virtual environment that runs this script.

Usage: .venv/bin/python scripts/write_locks.py
core.lock: what the extras of EXTRAS need. ros.lock: what ROS 2 and colcon need besides.
Local labels are left out (torch 2.13.0+cpu is locked as 2.13.0), because only some package indexes have them.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = ("control", "sim", "train", "planner", "distill", "endpoint", "teacher", "dev")
ROS_PREFIXES = ("ros-", "colcon-")
ALWAYS = ("setuptools", "wheel")  # the project itself is installed without build isolation
HEADER = "Exact versions for Python 3.11 and 3.12, written by `make lock`."


def installed() -> dict[str, Distribution]:
    """Distributions that pip installed; the ROS wheels hold further metadata inside, which nobody can install."""
    found = {canonicalize_name(d.name): d for d in distributions() if (d.read_text("INSTALLER") or "").strip() == "pip"}
    found.pop("pip", None)
    return found


def needed(names: Iterable[str], packages: dict[str, Distribution], extras: Iterable[str] = ()) -> set[str]:
    """Return the names and all that they need, as far as it is installed."""
    seen: set[tuple[str, str]] = set()
    open_ = [(canonicalize_name(name), extra) for name in names for extra in ("", *extras)]
    while open_:
        name, extra = open_.pop()
        if (name, extra) in seen or name not in packages:
            continue
        seen.add((name, extra))
        for line in packages[name].requires or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                open_ += [(canonicalize_name(requirement.name), e) for e in ("", *requirement.extras)]
    return {name for name, _ in seen}


def write(path: Path, about: str, names: Iterable[str], packages: dict[str, Distribution]) -> None:
    lines = [f"{packages[name].name}=={Version(packages[name].version).public}" for name in names]
    path.write_text("\n".join((f"# {about} {HEADER}", *sorted(lines, key=str.lower))) + "\n", encoding="utf-8")


def main() -> None:
    packages = installed()
    core = needed(["luban"], packages, EXTRAS) | needed(ALWAYS, packages)
    core.discard("luban")
    write(ROOT / "requirements/core.lock", "Everything but ROS.", core, packages)
    ros = needed((name for name in packages if name.startswith(ROS_PREFIXES)), packages)
    write(ROOT / "requirements/ros.lock", "ROS 2 Kilted and colcon.", ros - core, packages)


if __name__ == "__main__":
    main()
