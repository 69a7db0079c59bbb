"""The environment in which ROS 2 and our own interfaces work, without anybody sourcing a setup file.

ROS finds packages, libraries and Python modules through environment variables, and the library path must be right
before a process starts. So the set-up puts a `.pth` file into the virtual environment that calls `enter` whenever its
interpreter starts: the first time, the process replaces itself with one that has the right variables.
This module is imported at every start: it imports little.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

WORKSPACE = Path(__file__).resolve().parent.parent / "ros_ws"
INSTALL = WORKSPACE / "install"
_MARK = "LUBAN_ROS_ENVIRONMENT"


def is_built() -> bool:
    """Whether colcon has built the workspace (its interfaces are in the ament index)."""
    return (INSTALL / "share/ament_index/resource_index/packages/luban_interfaces").exists()


def ros_environment(base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a copy of `base` (default: this process's environment) in which ROS and our interfaces work.

    Raises:
        MissingComponent: the workspace is not built, or neither ROS wheels nor a sourced ROS 2 are there.
    """
    env = dict(os.environ if base is None else base)
    prefix = Path(sys.prefix)
    wheels = (prefix / "share/ament_index").exists()
    if not is_built():
        _missing("the ROS workspace is not built: run `make setup`")
    if not wheels and not env.get("AMENT_PREFIX_PATH"):
        _missing("ROS 2 is not found: source /opt/ros/<distro>/setup.bash, or run `make setup` without ROS_DISTRO")
    prefixes = [INSTALL, prefix] if wheels else [INSTALL]
    libraries = [INSTALL / "lib"]
    if wheels:
        libraries += [prefix / "lib", *sorted(prefix.glob("lib/python3*/site-packages/ros_*.libs"))]
        env["_ROS_WHEELS_BOOTSTRAP_COMPLETE"] = "1"  # the wheels' own restart would do the same again
    modules = [WORKSPACE / "build/luban_nodes"]  # linked to the sources
    modules += [*INSTALL.glob("lib/python3*/*-packages"), *INSTALL.glob("local/lib/python3*/*-packages")]
    _prepend(env, "AMENT_PREFIX_PATH", prefixes)
    _prepend(env, "LD_LIBRARY_PATH", libraries)
    _prepend(env, "PYTHONPATH", modules)
    env[_MARK] = _mark()
    return env


def enter() -> None:
    """Make sure that this process has the ROS environment; replaces the process once when it has not.

    Does nothing where the workspace is not built: what needs it calls `require`.
    """
    if os.environ.get(_MARK) in (_mark(), "off") or not is_built():
        return
    if not (Path(sys.prefix) / "share/ament_index").exists() and not os.environ.get("AMENT_PREFIX_PATH"):
        return
    try:
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], ros_environment())
    except OSError as error:
        sys.stderr.write(f"luban: cannot restart with the ROS environment: {error}\n")


def require() -> None:
    """Raise MissingComponent, with the next step, unless this process can import our interfaces."""
    if os.environ.get(_MARK) != _mark():
        ros_environment()
        _missing("this interpreter was started without the ROS environment: run `make setup` and start again")


def _mark() -> str:
    return f"{INSTALL}{os.pathsep}{sys.prefix}"


def _prepend(env: dict[str, str], name: str, paths: list[Path]) -> None:
    ours = [str(path) for path in paths]
    rest = [part for part in env.get(name, "").split(os.pathsep) if part and part not in ours]
    env[name] = os.pathsep.join((*ours, *rest))


def _missing(sentence: str) -> None:
    from luban.errors import MissingComponent

    raise MissingComponent(sentence)
