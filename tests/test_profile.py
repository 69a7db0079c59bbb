from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from luban.errors import ProfileError
from luban.motion.chain import Chain
from luban.profile import PROFILES, load_profile

SHIPPED = (PROFILES / "sim.yaml").read_text(encoding="utf-8")


def test_the_shipped_profile_loads() -> None:
    profile = load_profile("sim")
    assert profile.arm.arm_model().name == "ur5e"
    assert {"blue_bin", "red_bin", "gray_tray", "tote"} == set(profile.catalogue.containers)
    assert {"dock", "assembly", "warehouse", "inspection", "charger"} == set(profile.catalogue.stations)


def test_an_unknown_name_is_met_with_the_closest() -> None:
    with pytest.raises(ProfileError, match="did you mean 'sim'"):
        load_profile("sin")


def test_tool_and_flange_put_the_wrist_camera_at_one_place() -> None:
    profile, position_rad = load_profile("sim"), np.array([0.3, -1.2, 1.5, -0.4, -1.1, 0.7])
    through_flange = profile.arm.arm_model().flange_transform(position_rad) @ profile.cameras["wrist"].optical_pose()
    tool = Chain.of(profile.arm).tool(position_rad[None])[0]
    np.testing.assert_allclose(tool @ profile.transform_camera_to_tool("wrist"), through_flange, atol=1e-12)


def line_of(text: str, start: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if line.strip().startswith(start))


def test_every_fault_is_listed_at_once_with_its_line(tmp_path: Path) -> None:
    text = (
        SHIPPED.replace("rate_hz: 125", "rate_hz: fast")
        .replace("command_timeout_s: 0.3", "comand_timeout_s: 0.3")
        .replace("stroke_m: 0.085", "stroke_m: -1")
        .replace("model: ur5e", "model: ur55")
    )
    file = tmp_path / "bad.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ProfileError) as caught:
        load_profile(str(file))
    message = str(caught.value)
    for start, said in (
        ("rate_hz: fast", "number"),
        ("comand_timeout_s", "did you mean 'command_timeout_s'"),
        ("stroke_m: -1", "greater than 0"),
    ):
        assert f"{file}:{line_of(text, start)}:" in message
        assert said in message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("model: ur5e", "model: ur5", "did you mean 'ur5e'"),
        ("velocity_rad_s: [2.6,", "velocity_rad_s: [9.9,", "above the maker's"),
        ("workspace_z_m: [-0.20, 1.00]", "workspace_z_m: [1.0, -0.2]", "not below"),
        ("  overview:\n", "  oversight:\n", "'overview' is required"),
        ("name: sim\n", "name: sim\nname: sim2\n", "appears twice"),
        ("name: expert", "name: guess", "planner"),
        ("name: expert", "name: teacher", "needs planner.teacher"),
        ("deadline_s: 10 ", "teacher: {url: ftp://here, model: m, coordinates: absolute} ", "http or https"),
    ],
)
def test_faults_that_types_cannot_see(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in SHIPPED
    file = tmp_path / "bad.yaml"
    file.write_text(SHIPPED.replace(old, new), encoding="utf-8")
    with pytest.raises(ProfileError, match=said):
        load_profile(str(file))


def test_another_planner_is_chosen_by_name(tmp_path: Path) -> None:
    profile = load_profile("sim")
    assert profile.planned_by(None) is profile and profile.planned_by("vla").planner.name == "vla"
    for planner, said in (("val", "did you mean 'vla'"), ("teacher", "planner.teacher")):
        with pytest.raises(ProfileError, match=said):
            profile.planned_by(planner)
    file = tmp_path / "served.yaml"
    file.write_text(SHIPPED.replace("  # teacher: {", "  teacher: {"), encoding="utf-8")
    endpoint = load_profile(str(file)).planned_by("teacher").planner.teacher
    assert endpoint is not None and endpoint.url == "http://localhost:8000/v1"


@pytest.mark.parametrize("text", ["", "a: [", "- 1", "!!python/object/apply:os.system ['true']", "\x00"])
def test_garbage_is_one_clear_error(tmp_path: Path, text: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    with pytest.raises(ProfileError):
        load_profile(str(file))
