"""A parallel two-finger gripper: two coupled slides with rubber pads, a wrist sensor behind them."""

from __future__ import annotations

import mujoco

from luban.profile import GripperConfig
from sim.collision import ROBOT, solid, visual

BOX, CYLINDER = mujoco.mjtGeom.mjGEOM_BOX, mujoco.mjtGeom.mjGEOM_CYLINDER
DARK, STEEL, RUBBER = (0.13, 0.14, 0.15, 1.0), (0.62, 0.64, 0.66, 1.0), (0.09, 0.09, 0.10, 1.0)

MASS_KG = 0.92  # class of a Robotiq 2F-85 (0.925 kg), fingers included
FINGER_MASS_KG = 0.09
PAD_HALF_M = (0.011, 0.002, 0.0155)  # 22 mm wide, 4 mm thick, 31 mm tall
PAD_TIP_M = 0.007  # how far the pads reach beyond the tool's origin
FINGER_THICKNESS_M = 0.008  # pad and its backing, along the closing direction
PALM_HALF_M = (0.020, 0.064)  # of the finger guide, along the tool's x and y
PALM_FACE_M = 0.103  # of the finger guide's lower face below the flange
_BODY_CENTRE_M, _FINGER_CENTRE_M = 0.055, -0.035  # of mass: below the flange, and ahead of the tool's origin
STIFFNESS_N_M = 20000.0
DAMPING_NS_M = 260.0
ROTOR_KG = 0.6  # reflected mass of motor and gears


def add_gripper(spec: mujoco.MjSpec, flange: mujoco.MjsBody, gripper: GripperConfig, tool_length_m: float) -> None:
    """Add the gripper to the flange's body: body `gripper`, sites `wrist` and `tool`, actuator `gripper`.

    The tool frame: origin between the pads, z out along the approach, y along the closing direction.
    """
    body = flange.add_body(name="gripper", gravcomp=1.0)
    body.explicitinertial, body.mass = True, MASS_KG - 2 * FINGER_MASS_KG
    body.ipos, body.inertia = [0, 0, _BODY_CENTRE_M], [0.0011, 0.0012, 0.0007]
    _dress(body)
    body.add_site(name="wrist", group=4)
    body.add_site(name="tool", pos=[0, 0, tool_length_m], group=4)
    body.add_site(name="wrist/centre", pos=[0, 0, centre_of_mass_m(tool_length_m)], group=4)
    for name, side in (("left", 1.0), ("right", -1.0)):
        _add_finger(body, name, side, gripper.stroke_m, tool_length_m)
    spec.add_equality(
        name="gripper/coupling",
        type=mujoco.mjtEq.mjEQ_JOINT,
        objtype=mujoco.mjtObj.mjOBJ_JOINT,
        name1="gripper/left",
        name2="gripper/right",
        data=[0, 1] + [0] * 10,
        solref=[0.004, 1.0],
        solimp=[0.98, 0.995, 0.001, 0.5, 2],
    )
    actuator = spec.add_actuator(name="gripper", target="gripper/left", trntype=mujoco.mjtTrn.mjTRN_JOINT)
    actuator.set_to_position(kp=STIFFNESS_N_M, kv=DAMPING_NS_M)
    actuator.forcerange, actuator.forcelimited = [-4 * gripper.force_n, 4 * gripper.force_n], True
    for name, kind, site in (
        ("wrist/force", mujoco.mjtSensor.mjSENS_FORCE, "wrist"),
        ("wrist/torque", mujoco.mjtSensor.mjSENS_TORQUE, "wrist"),
        ("wrist/acceleration", mujoco.mjtSensor.mjSENS_ACCELEROMETER, "wrist/centre"),
    ):
        spec.add_sensor(name=name, type=kind, objtype=mujoco.mjtObj.mjOBJ_SITE, objname=site)


def centre_of_mass_m(tool_length_m: float) -> float:
    """How far the tool's centre of mass lies ahead of the flange; the fingers move against each other."""
    fingers_m = tool_length_m + _FINGER_CENTRE_M
    return ((MASS_KG - 2 * FINGER_MASS_KG) * _BODY_CENTRE_M + 2 * FINGER_MASS_KG * fingers_m) / MASS_KG


def _dress(body: mujoco.MjsBody) -> None:
    for start, end, radius, color in ((0.0, 0.030, 0.0375, STEEL), (0.030, 0.034, 0.036, DARK)):
        cylinder = {"type": CYLINDER, "fromto": [0, 0, start, 0, 0, end], "size": [radius, 0, 0]}
        visual(body.add_geom(**cylinder, rgba=color, material="metal"))
    visual(body.add_geom(type=BOX, pos=[0, 0, 0.064], size=[0.029, 0.040, 0.030], rgba=DARK, material="enamel"))
    guide = {"type": BOX, "pos": [0, 0, PALM_FACE_M - 0.006], "size": [*PALM_HALF_M, 0.006]}
    visual(body.add_geom(**guide, rgba=STEEL, material="metal"))
    for side in (-1, 1):
        label = {"type": BOX, "pos": [side * 0.0292, 0, 0.064], "size": [0.0006, 0.022, 0.008]}
        visual(body.add_geom(**label, rgba=(0.9, 0.55, 0.1, 1)))
    solid(body.add_geom(type=CYLINDER, fromto=[0, 0, 0.005, 0, 0, 0.09], size=[0.042, 0, 0], mass=0.0), ROBOT)
    solid(body.add_geom(**guide, mass=0.0), ROBOT)


def _add_finger(body: mujoco.MjsBody, name: str, side: float, stroke_m: float, tool_length_m: float) -> None:
    """Add one finger; joint position 0 = closed, growing outwards, half the opening."""
    finger = body.add_body(name=f"gripper/{name}", pos=[0, 0, tool_length_m], gravcomp=1.0)
    finger.explicitinertial, finger.mass = True, FINGER_MASS_KG
    finger.ipos, finger.inertia = [0, side * 0.006, _FINGER_CENTRE_M], [6e-5, 6e-5, 1e-5]
    finger.add_joint(
        name=f"gripper/{name}",
        type=mujoco.mjtJoint.mjJNT_SLIDE,
        axis=[0, side, 0],
        range=[0, stroke_m / 2],
        limited=True,
        armature=ROTOR_KG / 2,
        damping=[2.0, 0.0, 0.0],
    )
    thick, pad = FINGER_THICKNESS_M / 2, PAD_HALF_M[1]
    center_z = PAD_TIP_M - PAD_HALF_M[2]
    solid(
        finger.add_geom(
            name=f"gripper/{name}_pad",
            type=BOX,
            pos=[0, side * pad, center_z],
            size=PAD_HALF_M,
            rgba=RUBBER,
            mass=0.0,
            friction=[1.0, 0.02, 0.0005],  # rubber on metal
            condim=4,
            priority=1,
            solref=[0.006, 1.0],
            solimp=[0.95, 0.99, 0.001, 0.5, 2],
        ),
        ROBOT,
        visible=True,
    )
    start, end = PALM_FACE_M - tool_length_m, PAD_TIP_M - 0.001
    backing = finger.add_geom(
        type=BOX,
        pos=[0, side * (thick + pad), (start + end) / 2],
        size=[0.010, thick - pad, (end - start) / 2],
        rgba=STEEL,
        mass=0.0,
        material="metal",
    )
    solid(backing, ROBOT, visible=True)
    carriage = {"type": BOX, "pos": [0, side * 0.010, start + 0.007], "size": [0.016, 0.010, 0.007]}
    visual(finger.add_geom(**carriage, rgba=DARK, material="enamel"))
