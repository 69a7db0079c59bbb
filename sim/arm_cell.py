"""The part of the cell that the arm's skills are trained in: bench, arm, gripper, what they handle, nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import mujoco

from luban.profile import Profile
from luban.task import ScenePart
from sim.arm import add_arm
from sim.cell import add_bench, set_physics
from sim.containers import add_container
from sim.gripper import add_gripper
from sim.housing import add_housing
from sim.parts import add_part


def arm_cell_spec(
    profile: Profile,
    parts: Sequence[ScenePart] = (),
    fixtures: Sequence[str] = (),
    containers: Sequence[str] = (),
    looks: bool = False,
) -> mujoco.MjSpec:
    """Return the same bodies, servos and contacts as the whole cell's, restricted to what a skill can meet.

    Nothing sleeps and no bounding volumes are used, so that randomised sizes and places need no bookkeeping. looks:
    keep what is only looked at.
    """
    spec = mujoco.MjSpec()
    spec.modelname = "luban arm"
    set_physics(spec, profile.physics_step_s)
    spec.option.enableflags &= ~int(mujoco.mjtEnableBit.mjENBL_SLEEP)
    spec.option.disableflags |= int(mujoco.mjtDisableBit.mjDSBL_MIDPHASE)
    spec.memory = 4 * 1024 * 1024
    for name in ("enamel", "metal", "paint", "plastic", "matt"):
        spec.add_material(name=name)
    catalogue = profile.catalogue
    for obstacle in catalogue.obstacles:
        if obstacle.kind == "bench":
            add_bench(spec, obstacle, catalogue)
    flange = add_arm(spec, profile.arm.arm_model())
    add_gripper(spec, flange, profile.gripper, profile.arm.tool_length_m)
    for name in containers:
        add_container(spec.worldbody, catalogue.containers[name], name)
    for name in fixtures:
        add_housing(spec, catalogue.fixtures[name], name)
    for part in parts:
        add_part(spec, part)
    if not looks:
        for geom in list(spec.geoms):
            if not (geom.contype or geom.conaffinity):
                spec.delete(geom)
    return spec
