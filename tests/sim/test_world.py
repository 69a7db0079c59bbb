"""The World: deterministic, mirrored, seen by calibrated cameras, judged from truth."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import mujoco
import numpy as np
import pytest

from luban.errors import DeviceError, LubanError, MissingComponent, SkillError
from luban.profile import load_profile
from luban.state import ArmCommand, GripperCommand
from luban.task import Scene, SceneAgv, ScenePart
from sim.viewer import Viewer
from sim.world import World
from tests.sim.arm_motion import Motion, joints_for, tool_down

PROFILE = load_profile("sim")
ROOT = Path(__file__).resolve().parents[2]
UP_M = np.array([0.0, 0.0, 1.0])
SCENE = Scene(
    7,
    (
        ScenePart("p1", "gear", "red", (0.45, 0.10), 0.3),
        ScenePart("p2", "nut", "blue", (0.55, -0.15), 1.0),
        ScenePart("p3", "bearing", "yellow", (0.52, 0.18), -2.0),
    ),
)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    result = World(PROFILE, SCENE)
    yield result
    result.close()


def _command(world: World, position: np.ndarray, velocity: np.ndarray | None = None) -> ArmCommand:
    names = PROFILE.arm.arm_model().joint_names
    return ArmCommand(world.time_s, world.time_s + 0.1, names, position, np.zeros(6) if velocity is None else velocity)


def test_same_scene_same_commands_same_bits() -> None:
    states = []
    for look in (False, True):
        world = World(PROFILE, SCENE)
        start = world.arm.read().position_rad
        for k in range(60):
            world.arm.send(_command(world, start + 0.002 * k, np.full(6, 0.25)))
            world.gripper.send(GripperCommand(world.time_s, world.time_s + 1, 0.02))
            world.step(0.008)
            if look:  # neither truth nor a picture may disturb the physics
                world.truth()
                if k % 20 == 0:
                    world.render("overview")
        states.append(world.state())
        world.close()
    np.testing.assert_array_equal(states[0], states[1])


def test_a_mirror_shows_the_same(world: World) -> None:
    other = World(PROFILE, SCENE)
    other.step(0.5)
    other.mirror(world.state())
    assert other.time_s == world.time_s
    np.testing.assert_array_equal(other.state(), world.state())
    np.testing.assert_array_equal(other.render("overview").color, world.render("overview").color)
    with pytest.raises(LubanError, match=r"shape \(3,\)"):
        other.mirror(np.zeros(3))
    other.close()


def test_a_known_part_is_seen_where_it_is(world: World) -> None:
    view = world.render("overview")
    for part in world.truth().parts.values():
        top = part.pose.position_m + UP_M * 0.008
        # The rim of the part, not its bore.
        rim = top + part.pose.matrix()[:3, 0] * (0.0125 if part.shape == "bearing" else 0.016)
        point = view.project(rim)
        u, v = round(point.u), round(point.v)
        red, green, blue = view.color[v, u].astype(int)
        strongest = {"red": red > 2 * max(green, blue), "blue": blue > 1.5 * red, "yellow": min(red, green) > 2 * blue}
        assert strongest[part.color], (part.id, (red, green, blue))


def test_depth_is_metres_along_the_optical_axis(world: World) -> None:
    view = world.render("overview")
    to_camera = np.linalg.inv(view.transform_camera_to_cell)
    for position in ([0.40, 0.0, 0.0], [0.60, 0.2, 0.0], [0.50, -0.41, 0.005], [0.3, 0.41, 0.005]):
        point = view.project(np.array(position))
        measured = view.depth_m[round(point.v), round(point.u)]
        assert measured == pytest.approx((to_camera @ np.append(position, 1))[2], abs=0.005)
    origin, direction = view.ray(point)
    np.testing.assert_allclose(np.cross(np.array(position) - origin, direction), 0, atol=1e-9)


def test_the_wrist_camera_sees_the_point_between_the_pads(world: World) -> None:
    view = world.render("wrist")
    point = view.project(world.truth().tool.position_m)
    assert view.contains(point)
    assert view.color.shape == (PROFILE.cameras["wrist"].height_px, PROFILE.cameras["wrist"].width_px, 3)
    np.testing.assert_allclose(view.intrinsics, PROFILE.cameras["wrist"].intrinsics())


def test_an_unknown_camera_is_named(world: World) -> None:
    with pytest.raises(LubanError, match="unknown camera 'overveiw'; did you mean 'overview'"):
        world.render("overveiw")


def test_missing_opengl_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    class NoContext:
        def __init__(self, *size: int) -> None:
            raise ImportError("libEGL.so.1: cannot open shared object file")

    monkeypatch.setattr(mujoco, "GLContext", NoContext)
    monkeypatch.setattr("mujoco.egl.GLContext", NoContext)
    world = World(PROFILE, Scene(1))
    with pytest.raises(MissingComponent, match="apt-get install libegl1 libgl1-mesa-dri"):
        world.render("overview")
    world.close()


def test_cameras_work_when_mujoco_was_imported_first() -> None:
    program = (
        "import mujoco\n"
        "from luban.profile import load_profile\n"
        "from luban.task import Scene\n"
        "from sim.world import World\n"
        "world = World(load_profile('sim'), Scene(1))\n"
        "assert world.render('wrist').color.std() > 5\n"
        "world.close()\n"
    )
    environment = {name: value for name, value in os.environ.items() if name not in ("MUJOCO_GL", "DISPLAY")}
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120, cwd=ROOT, env=environment)


def test_a_scene_that_does_not_fit_lists_its_faults() -> None:
    parts = (ScenePart("a", "gear", "red", (0.45, 0.0), 0), ScenePart("b", "nut", "red", (0.46, 0.0), 0))
    with pytest.raises(SkillError, match=r"overlap.*\n.*unknown station 'dok'; did you mean 'dock'"):
        World(PROFILE, Scene(1, parts, SceneAgv("dok")))


def test_goals_are_judged_from_truth(world: World) -> None:
    assert world.holds(("not_in", "p1", "blue_bin"))
    assert not world.holds(("in", "p1", "blue_bin"))
    assert not world.holds(("inserted", "p1", "housing"))
    assert world.holds(("at", "agv", "dock"))
    assert not world.holds(("at", "agv", "warehouse"))
    with pytest.raises(LubanError, match="unknown part 'p9'"):
        world.holds(("in", "p9", "blue_bin"))


def test_the_tote_rides_on_the_vehicle() -> None:
    world = World(PROFILE, Scene(1, (), SceneAgv("assembly")))
    station, tote = PROFILE.catalogue.stations["assembly"], PROFILE.catalogue.containers["tote"]
    expected = [station.x_m, station.y_m, PROFILE.catalogue.floor_z_m + tote.position_m[2]]
    np.testing.assert_allclose(world.truth().containers["tote"].position_m, expected, atol=0.003)
    assert world.holds(("at", "agv", "assembly"))
    world.close()


def test_stepping_by_nothing_is_refused(world: World) -> None:
    with pytest.raises(LubanError, match=r"at least 0\.002 s"):
        world.step(0.0005)


def test_the_arm_follows_a_stream_within_milliradians() -> None:
    world = World(PROFILE, SCENE)
    home = world.arm.read().position_rad
    period, error = 1.0 / PROFILE.arm.rate_hz, 0.0
    rate = 2 * np.pi * 0.5
    for k in range(250):
        phase = rate * k * period
        world.arm.send(_command(world, home + 0.3 * (1 - np.cos(phase)), np.full(6, 0.3 * rate * np.sin(phase))))
        world.step(period)
        due = home + 0.3 * (1 - np.cos(phase + rate * period))
        error = max(error, float(np.abs(world.arm.read().position_rad - due).max()))
    assert error < 0.002
    world.close()


def test_a_stopped_arm_holds_the_measured_position() -> None:
    world = World(PROFILE, SCENE)
    home = world.arm.read().position_rad
    for k in range(25):
        world.arm.send(_command(world, home + 0.008 * k, np.ones(6)))
        world.step(0.008)
    measured = world.arm.read().position_rad
    world.arm.stop()
    world.step(1.0)
    state = world.arm.read()
    np.testing.assert_allclose(state.position_rad, measured, atol=1e-3)
    assert np.abs(state.velocity_rad_s).max() < 1e-3
    world.close()


def test_the_wrist_wrench_is_free_of_the_tools_weight() -> None:
    world = World(PROFILE, SCENE)
    motion = Motion(world)
    home = world.arm.read().position_rad
    for turn in ([0, 0, 0, 0.9, 0, 0], [0.4, 0.3, 0, -0.5, 0.8, 1.2], [0, 0, 0, 0, -0.9, 0.5]):
        steps, goal = 125, home + np.array(turn)
        for k in range(steps):
            world.arm.send(_command(world, home + (goal - home) * (k + 1) / steps))
            world.step(motion.period_s)
        world.step(1.0)
        wrench = world.arm.read().wrench
        assert np.abs(wrench[:3]).max() < 0.05 and np.abs(wrench[3:]).max() < 0.01
        home = goal
    world.close()


def test_pressing_on_the_bench_pushes_the_tool_back() -> None:
    world = World(PROFILE, SCENE)
    motion = Motion(world)
    motion.grip(0.0, 0.8)
    motion.to(tool_down([0.30, 0.10, 0.02], 0.0), 1.0)
    motion.to(tool_down([0.30, 0.10, 0.0073], 0.0), 0.5)
    assert abs(world.arm.read().wrench[2]) < 0.1
    motion.to(tool_down([0.30, 0.10, 0.0069], 0.0), 0.5)
    force = world.arm.read().wrench[:3]
    assert -120 < force[2] < -5.0 and abs(force[2]) > 1.5 * np.hypot(force[0], force[1])  # tool z points down
    world.close()


def test_raw_devices_refuse_what_is_not_a_number(world: World) -> None:
    home = world.arm.read().position_rad
    for position in (home * np.nan, home[:5]):
        with pytest.raises(DeviceError, match="position_rad needs 6 finite numbers"):
            world.arm.send(_command(world, position))
    with pytest.raises(DeviceError, match="needs the joints shoulder_pan_joint"):
        world.arm.send(ArmCommand(0, 1, ("a",), home, home))
    with pytest.raises(DeviceError, match="finite"):
        world.gripper.send(GripperCommand(0, 1, float("nan")))
    sent = world.gripper.send(GripperCommand(0, 1, 1.0, 500.0))
    assert (sent.opening_m, sent.force_n) == (PROFILE.gripper.stroke_m, PROFILE.gripper.force_n)


def test_a_closed_device_says_what_is_required() -> None:
    world = World(PROFILE, Scene(1))
    world.arm.close()
    with pytest.raises(DeviceError, match=r"read needs a connection, it is closed; call connect\(\)"):
        world.arm.read()
    world.arm.connect()
    assert world.arm.read().position_rad.shape == (6,)
    world.close()


def test_every_container_and_the_housing_can_be_reached(world: World) -> None:
    home = world.arm.read().position_rad
    for pose in [*world.truth().containers.values(), *world.truth().fixtures.values()]:
        towards = np.arctan2(pose.position_m[1], pose.position_m[0])
        angles = joints_for(
            world, tool_down(pose.position_m + UP_M * 0.05, 0.0), home + towards * np.eye(6)[[0, 5]].sum(axis=0)
        )
        assert np.abs(angles).max() < 2 * np.pi


def test_at_home_the_arm_hides_nothing_that_matters(world: World) -> None:
    """Depth at the pixel of every place that a planner must see is the depth of that place."""
    view = world.render("overview")
    to_camera = np.linalg.inv(view.transform_camera_to_cell)
    area = PROFILE.catalogue.parts_area
    places = [np.array([x, y, 0.0]) for x in np.linspace(*area.x_m, 9) for y in np.linspace(*area.y_m, 15)]
    for name, pose in world.truth().containers.items():
        half = np.array(PROFILE.catalogue.containers[name].inner_size_m[:2]) / 2
        corners = [(0, 0), (0.6, 0.6), (0.6, -0.6), (-0.3, 0.6), (-0.3, -0.6)]
        places += [pose.position_m + np.array([half[0] * a, half[1] * b, 0]) for a, b in corners]
    hidden = []
    for place in places:
        point = view.project(place)
        assert view.contains(point), place
        seen = view.depth_m[round(point.v), round(point.u)]
        if (to_camera @ np.append(place, 1))[2] - seen > 0.04:  # more than a part lies before it
            hidden.append(place.round(3).tolist())
    assert not hidden


def test_the_housing_is_in_view(world: World) -> None:
    view = world.render("overview")
    bore = world.truth().fixtures["housing"].matrix()
    point = view.project(bore[:3, 3] + bore[:3, 2] * 0.03 + [0, 0, 0.03])
    red, green, blue = view.color[round(point.v), round(point.u)].astype(int)
    assert view.contains(point) and green > 1.3 * red and blue > 1.3 * red


def test_a_picture_for_people_leaves_the_cameras_as_they_were(world: World) -> None:
    before = world.render("overview")
    picture = world.picture(400, 300)
    assert picture.shape == (300, 400, 3) and picture.std() > 20
    after = world.render("overview")
    np.testing.assert_array_equal(before.color, after.color)
    np.testing.assert_array_equal(before.depth_m, after.depth_m)


def test_without_a_screen_the_viewer_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(MissingComponent, match="the viewer needs a screen"):
        Viewer(world)
