"""Install the locked packages and the project itself into the virtual environment that runs this script.

Usage: .venv/bin/python scripts/install_packages.py
Interrupt it at any moment and run it again: packages that pip left half installed are removed first.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SITE = Path(sysconfig.get_path("purelib"))


def remove_half_installed() -> None:
    """pip writes INSTALLER after a package's last file; without it pip would take the rest for installed."""
    for information in SITE.glob("*.dist-info"):
        if not (information / "INSTALLER").exists():
            shutil.rmtree(information)
    for leftover in SITE.glob("~*"):  # what pip renames while it replaces a package
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()


def locked(with_system_ros: bool) -> list[str]:
    """Return pip's requirement arguments: everything, or everything that the system's ROS does not bring."""
    core = ROOT / "requirements" / "core.lock"
    if not with_system_ros:
        return ["-r", str(core), "-r", str(ROOT / "requirements" / "ros.lock")]
    # The system's ROS was compiled against the system's NumPy: another major version in front of it fails on import.
    lines = core.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith(("#", "numpy=="))]


def pip(*arguments: str) -> None:
    options = ("-qq", "--disable-pip-version-check")  # -qq: errors only
    command = [sys.executable, "-m", "pip", "install", *options, *arguments]
    if (status := subprocess.run(command, check=False).returncode) != 0:
        sys.exit(f"pip failed with status {status}; the lines above say why. Run the same make command to go on.")


def complete_torch() -> None:
    """The lock names what torch for the processor needs; PyPI's torch for Linux also needs CUDA's packages to load.

    PIP_EXTRA_INDEX_URL, set to PyTorch's own index of processor wheels, saves the download of those.
    """
    (torch,) = (line for line in locked(with_system_ros=True) if line.startswith("torch=="))
    pip("--constraint", str(ROOT / "requirements" / "core.lock"), torch)


def main() -> None:
    if sys.prefix == sys.base_prefix:
        sys.exit("this installs into a virtual environment: run it as .venv/bin/python scripts/install_packages.py")
    remove_half_installed()
    pip("--no-deps", *locked(with_system_ros=bool(os.environ.get("ROS_DISTRO"))))
    complete_torch()
    pip("--no-deps", "--no-build-isolation", "--editable", str(ROOT))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("interrupted; run the same make command to go on")
