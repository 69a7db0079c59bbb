"""Where ROS packages are installed: the public layout of an ament prefix, read without importing ROS."""

from __future__ import annotations

import os
from pathlib import Path

from luban.errors import MissingComponent, unknown

_MARKERS = Path("share/ament_index/resource_index/packages")


def prefixes() -> list[Path]:
    return [Path(part) for part in os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep) if part]


def package_prefix(package: str) -> Path:
    """Return the prefix in which a package is installed; the first on the path wins, as in ROS.

    Raises:
        MissingComponent: no such package; names the closest one.
    """
    for prefix in prefixes():
        if (prefix / _MARKERS / package).is_file():
            return prefix
    names = {
        path.name for prefix in prefixes() if (prefix / _MARKERS).is_dir() for path in (prefix / _MARKERS).iterdir()
    }
    if not names:
        raise MissingComponent(f"ROS package {package!r} is not found: AMENT_PREFIX_PATH names none; run `make setup`")
    raise MissingComponent(unknown("ROS package", package, names))


def package_share(package: str) -> Path:
    return package_prefix(package) / "share" / package


def package_executable(package: str, name: str) -> Path:
    """Return the path of a package's executable, as `ros2 run` would find it.

    Raises:
        MissingComponent: no such package, or no such executable in it; lists what there is.
    """
    folder = package_prefix(package) / "lib" / package
    path = folder / name
    if path.is_file() and os.access(path, os.X_OK):
        return path
    there = [p.name for p in folder.iterdir() if p.is_file() and os.access(p, os.X_OK)] if folder.is_dir() else []
    raise MissingComponent(unknown(f"executable of package {package}", name, there))
