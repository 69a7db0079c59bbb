"""`luban doctor`: what is installed, what is missing, what to do."""

from __future__ import annotations

import ctypes.util
import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from luban.errors import LubanError

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Finding:
    """One line of the report. next_step is empty when all is well; required: nothing works without it."""

    name: str
    found: str
    next_step: str = ""
    required: bool = True

    def __str__(self) -> str:
        mark = "ok     " if not self.next_step else "MISSING" if self.required else "absent "
        return f"{mark}  {self.name:<26} {self.found}" + (f"\n{'':9}-> {self.next_step}" if self.next_step else "")


def _python() -> Iterator[Finding]:
    version = platform.python_version()
    supported = (3, 11) <= sys.version_info[:2] <= (3, 12)
    yield Finding("Python", version, "" if supported else "install Python 3.11 or 3.12 and run: make setup")


def _tools() -> Iterator[Finding]:
    for tool, package in (("g++", "g++"), ("cmake", "cmake"), ("make", "make")):
        path = shutil.which(tool)
        yield Finding(tool, path or "not found", "" if path else f"apt install {package}")
    for library, package in (("EGL", "libegl1 libgl1-mesa-dri"),):
        found = ctypes.util.find_library(library)
        yield Finding(f"lib{library} (rendering)", found or "not found", "" if found else f"apt install {package}")


def _packages() -> Iterator[Finding]:
    required = {
        "core": ("numpy", "pydantic", "typer"),
        "sim": ("mujoco", "mink", "ruckig", "scipy", "safetensors", "gymnasium", "pillow", "av"),
    }
    for extra, names in required.items():
        for name in names:
            yield _package(name, extra, required=True)
    optional = {
        "planner": ("onnxruntime",),
        "endpoint": ("httpx2",),
        "train": ("torch", "stable-baselines3"),
        "sweep": ("ray",),
        "dev": ("pytest",),
    }
    for extra, names in optional.items():
        for name in names:
            yield _package(name, extra, required=False)


def _package(name: str, extra: str, required: bool) -> Finding:
    try:
        return Finding(f"{name} [{extra}]", importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        step = "make setup" if required else f"pip install -e '.[{extra}]' when you need it"
        return Finding(f"{name} [{extra}]", "not installed", step, required)


def _ros() -> Iterator[Finding]:
    distro = os.environ.get("ROS_DISTRO")
    found = importlib.util.find_spec("rclpy") is not None
    origin = f"ROS_DISTRO={distro}" if distro else "Kilted from PyPI"
    yield Finding("ROS 2 (rclpy)", origin if found else "not installed", "" if found else "make setup")
    built = (ROOT / "ros_ws" / "install" / "luban_interfaces").is_dir()
    yield Finding("ros_ws (luban_interfaces)", "built" if built else "not built", "" if built else "make setup")
    domain = os.environ.get("ROS_DOMAIN_ID", "0")
    valid = domain.isdigit() and int(domain) <= 101
    yield Finding("ROS_DOMAIN_ID", domain, "" if valid else "choose a whole number from 0 to 101")


def _profile(name: str) -> Iterator[Finding]:
    from luban.profile import load_profile

    try:
        profile = load_profile(name)
    except LubanError as error:
        yield Finding(f"profile {name}", "faulty", str(error))
        return
    yield Finding(f"profile {name}", f"{profile.arm.model} ({profile.arm.driver}), planner {profile.planner.name}")


def _planner() -> Iterator[Finding]:
    folder = ROOT / "policies" / "checkpoints" / "planner"
    files = [file for file in folder.rglob("*") if file.is_file()]
    found = f"{len(files)} files, {sum(file.stat().st_size for file in files) / 1e6:.1f} MB" if files else "not here"
    step = "" if files else "luban distill makes it; until then use --planner expert"
    yield Finding("learned planner (vla)", found, step, required=False)


def _disk() -> Iterator[Finding]:
    free_gb = shutil.disk_usage(ROOT).free / 1e9
    yield Finding("free disk", f"{free_gb:.1f} GB", "" if free_gb > 1.0 else "free at least 1 GB")


def findings(profile: str) -> list[Finding]:
    """Look at everything; never raises for something missing."""
    return [*_python(), *_tools(), *_packages(), *_ros(), *_planner(), *_profile(profile), *_disk()]


def command(profile: Annotated[str, typer.Option(help="Profile to check: a name or a path.")] = "sim") -> None:
    """Say what is installed, what is missing and what to do. Exit code 1 when something required is missing."""
    report = findings(profile)
    for finding in report:
        typer.echo(str(finding))
    missing = [finding.name for finding in report if finding.next_step and finding.required]
    if missing:
        raise LubanError(f"{len(missing)} required thing(s) missing: {', '.join(missing)}")
    typer.echo("all that is required is here")
