"""Build ros_ws with colcon into ros_ws/install and let this virtual environment's interpreter find it.

Usage: .venv/bin/python scripts/build_workspace.py
With ROS_DISTRO set, the sourced ROS 2 is used; otherwise the ROS wheels in the virtual environment.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORKSPACE = ROOT / "ros_ws"
FALLBACK = WORKSPACE / "src_fallback"
BUILD, INSTALL, LOG = (WORKSPACE / name for name in ("build", "install", "log"))
MADE_FOR = BUILD / ".made_for"
PTH = Path(sysconfig.get_path("purelib")) / "luban_ros_workspace.pth"
PATHS = ("AMENT_PREFIX_PATH", "CMAKE_PREFIX_PATH", "COLCON_PREFIX_PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "PATH")
BUILD_IMAGE_PYTHON = re.compile(
    r"/opt/python/cp3\d+-cp3\d+/(include/python3\.\d+|lib/python3\.\d+/site-packages/numpy/_core/include)"
)


def mend_wheels(share: Path) -> None:
    """The ROS wheels' CMake targets name include folders of the image they were built in: name ours."""
    import numpy

    def ours(match: re.Match[str]) -> str:
        return numpy.get_include() if "numpy" in match[1] else sysconfig.get_path("include")

    for file in share.glob("**/*.cmake"):
        text = file.read_text(encoding="utf-8")
        if "/opt/python/" in text:
            file.write_text(BUILD_IMAGE_PYTHON.sub(ours, text), encoding="utf-8")


def environment(wheels: bool) -> dict[str, str]:
    """The environment of the build: the ROS underneath, and nothing of an earlier build of this workspace."""
    env = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    env["LUBAN_ROS_ENVIRONMENT"] = "off"
    env["CMAKE_BUILD_PARALLEL_LEVEL"] = str(len(os.sched_getaffinity(0)))
    env["PYTHONWARNINGS"] = "ignore"  # setuptools' notes on how ament_python packages are installed
    for name in PATHS:
        kept = [part for part in env.get(name, "").split(os.pathsep) if part and not part.startswith(str(WORKSPACE))]
        env[name] = os.pathsep.join(kept)
    env["PATH"] = os.pathsep.join((str(Path(sys.prefix) / "bin"), env["PATH"]))
    if wheels:
        env["AMENT_PREFIX_PATH"] = env["CMAKE_PREFIX_PATH"] = sys.prefix
        env["LD_LIBRARY_PATH"] = os.pathsep.join(filter(None, (str(Path(sys.prefix) / "lib"), env["LD_LIBRARY_PATH"])))
    return {name: value for name, value in env.items() if value or name not in PATHS}


def fallback_packages(env: dict[str, str]) -> Iterator[Path]:
    """Interface packages that we carry for systems which lack them."""
    for package in sorted(path.parent for path in FALLBACK.glob("*/package.xml")):
        prefixes = map(Path, env.get("AMENT_PREFIX_PATH", "").split(os.pathsep))
        if not any(
            (prefix / "share/ament_index/resource_index/packages" / package.name).exists() for prefix in prefixes
        ):
            yield package


def build(env: dict[str, str]) -> None:
    made_for = f"{sys.executable} {sys.version_info[:2]} ROS_DISTRO={os.environ.get('ROS_DISTRO', '')}"
    if BUILD.exists() and (not MADE_FOR.exists() or MADE_FOR.read_text(encoding="utf-8") != made_for):
        shutil.rmtree(BUILD)  # interrupted, or built for another Python or ROS
        shutil.rmtree(INSTALL, ignore_errors=True)
    MADE_FOR.unlink(missing_ok=True)
    # Through this interpreter, so that the nodes' start scripts name it too.
    colcon = [sys.executable, "-c", "import sys; from colcon_core.command import main; sys.exit(main())"]
    command = [
        *colcon, "--log-base", str(LOG), "--log-level", "error", "build", "--merge-install", "--symlink-install",
        "--build-base", str(BUILD), "--install-base", str(INSTALL),
        "--base-paths", str(WORKSPACE / "src"), *map(str, fallback_packages(env)),
        "--cmake-args", "-DBUILD_TESTING=OFF", f"-DPython3_EXECUTABLE={sys.executable}", "--no-warn-unused-cli",
    ]  # fmt: skip
    status = subprocess.run(command, env=env, cwd=WORKSPACE, check=False).returncode
    if status in (0, 1, 2):  # it came to its end; otherwise the next build starts from nothing
        MADE_FOR.write_text(made_for, encoding="utf-8")
    if status != 0:
        sys.exit(f"colcon failed with status {status}; the lines above and {LOG}/latest_build say why")


def main() -> None:
    wheels = not os.environ.get("ROS_DISTRO")
    if wheels:
        mend_wheels(Path(sys.prefix) / "share")
    build(environment(wheels))
    enter = "try:\\n from luban.ros_environment import enter\\nexcept ImportError: pass\\nelse: enter()"
    PTH.write_text(f'import sys; exec("{enter}")\n', encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("interrupted; run the same make command to go on")
