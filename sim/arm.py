"""The arm in MuJoCo: body frames are the Denavit-Hartenberg frames of its maker, drawn with plain solids."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np

from luban.arm_model import ArmModel
from luban.pose import Pose
from sim.collision import ROBOT, solid, visual

CAPSULE, CYLINDER = mujoco.mjtGeom.mjGEOM_CAPSULE, mujoco.mjtGeom.mjGEOM_CYLINDER
ALUMINIUM, CAP, SEAL = (0.74, 0.76, 0.78, 1.0), (0.33, 0.53, 0.68, 1.0), (0.16, 0.17, 0.18, 1.0)

# The base's mass is not in the maker's table; 4.0 kg is what the maker's own ROS description uses. It never moves.
BASE_MASS_KG = 4.0


@dataclass(frozen=True)
class Servo:
    """A joint's position servo: stiffness [N·m/rad], damping [N·m·s/rad], reflected rotor inertia [kg·m²]."""

    stiffness: float
    damping: float
    armature: float


# Tuned on the compiled model, not published: stiff enough that a 125 Hz stream is followed within two milliradians,
# soft enough that half a millimetre of contact stays below 120 N at the tool.
SERVOS = (
    Servo(15000.0, 780.0, 1.0),
    Servo(15000.0, 780.0, 1.0),
    Servo(10000.0, 420.0, 0.7),
    Servo(3000.0, 70.0, 0.2),
    Servo(3000.0, 70.0, 0.2),
    Servo(2000.0, 50.0, 0.15),
)

# (radius [m], length [m], axis) of the solid cylinder whose inertia stands in for each link: the maker publishes
# no tensors for this size ("negligible"), so they are computed from the published mass and the link's outline.
_INERTIA = ((0.06, 0.15, 1), (0.055, 0.50, 0), (0.045, 0.45, 0), (0.04, 0.12, 1), (0.04, 0.12, 1), (0.0375, 0.05, 2))

# Solids per link in its DH frame: (kind, from, to, radius, colour). Proportions after the maker's drawings.
_LOOKS = {
    0: (
        (CYLINDER, (0, 0, 0), (0, 0, 0.014), 0.0755, ALUMINIUM),
        (CYLINDER, (0, 0, 0.014), (0, 0, 0.094), 0.0625, ALUMINIUM),
        (CYLINDER, (0, 0, 0.094), (0, 0, 0.102), 0.0600, SEAL),
    ),
    1: (
        (CYLINDER, (0, -0.0605, 0), (0, 0.030, 0), 0.0625, ALUMINIUM),
        (CAPSULE, (0, 0.018, -0.01), (0, 0.018, 0.01), 0.0610, ALUMINIUM),
        (CYLINDER, (0, 0, -0.068), (0, 0, 0.066), 0.0610, ALUMINIUM),
        (CYLINDER, (0, 0, -0.084), (0, 0, -0.068), 0.0570, CAP),
        (CYLINDER, (0, 0, 0.066), (0, 0, 0.072), 0.0580, SEAL),
    ),
    2: (
        (CYLINDER, (0.425, 0, 0.072), (0.425, 0, 0.196), 0.0610, ALUMINIUM),
        (CYLINDER, (0.425, 0, 0.196), (0.425, 0, 0.211), 0.0570, CAP),
        (CAPSULE, (0.425, 0, 0.138), (0, 0, 0.138), 0.0460, ALUMINIUM),
        (CYLINDER, (0.355, 0, 0.138), (0.349, 0, 0.138), 0.0475, SEAL),
        (CYLINDER, (0.070, 0, 0.138), (0.064, 0, 0.138), 0.0475, SEAL),
        (CYLINDER, (0, 0, 0.074), (0, 0, 0.190), 0.0545, ALUMINIUM),
        (CYLINDER, (0, 0, 0.190), (0, 0, 0.205), 0.0505, CAP),
        (CYLINDER, (0, 0, 0.068), (0, 0, 0.074), 0.0515, SEAL),
    ),
    3: (
        (CYLINDER, (0.3922, 0, -0.048), (0.3922, 0, 0.068), 0.0540, ALUMINIUM),
        (CYLINDER, (0.3922, 0, -0.062), (0.3922, 0, -0.048), 0.0500, CAP),
        (CAPSULE, (0.3922, 0, 0.007), (0, 0, 0.007), 0.0375, ALUMINIUM),
        (CYLINDER, (0.330, 0, 0.007), (0.324, 0, 0.007), 0.0390, SEAL),
        (CYLINDER, (0.056, 0, 0.007), (0.050, 0, 0.007), 0.0390, SEAL),
        (CYLINDER, (0, 0, -0.040), (0, 0, 0.064), 0.0400, ALUMINIUM),
        (CYLINDER, (0, 0, -0.053), (0, 0, -0.040), 0.0365, CAP),
        (CYLINDER, (0, 0, 0.064), (0, 0, 0.070), 0.0375, SEAL),
    ),
    4: (
        (CYLINDER, (0, -0.0633, 0), (0, 0.040, 0), 0.0400, ALUMINIUM),
        (CYLINDER, (0, 0.040, 0), (0, 0.053, 0), 0.0365, CAP),
        (CYLINDER, (0, 0, 0), (0, 0, 0.046), 0.0395, ALUMINIUM),
        (CYLINDER, (0, 0, 0.046), (0, 0, 0.052), 0.0370, SEAL),
    ),
    5: (
        (CYLINDER, (0, 0.0477, 0), (0, -0.040, 0), 0.0400, ALUMINIUM),
        (CYLINDER, (0, -0.040, 0), (0, -0.053, 0), 0.0365, CAP),
        (CYLINDER, (0, 0, 0), (0, 0, 0.045), 0.0395, ALUMINIUM),
        (CYLINDER, (0, 0, 0.045), (0, 0, 0.051), 0.0365, SEAL),
    ),
    6: (
        (CYLINDER, (0, 0, -0.0486), (0, 0, -0.012), 0.0375, ALUMINIUM),
        (CYLINDER, (0, 0, -0.012), (0, 0, 0), 0.0315, SEAL),
    ),
}

