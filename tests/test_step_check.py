"""The check before motion, on images of the real cell: what is full, away or taken is vetoed with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from luban.errors import StepRejected
from luban.observation import CameraView, Observation
from luban.pose import Pose
from luban.profile import Profile
from luban.skill import SkillGoal
from luban.state import GripperState
from luban.step import ImagePoint, Skill, Step
from luban.step_check import StepCheck
from luban.task import Scene, SceneAgv, ScenePart
from policies.local_cell import LocalCell
from sim.housing import bore_pose

UPRIGHT = np.array([1.0, 0.0, 0.0, 0.0])
HOLDING = GripperState(0.0, 0.03, 30.0, True)


@pytest.fixture(scope="module")
def cell(profile: Profile) -> Iterator[LocalCell]:
    parts = [ScenePart(f"p{i}", "gear", "red", (0.40 + 0.08 * i, 0.0), 0.0) for i in range(2)]
    cell = LocalCell(profile, Scene(1, (*parts, ScenePart("s", "shaft", "white", (0.5, 0.15), 0.0))))
    yield cell
    cell.close()


def look(cell: LocalCell) -> Observation:
    return replace(cell.observe(), gripper=HOLDING)


def lay(cell: LocalCell, part: str, pose: Pose) -> None:
    at = cell.world.model.joint(f"part/{part}").qposadr[0]
    cell.world.data.qpos[at : at + 7] = [*pose.position_m, *pose.quaternion_wxyz]


def pointed(view: CameraView, at_m: np.ndarray) -> ImagePoint:
    return view.project(at_m)


def test_a_box_is_full_where_parts_reach_its_rim(cell: LocalCell, profile: Profile) -> None:
    check = StepCheck(profile)
    floor = np.array(profile.catalogue.containers["gray_tray"].position_m)
    place = Step(Skill.PLACE, pointed(look(cell).views["overview"], floor))
    check.step(place, look(cell))
    for index in range(2):  # one on the other
        lay(cell, f"p{index}", Pose(floor + np.array([0.0, 0.0, 0.0085 + 0.017 * index]), UPRIGHT))
    with pytest.raises(StepRejected, match="gray_tray is full there"):
        check.step(place, look(cell))
    beside = Step(Skill.PLACE, pointed(look(cell).views["overview"], floor - np.array([0.07, 0.0, 0.0])))
    check.step(beside, look(cell))


def test_the_tote_must_be_there(profile: Profile) -> None:
    for station, allowed in (("dock", True), ("warehouse", False)):
        cell = LocalCell(profile, Scene(1, (), SceneAgv(station)))
        try:
            observation = look(cell)
        finally:
            cell.close()
        tote = np.array([0.10, -0.78, profile.catalogue.floor_z_m + 0.60])
        place = Step(Skill.PLACE, pointed(observation.views["overview"], tote))
        if allowed:
            StepCheck(profile).step(place, observation)
        else:
            with pytest.raises(StepRejected, match="not at the dock"):
                StepCheck(profile).step(place, observation)


@pytest.mark.parametrize("depth_m", [0.035, 0.05])
def test_a_bore_takes_one_shaft(cell: LocalCell, profile: Profile, depth_m: float) -> None:
    check, bore = StepCheck(profile), profile.catalogue.fixtures["housing"]
    lay(cell, "s", Pose(np.array([0.5, 0.15, 0.0115]), UPRIGHT))
    insert = Step(Skill.INSERT, pointed(look(cell).views["overview"], np.array(bore.position_m)))
    check.step(insert, look(cell))
    inside = np.eye(4)
    inside[:3, :3] = [[0, 1, 0], [0, 0, 1], [1, 0, 0]]
    inside[2, 3] = depth_m - 0.0425
    lay(cell, "s", Pose.from_matrix(bore_pose(bore).matrix() @ inside))
    with pytest.raises(StepRejected, match="a shaft already sits in the housing"):
        check.step(insert, look(cell))


def test_what_the_gripper_cannot_span_and_the_arm_cannot_reach(cell: LocalCell, profile: Profile) -> None:
    check, observation = StepCheck(profile), look(cell)
    at = Pose(np.array([0.5, 0.0, 0.02]), UPRIGHT)
    check.goal(SkillGoal(Skill.PICK, at, width_m=0.056), observation)
    with pytest.raises(StepRejected, match="mm wide"):
        check.goal(SkillGoal(Skill.PICK, at, width_m=0.09), observation)
    for position in ([0.84, 0.7, 0.1], [2.0, 0.0, 0.1], [0.5, np.nan, 0.1]):
        with pytest.raises(StepRejected):
            check.goal(SkillGoal(Skill.PICK, replace(at, position_m=np.array(position))), observation)


def test_points_of_a_view_lie_on_what_it_shows(cell: LocalCell) -> None:
    view = look(cell).views["overview"]
    at = np.array([0.55, -0.15, 0.0])
    shown = view.around(view.project(at), 1)
    assert np.abs(shown - at).max() < 0.01 and len(shown) == 9
    np.testing.assert_allclose(view.on_level(view.project(at), 0.0), at, atol=1e-9)
