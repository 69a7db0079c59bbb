"""The set-up: what is missing is named at once, nothing is done twice, and an interruption leaves nothing half done."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from luban import ros_environment
from luban.errors import MissingComponent

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "scripts"
DEADLINE_S = 60.0
NOT_PASSED_ON = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "ROS_DISTRO", "PYTHON", "VENV", "ARGS")


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def check_system(path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the check with nothing on the PATH but `path` and what a shell needs."""
    for tool in ("sh", "grep"):
        if not (path / tool).exists():
            (path / tool).symlink_to(shutil.which(tool) or tool)
    env = {"PATH": str(path), "HOME": str(path), **environment}
    command = [str(path / "sh"), str(SCRIPTS / "check_system.sh")]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def executable(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


# What pip cannot install


def test_all_that_is_missing_is_named_in_one_message(tmp_path: Path) -> None:
    result = check_system(tmp_path, PYTHON="/nowhere/python3")
    assert (result.returncode, result.stdout) == (1, "")
    for needed in ("Python 3.11 or 3.12: PYTHON=/nowhere/python3", "C++ compiler", "cmake"):
        assert needed in result.stderr
    (line,) = re.findall(r"sudo apt-get install -y (.*)", result.stderr)
    assert {"g++", "cmake"} < set(line.split())
    assert re.search(r"python3\.1[12] python3\.1[12]-venv python3\.1[12]-dev", line)


def test_a_python_that_exists_but_does_not_run_is_passed_over(tmp_path: Path) -> None:
    """A pyenv shim for a version that is not selected answers 127."""
    executable(tmp_path / "python3.11", "#!/bin/sh\nexit 127\n")
    executable(tmp_path / "python3.12", f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    for tool in ("c++", "cmake"):
        executable(tmp_path / tool, "#!/bin/sh\n")
    result = check_system(tmp_path, LUBAN_ROS_ENVIRONMENT="off")
    assert result.returncode == 0, result.stderr
    assert Path(result.stdout.strip()).resolve() == Path(sys.executable).resolve()


def test_the_system_s_ros_needs_the_system_s_colcon(tmp_path: Path) -> None:
    result = check_system(tmp_path, ROS_DISTRO="jazzy", PYTHON=sys.executable, LUBAN_ROS_ENVIRONMENT="off")
    assert "colcon, to build against ROS 2 jazzy" in result.stderr
    assert "python3-colcon-common-extensions" in result.stderr


# Exact versions


def locked(name: str) -> dict[str, str]:
    lines = [line for line in (ROOT / "requirements" / name).read_text().splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.+!-]+", line) for line in lines), name
    return {re.sub(r"[-_.]+", "-", line.split("==")[0]).lower(): line.split("==")[1] for line in lines}


def test_the_locks_agree_with_the_project_s_pins() -> None:
    core, ros = locked("core.lock"), locked("ros.lock")
    assert not set(core) & set(ros)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    pins = [
        *project["dependencies"],
        *extras["control"],
        *extras["sim"],
        *extras["train"],
        *extras["endpoint"],
        *extras["teacher"],
        *extras["dev"],
        *extras["ros"],
    ]
    for pin in pins:
        if "==" in pin:
            name, version = pin.split("==")
            name = re.sub(r"[-_.]+", "-", name).lower()
            assert (core | ros).get(name) == version, pin
    assert "ray" not in core | ros
    assert not {"mujoco", "torch"} & {re.split(r"[=<>]", pin)[0] for pin in project["dependencies"]}


# Make


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The Makefile with a real virtual environment (without pip) and two steps that only write down that they ran."""
    for folder in ("requirements", "scripts", "ros_ws/src/luban_interfaces/msg", "ros_ws/src/luban_nodes/luban_nodes"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "ros_ws/src_fallback").mkdir()
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copy(SCRIPTS / "venv_fits.sh", tmp_path / "scripts")
    executable(tmp_path / "scripts/check_system.sh", f"#!/bin/sh\necho {tmp_path}/python\n")
    without_pip = 'if [ "$2" = venv ]; then shift 2; set -- -m venv --without-pip "$@"; fi'
    executable(tmp_path / "python", f'#!/bin/sh\n{without_pip}\nexec {sys.executable} "$@"\n')
    for name in ("requirements/core.lock", "requirements/ros.lock", "pyproject.toml"):
        (tmp_path / name).touch()
    (tmp_path / "ros_ws/src/luban_interfaces/msg/A.msg").touch()
    (tmp_path / "ros_ws/src/luban_nodes/luban_nodes/twin.py").touch()
    for step in ("install_packages", "build_workspace"):
        text = (
            "import os, sys, time\n"
            f"open('steps', 'a').write('{step} ')\n"
            "while os.path.exists('wait'): time.sleep(0.01)\n"
            f"sys.exit(os.path.exists('fail_{step}'))\n"
        )
        (tmp_path / f"scripts/{step}.py").write_text(text)
    return tmp_path


def make(project: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "ROS_DISTRO")
    }
    env |= environment
    command = ["make", "--no-print-directory", "setup", *arguments]
    pipe = subprocess.PIPE
    # A background job of a shell ignores SIGINT and hands that down; a person's make does not.
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        command, cwd=project, env=env, stdout=pipe, stderr=pipe, text=True, start_new_session=True
    )
    signal.signal(signal.SIGINT, previous)
    return process


def steps_of(project: Path, **environment: str) -> list[str]:
    """Run `make setup` to its end; return the steps that it took."""
    (project / "steps").write_text("")
    process = make(project, **environment)
    output = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 0, output
    return (project / "steps").read_text().split()


def age(project: Path) -> None:
    """Let everything there be an hour old, in the same order."""
    stamps = (project / ".venv/.done").iterdir()
    for path in [*stamps, *(path for path in project.rglob("*") if ".venv" not in path.parts)]:
        if not path.is_symlink():
            status = path.stat()
            os.utime(path, ns=(status.st_atime_ns - 3600 * 10**9, status.st_mtime_ns - 3600 * 10**9))


def test_setup_does_what_changed_and_nothing_else(project: Path) -> None:
    both = ["install_packages", "build_workspace"]
    assert steps_of(project) == both
    assert steps_of(project) == []
    age(project)
    (project / "ros_ws/src/luban_nodes/luban_nodes/twin.py").touch()
    assert steps_of(project) == []
    (project / "ros_ws/src/luban_interfaces/msg/A.msg").touch()
    assert steps_of(project) == ["build_workspace"]
    age(project)
    (project / "ros_ws/src/luban_interfaces/msg/B.msg").touch()
    assert steps_of(project) == ["build_workspace"]
    age(project)
    (project / "requirements/core.lock").touch()
    assert steps_of(project) == both


def test_setup_goes_on_where_it_failed_or_was_interrupted(project: Path) -> None:
    (project / "fail_build_workspace").touch()
    process = make(project)
    process.communicate(timeout=DEADLINE_S)
    assert process.returncode != 0
    (project / "fail_build_workspace").unlink()
    assert steps_of(project) == ["build_workspace"]

    age(project)
    (project / "pyproject.toml").touch()
    (project / "wait").touch()
    (project / "steps").write_text("")
    process = make(project)
    deadline = time.monotonic() + DEADLINE_S
    while (project / "steps").read_text() == "" and time.monotonic() < deadline:
        os.sched_yield()
    os.killpg(process.pid, signal.SIGINT)  # what Ctrl-C in a terminal does
    process.communicate(timeout=DEADLINE_S)
    assert process.returncode != 0
    (project / "wait").unlink()
    assert steps_of(project) == ["install_packages", "build_workspace"]


def test_another_ros_makes_another_environment(project: Path) -> None:
    steps_of(project)
    configuration = project / ".venv/pyvenv.cfg"
    assert "include-system-site-packages = false" in configuration.read_text()
    assert steps_of(project, ROS_DISTRO="jazzy") == ["install_packages", "build_workspace"]
    assert "include-system-site-packages = true" in configuration.read_text()
    assert steps_of(project, ROS_DISTRO="jazzy") == []


# The steps


def test_half_installed_packages_are_removed_before_pip_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = script("install_packages")
    monkeypatch.setattr(module, "SITE", tmp_path)
    for name, files in {"whole": ["RECORD", "INSTALLER"], "half": ["METADATA"]}.items():
        (tmp_path / f"{name}-1.0.dist-info").mkdir()
        for file in files:
            (tmp_path / f"{name}-1.0.dist-info" / file).touch()
    (tmp_path / "~umpy").mkdir()
    module.remove_half_installed()
    assert [path.name for path in tmp_path.iterdir()] == ["whole-1.0.dist-info"]


def test_with_the_system_s_ros_its_numpy_is_kept_and_no_ros_wheels_come() -> None:
    requirements = script("install_packages").locked(with_system_ros=True)
    assert any(line.startswith("mujoco==") for line in requirements)
    assert not [line for line in requirements if line.startswith(("numpy==", "ros-", "-r", "colcon"))]


def test_the_wheels_include_folders_are_mended_once(tmp_path: Path) -> None:
    import numpy

    file = tmp_path / "pkg/cmake/targets.cmake"
    file.parent.mkdir(parents=True)
    image = "/opt/python/cp312-cp312"
    file.write_text(
        f'set(A "{image}/include/python3.12;{image}/lib/python3.12/site-packages/numpy/_core/include;/usr/include")'
    )
    module = script("build_workspace")
    for _ in range(2):
        module.mend_wheels(tmp_path)
        assert file.read_text() == f'set(A "{sysconfig.get_path("include")};{numpy.get_include()};/usr/include")'


def test_an_interface_package_is_carried_only_where_the_system_lacks_it(tmp_path: Path) -> None:
    module = script("build_workspace")
    names = [path.name for path in module.fallback_packages({"AMENT_PREFIX_PATH": str(tmp_path)})]
    assert names == ["tf2_msgs"]
    marker = tmp_path / "share/ament_index/resource_index/packages/tf2_msgs"
    marker.parent.mkdir(parents=True)
    marker.touch()
    assert list(module.fallback_packages({"AMENT_PREFIX_PATH": f"/nowhere{os.pathsep}{tmp_path}"})) == []


# The environment of ROS


def test_without_a_workspace_the_next_step_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ros_environment, "INSTALL", tmp_path)
    assert not ros_environment.is_built()
    with pytest.raises(MissingComponent, match="not built: run `make setup`"):
        ros_environment.ros_environment()
    with pytest.raises(MissingComponent, match="not built: run `make setup`"):
        ros_environment.require()
    ros_environment.enter()  # nothing to enter, and no reason to stop an interpreter from starting


@pytest.mark.skipif(not ros_environment.is_built(), reason="the ROS workspace is not built: run `make setup`")
def test_ours_comes_first_and_nothing_comes_twice() -> None:
    env = ros_environment.ros_environment({"LD_LIBRARY_PATH": "/theirs", "AMENT_PREFIX_PATH": "/opt/ros/jazzy"})
    again = ros_environment.ros_environment(env)
    assert again == env
    assert env["LD_LIBRARY_PATH"].split(os.pathsep)[0] == str(ros_environment.INSTALL / "lib")
    assert env["LD_LIBRARY_PATH"].split(os.pathsep)[-1] == "/theirs"
    assert env["AMENT_PREFIX_PATH"].split(os.pathsep)[-1] == "/opt/ros/jazzy"


@pytest.mark.skipif(not ros_environment.is_built(), reason="the ROS workspace is not built: run `make setup`")
def test_a_bare_interpreter_finds_our_interfaces() -> None:
    """No variable of ours is set, nothing is sourced; arguments survive the restart."""
    env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    if "ROS_DISTRO" in os.environ:
        env |= {name: os.environ[name] for name in ("ROS_DISTRO", "AMENT_PREFIX_PATH", "LD_LIBRARY_PATH", "PYTHONPATH")}
    program = "import sys, luban_interfaces.msg, rclpy; print(sys.argv[1:])"
    command = [sys.executable, "-c", program, "a b", ""]
    result = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert (result.stdout, result.returncode) == ("['a b', '']\n", 0), result.stderr