# Light collision solids: (from, to, radius).
_SOLIDS = {
    1: (((0, 0, -0.05), (0, 0, 0.05), 0.062),),
    2: (((0.425, 0, 0.138), (0, 0, 0.138), 0.058),),
    3: (((0.3922, 0, 0.007), (0, 0, 0.007), 0.046),),
    4: (((0, -0.03, 0), (0, 0.015, 0), 0.041),),
    5: (((0, 0.015, 0), (0, -0.015, 0), 0.041),),
}


def add_arm(spec: mujoco.MjSpec, arm: ArmModel) -> mujoco.MjsBody:
    """Add an arm on the cell's origin with one position servo per joint; return the body of its flange.

    Bodies `arm/base`, `arm/link1`..; joints and actuators carry the maker's joint names; site `flange`.
    """
    half_yaw = arm.base_yaw_rad / 2
    body = spec.worldbody.add_body(name="arm/base", quat=[np.cos(half_yaw), 0, 0, np.sin(half_yaw)])
    body.explicitinertial, body.mass = True, BASE_MASS_KG
    body.ipos, body.inertia = [0, 0, 0.05], [0.01, 0.01, 0.01]
    _dress(body, 0)
    previous = np.eye(4)
    for index, name in enumerate(arm.joint_names):
        transform = np.linalg.inv(previous) @ _untwisted(arm, index)
        previous = _untwisted(arm, index)
        body = _add_link(body, arm, index, transform)
        _add_servo(spec, name, SERVOS[index], arm.effort_limit_nm[index])
    body.add_site(name="flange", group=4)
    for near, far in ((0, 1), (1, 2), (2, 3), (3, 4), (4, 5)):
        spec.add_exclude(bodyname1=_link(near), bodyname2=_link(far))
    return body


def _link(index: int) -> str:
    return f"arm/link{index}" if index else "arm/base"


def _untwisted(arm: ArmModel, index: int) -> np.ndarray:
    """Transform of a link's DH frame to the arm's base at zero joint angles, without the base's yaw."""
    yaw = arm.base_yaw_rad
    to_base = np.eye(4)
    to_base[:2, :2] = [[np.cos(yaw), np.sin(yaw)], [-np.sin(yaw), np.cos(yaw)]]
    return to_base @ arm.link_transforms(np.zeros(len(arm.joint_names)))[index]


def _add_link(parent: mujoco.MjsBody, arm: ArmModel, index: int, transform: np.ndarray) -> mujoco.MjsBody:
    """Add a body whose frame is the link's DH frame: the joint turns about the z axis of the previous one."""
    pose = Pose.from_matrix(transform)
    body = parent.add_body(name=_link(index + 1), pos=pose.position_m, quat=pose.quaternion_wxyz, gravcomp=1.0)
    inverse = np.linalg.inv(transform)
    effort = arm.effort_limit_nm[index]
    body.add_joint(
        name=arm.joint_names[index],
        type=mujoco.mjtJoint.mjJNT_HINGE,
        pos=inverse[:3, 3],
        axis=inverse[:3, 2],
        range=arm.position_limit_rad[index],
        limited=True,
        armature=SERVOS[index].armature,
        damping=[0.5, 0.0, 0.0],
        actgravcomp=True,  # the motors carry the weight: it counts in the measured effort and in its limit
        actfrcrange=[-effort, effort],
        actfrclimited=True,
    )
    radius, length, axis = _INERTIA[index]
    mass = arm.mass_kg[index]
    inertia = np.full(3, mass * (3 * radius**2 + length**2) / 12)
    inertia[axis] = mass * radius**2 / 2
    body.explicitinertial, body.mass = True, mass
    body.ipos, body.inertia = arm.center_of_mass_m[index], inertia
    _dress(body, index + 1)
    return body


def _dress(body: mujoco.MjsBody, index: int) -> None:
    for kind, start, end, radius, color in _LOOKS[index]:
        visual(body.add_geom(type=kind, fromto=[*start, *end], size=[radius, 0, 0], rgba=color, material="enamel"))
    for start, end, radius in _SOLIDS.get(index, ()):
        solid(body.add_geom(type=CAPSULE, fromto=[*start, *end], size=[radius, 0, 0], mass=0.0), ROBOT)


def _add_servo(spec: mujoco.MjSpec, joint: str, servo: Servo, effort_nm: float) -> None:
    actuator = spec.add_actuator(name=joint, target=joint, trntype=mujoco.mjtTrn.mjTRN_JOINT)
    # The setpoint is the actuator's own state and moves with the commanded speed, so that it is smooth between two
    # commands without a callback per physics step.
    actuator.set_to_intvelocity(kp=servo.stiffness, kv=servo.damping)
    actuator.actrange, actuator.actlimited = [-3 * np.pi, 3 * np.pi], True
    actuator.forcerange, actuator.forcelimited = [-effort_nm, effort_nm], True
