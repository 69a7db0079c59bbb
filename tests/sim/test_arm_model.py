"""The compiled arm against its maker's published figures."""

from __future__ import annotations

import mujoco
import numpy as np
import pytest

from luban.arm_model import UR5E
from luban.profile import load_profile
from sim.arm import add_arm
from sim.cell import set_physics
from sim.gripper import MASS_KG, add_gripper


@pytest.fixture(scope="module")
def model() -> mujoco.MjModel:
    profile = load_profile("sim")
    spec = mujoco.MjSpec()
    set_physics(spec, profile.physics_step_s)
    for material in ("enamel", "metal"):
        spec.add_material(name=material)
    add_gripper(spec, add_arm(spec, UR5E), profile.gripper, profile.arm.tool_length_m)
    return spec.compile()


def _joint_addresses(model: mujoco.MjModel) -> list[int]:
    return [int(model.joint(name).qposadr[0]) for name in UR5E.joint_names]


def test_forward_kinematics_equal_the_published_ones(model: mujoco.MjModel) -> None:
    data = mujoco.MjData(model)
    generator = np.random.default_rng(0)
    for _ in range(40):
        angles = generator.uniform(-np.pi, np.pi, 6)
        data.qpos[_joint_addresses(model)] = angles
        mujoco.mj_kinematics(model, data)
        flange = UR5E.flange_transform(angles)
        np.testing.assert_allclose(data.site("flange").xpos, flange[:3, 3], atol=1e-6)
        np.testing.assert_allclose(data.site("flange").xmat.reshape(3, 3), flange[:3, :3], atol=1e-6)
        for index, link in enumerate(UR5E.link_transforms(angles), start=1):
            np.testing.assert_allclose(data.body(f"arm/link{index}").xpos, link[:3, 3], atol=1e-6)


def test_the_tool_lies_in_front_of_the_flange(model: mujoco.MjModel) -> None:
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    offset = data.site("flange").xmat.reshape(3, 3).T @ (data.site("tool").xpos - data.site("flange").xpos)
    np.testing.assert_allclose(offset, [0, 0, load_profile("sim").arm.tool_length_m], atol=1e-9)


def test_at_zero_the_arm_stretches_along_x(model: mujoco.MjModel) -> None:
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    # ROS convention of base_link: 0.425 + 0.3922 along +x, 0.1333 + 0.0996 along +y, 0.1625 - 0.0997 up.
    np.testing.assert_allclose(data.site("flange").xpos, [0.8172, 0.2329, 0.0628], atol=1e-6)


def test_masses_and_centres_are_the_published_ones(model: mujoco.MjModel) -> None:
    bodies = [model.body(f"arm/link{index}") for index in range(1, 7)]
    np.testing.assert_allclose([body.mass[0] for body in bodies], UR5E.mass_kg, rtol=1e-9)
    np.testing.assert_allclose([body.ipos for body in bodies], UR5E.center_of_mass_m, atol=1e-9)
    assert sum(body.mass[0] for body in bodies) == pytest.approx(17.7)  # 3.761 + 8.058 + 2.846 + 1.37 + 1.3 + 0.365
    assert model.body("gripper").subtreemass[0] == pytest.approx(MASS_KG)


def test_inertias_are_physical(model: mujoco.MjModel) -> None:
    for index in range(1, 7):
        a, b, c = sorted(model.body(f"arm/link{index}").inertia)
        assert a > 0 and a + b >= c * (1 - 1e-9)


def test_limits_are_the_published_ones(model: mujoco.MjModel) -> None:
    for name, position, effort in zip(UR5E.joint_names, UR5E.position_limit_rad, UR5E.effort_limit_nm, strict=True):
        np.testing.assert_allclose(model.joint(name).range, position)
        np.testing.assert_allclose(model.jnt_actfrcrange[model.joint(name).id], [-effort, effort])
        np.testing.assert_allclose(model.actuator(name).forcerange, [-effort, effort])


def test_motors_carry_the_weight(model: mujoco.MjModel) -> None:
    """The torque that holds the stretched arm equals weight times lever of every link and the gripper."""
    data = mujoco.MjData(model)
    data.act[:], data.ctrl[: len(UR5E.joint_names)] = 0.0, 0.0
    mujoco.mj_step(model, data, 1500)
    lever = 0.0
    for body in range(1, model.nbody):
        if model.body(body).name != "arm/base" and model.body(body).name != "arm/link1":
            lever += model.body_mass[body] * 9.81 * (data.xipos[body][0] - 0.0)
    measured = data.qfrc_actuator[model.joint("shoulder_lift_joint").dofadr[0]]
    assert abs(measured) == pytest.approx(lever, rel=1e-3)
    assert 40 < abs(measured) < 150
