"""What is remembered of a cell, from look to look, on a cell without physics that is seen from straight above."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from luban.motion.chain import Chain
from luban.motion.clearance import Hull
from luban.observation import Observation
from luban.profile import Profile
from luban.state import ArmState, BaseState, GripperState
from luban.step import ImagePoint, Skill, Step, StepRecord
from luban.work import Situation
from policies.planner.detector import Detection
from policies.planner.scene_memory import SceneMemory
from tests.sim.cell_model import VIEW

HEIGHT_M = VIEW.transform_camera_to_cell[2, 3]
FLAT = np.full(VIEW.depth_m.shape, HEIGHT_M, np.float32)  # an empty bench
GEAR, NUT = (0.45, 0.10, 0.0095), (0.55, -0.05, 0.0095)


class Looks:
    """A memory, and what it is shown next."""

    def __init__(self, profile: Profile) -> None:
        self.profile, self.memory = profile, SceneMemory(profile)
        self.depth_m, self.holding, self.history = FLAT.copy(), False, []
        station = profile.catalogue.stations["dock"]
        self.base = BaseState(0.0, station.x_m, station.y_m, station.yaw_rad, 0.0, 0.0)

    def __call__(self, *detections: Detection) -> Situation:
        still = np.zeros(6)
        arm = ArmState(0.0, (), np.array(self.profile.arm.home_rad), still, still, still)
        gripper = GripperState(0.0, 0.03, 0.0, self.holding)
        view = replace(VIEW, depth_m=self.depth_m)
        observation = Observation(0.0, {"overview": view}, arm, gripper, self.base)
        return self.memory.look(observation, detections, self.history)

    def did(self, skill: Skill, at_m: tuple[float, float, float], succeeded: bool = True) -> None:
        self.history.append(StepRecord(Step(skill, pixel(at_m)), succeeded))

    def drove(self, station: str, base: BaseState) -> None:
        self.history.append(StepRecord(Step(Skill.DRIVE, station=station), True))
        self.base = base

    def rises(self, at_m: tuple[float, float, float], height_m: float, half_px: int = 12) -> None:
        """Something stands at a place, seen by the depth."""
        u, v = (round(value) for value in (pixel(at_m).u, pixel(at_m).v))
        self.depth_m[v - half_px : v + half_px + 1, u - half_px : u + half_px + 1] = HEIGHT_M - height_m


@pytest.fixture
def look(profile: Profile) -> Looks:
    return Looks(profile)


def pixel(at_m: tuple[float, float, float]) -> ImagePoint:
    return VIEW.project(np.array(at_m))


def seen(
    shape: str, color: str, at_m: tuple[float, float, float], chance: float = 0.9, sure: float = 0.97
) -> Detection:
    point = pixel(at_m)
    rest = {"washer": 1 - sure}
    return Detection(point.u, point.v, chance, {shape: sure} | rest, {color: sure} | rest)


def parts(now: Situation) -> dict[str, tuple[str, str]]:
    return {part.id: (part.color, part.shape) for part in now.scene.parts}


def only(now: Situation) -> str:
    (part,) = parts(now)
    return part


def moved(at_m: tuple[float, float, float], by_m: float) -> tuple[float, float, float]:
    return at_m[0], at_m[1] + by_m, at_m[2]


def test_positions_are_those_of_the_cell(look) -> None:
    now = look(seen("gear", "red", GEAR), seen("nut", "blue", NUT))
    at = {part.shape: part.position_m for part in now.scene.parts}
    np.testing.assert_allclose(at["gear"], GEAR, atol=1e-9)
    np.testing.assert_allclose(at["nut"], NUT, atol=1e-9)
    assert now.station == "dock" and now.held is None and all(part.loose for part in now.scene.parts)


def test_a_part_keeps_its_name_where_it_lies_and_where_it_rolls(look) -> None:
    first = only(look(seen("gear", "red", GEAR)))
    look.did(Skill.PICK, GEAR, succeeded=False)
    assert only(look(seen("gear", "red", moved(GEAR, 0.005)))) == first
    assert only(look(seen("gear", "red", moved(GEAR, -0.2)))) == first
    assert parts(look(seen("bolt", "red", NUT))) == {"part2": ("red", "bolt")}  # another kind: another part


def test_two_looks_are_surer_of_a_colour_than_one(look) -> None:
    unsure = seen("gear", "red", GEAR, sure=0.6)
    name = only(look(unsure))
    look.did(Skill.PICK, GEAR, succeeded=False)
    look(unsure)
    assert look.memory.parts[name].colors["red"] > 0.65


def test_what_is_neither_found_nor_hidden_is_gone_and_turns_up_again(look) -> None:
    name = only(look(seen("gear", "red", GEAR)))
    look.did(Skill.PICK, GEAR, succeeded=False)
    assert not parts(look())
    assert only(look(seen("gear", "red", NUT))) == name


def test_what_the_arm_hides_stays(look) -> None:
    name = only(look(seen("gear", "red", GEAR)))
    look.did(Skill.PICK, NUT, succeeded=False)
    look.rises(GEAR, 0.30)
    assert only(look()) == name and not look.memory.parts[name].seen


def test_what_the_detector_overlooks_stays_as_long_as_something_stands_there(look) -> None:
    name = only(look(seen("gear", "red", GEAR)))
    look.did(Skill.PICK, NUT, succeeded=False)
    look.rises(GEAR, 0.017)
    assert only(look()) == name


def test_without_depth_the_posture_tells_what_is_hidden(look, profile) -> None:
    eye = VIEW.transform_camera_to_cell[:3, 3]
    chain = Chain.of(profile.arm)
    frames = chain.frames(np.array(profile.arm.home_rad)[None])
    beneath = frames[0, 3, :3, 3] * (1, 1, 0)
    assert Hull(chain).hides(frames, eye, eye + (frames[0, 3, :3, 3] - eye) * 1.2).all()
    assert not Hull(chain).hides(frames, eye, np.array(NUT)).any()
    assert np.hypot(*(beneath - NUT)[:2]) > 0.1
    look.depth_m = np.zeros_like(FLAT)
    look(seen("gear", "red", GEAR))
    look.did(Skill.PICK, GEAR, succeeded=False)
    assert not parts(look())


def test_double_detections_are_one_part_the_surer_one(look) -> None:
    now = look(seen("gear", "red", GEAR, 0.6), seen("bearing", "red", moved(GEAR, 0.015), 0.9))
    assert list(parts(now).values()) == [("red", "bearing")]
    shaft = seen("shaft", "white", NUT), seen("shaft", "white", moved(NUT, 0.04), 0.5)
    assert list(parts(Looks(look.profile)(*shaft)).values()) == [("white", "shaft")]


def test_what_is_in_the_air_or_beside_the_bench_is_no_part(look) -> None:
    look.rises(GEAR, 0.2)
    assert not parts(look(seen("gear", "red", GEAR), seen("nut", "blue", (1.2, 0.0, 0.0095))))


def test_a_part_is_followed_into_the_gripper_and_into_a_box(look, profile) -> None:
    name = only(look(seen("gear", "red", GEAR)))
    look.did(Skill.PICK, GEAR)
    look.holding = True
    now = look()
    assert now.held == name and parts(now) == {name: ("red", "gear")}
    tool = Chain.of(profile.arm).tool(np.array(profile.arm.home_rad)[None])[0, :3, 3]
    assert list(parts(look(seen("gear", "red", tuple(tool))))) == [name]  # seen in the gripper: no second part
    spot = now.free_spot("blue_bin")
    look.did(Skill.PLACE, tuple(spot))
    look.holding = False
    look.rises(tuple(spot), 0.3)  # the arm still stands above it
    now = look()
    assert now.held is None and now.scene.part(name).container == "blue_bin"
    look.depth_m = FLAT.copy()
    slid = spot + np.array([0.06, 0.0, 0.0095])
    assert look(seen("gear", "red", tuple(slid))).scene.part(name).container == "blue_bin"
    assert np.linalg.norm(look(seen("gear", "red", tuple(slid))).free_spot("blue_bin") - slid) > 0.08


def test_a_part_that_was_dropped_is_found_by_its_kind(look) -> None:
    name = only(look(seen("gear", "red", GEAR)))
    look.did(Skill.PICK, GEAR)
    look.holding = True
    look()
    look.did(Skill.PLACE, (0.5, 0.41, 0.005), succeeded=False)
    look.holding = False
    now = look(seen("gear", "red", NUT))
    assert only(now) == name and now.scene.part(name).loose


def test_something_in_the_gripper_that_nobody_saw_is_told_apart(look, profile) -> None:
    tool = Chain.of(profile.arm).tool(np.array(profile.arm.home_rad)[None])[0, :3, 3]
    look.holding = True
    now = look(seen("nut", "blue", NUT), seen("gear", "red", tuple(tool)))
    assert now.held and parts(now)[now.held] == ("red", "gear") and len(parts(now)) == 2
    now = look()  # a new task, and unseen it has no name
    assert now.scene.part(now.held or "").color == ""


def test_what_leaves_with_the_vehicle_is_remembered_and_comes_back(look, profile) -> None:
    stations = profile.catalogue.stations
    tote = np.array([0.10, -0.78, profile.catalogue.floor_z_m + 0.60 + 0.0095])
    look.rises(tuple(tote), tote[2] - 0.0095)
    name = only(look(seen("nut", "blue", tuple(tote))))
    assert look.memory.parts[name].container == "tote"
    away = stations["warehouse"]
    look.drove("warehouse", BaseState(1.0, away.x_m, away.y_m, away.yaw_rad, 0.0, 0.0))
    now = look()
    assert now.station == "warehouse" and now.scene.part(name).container == "tote"
    assert np.linalg.norm(now.scene.part(name).position_m[:2] - (away.x_m, away.y_m)) < 0.3
    look.drove("dock", replace(look.base, x_m=0.10, y_m=-0.78, yaw_rad=0.0))
    assert only(look(seen("nut", "blue", tuple(tote)))) == name


def test_odometry_that_has_drifted_is_set_right_by_each_arrival(look, profile) -> None:
    look()
    dock = profile.catalogue.stations["dock"]
    look.drove("dock", BaseState(1.0, dock.x_m + 0.4, dock.y_m - 0.3, dock.yaw_rad + 0.4, 0.0, 0.0))
    now = look()
    assert now.station == "dock"
    np.testing.assert_allclose(now.scene.places["tote"][:2], (dock.x_m, dock.y_m), atol=1e-9)
    look.history.clear()
    assert look().station == "dock"  # the next task
    look.base = replace(look.base, x_m=dock.x_m, y_m=dock.y_m, yaw_rad=dock.yaw_rad)
    assert look().station == "dock"  # set anew


def test_a_shaft_at_the_bore_is_inserted_when_it_is_deep_enough(look, profile) -> None:
    bore = profile.catalogue.fixtures["housing"]
    mouth = np.array(bore.position_m)
    along = np.array([np.cos(bore.yaw_rad), np.sin(bore.yaw_rad), 0.0])
    look.rises(tuple(mouth), mouth[2])
    for depth_m, inside in ((0.005, "housing"), (-0.045, None)):
        now = look(seen("shaft", "white", tuple(mouth + depth_m * along)))
        assert now.scene.part(only(now)).fixture == inside


def test_a_new_task_starts_from_what_is_seen(look) -> None:
    look(seen("gear", "red", GEAR))
    assert parts(look(seen("nut", "blue", NUT))).keys() == {"part2"}
