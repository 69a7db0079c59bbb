"""The robot description (URDF) of a compiled MuJoCo model: one source for physics, RViz, Foxglove and kinematics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

import mujoco
import numpy as np

WORLD = "world"
# MuJoCo cameras look along -z with y up; ROS optical frames look along +z with y down.
_CAMERA_TO_OPTICAL = np.diag([1.0, -1.0, -1.0])
_PLANE_EXTENT_M = 20.0


def urdf(model: mujoco.MjModel, root_body: str, name: str, frames: Sequence[str] | None = None) -> str:
    """Return the URDF of the bodies below (and with) `root_body`; its root link is always `world`, the cell frame.

    Every body becomes a link, every joint keeps its name, every camera becomes the link `<camera>_optical_frame`, and
    every named site (or those in `frames`) becomes a link. Free bodies hang on floating joints. Forward kinematics
    equals the model's; a mesh is shown as its bounding box.

    Raises:
        KeyError: no such body. ValueError: a joint that URDF cannot express.
    """
    robot = ElementTree.Element("robot", name=name)
    root = model.body(root_body).id
    names: dict[int, str] = {0: WORLD}
    _link(robot, WORLD)
    if root == 0:
        _inertial_and_geometry(robot[0], model, 0)
    for body in _subtree(model, root):
        names[body] = model.body(body).name or f"body_{body}"
        _body(robot, model, body, names[body], names[int(model.body_parentid[body])] if body != root else WORLD)
    _sites(robot, model, names, frames)
    _cameras(robot, model, names)
    ElementTree.indent(robot)
    return ElementTree.tostring(robot, encoding="unicode", xml_declaration=True)


def _subtree(model: mujoco.MjModel, root: int) -> Iterator[int]:
    """Yield the moving and fixed bodies of a subtree, parents first, without the world itself."""
    inside = {root}
    for body in range(model.nbody):
        if body == root or int(model.body_parentid[body]) in inside:
            inside.add(body)
            if body != 0:
                yield body


def _body(robot: ElementTree.Element, model: mujoco.MjModel, body: int, name: str, parent: str) -> None:
    """Add a body's link and the joint, or chain of joints, that carries it."""
    offset = _transform(model.body_pos[body], model.body_quat[body])
    first, count = int(model.body_jntadr[body]), int(model.body_jntnum[body])
    if count == 0:
        _joint(robot, f"{name}_fixed", "fixed", parent, name, offset)
    for index, joint in enumerate(range(first, first + count)):
        last = index == count - 1
        anchor = np.eye(4)
        anchor[:3, 3] = model.jnt_pos[joint]
        # A URDF joint turns about its child's origin: where MuJoCo's anchor lies elsewhere, a bare link stands there.
        child = name if last and not model.jnt_pos[joint].any() else f"{name}_{model.joint(joint).name or joint}_anchor"
        _moving_joint(robot, model, joint, parent, child, offset @ anchor)
        parent, offset = child, np.linalg.inv(anchor)
        if child != name:
            _link(robot, child)
            if last:
                _joint(robot, f"{name}_fixed", "fixed", parent, name, offset)
    _inertial_and_geometry(_link(robot, name), model, body)


def _moving_joint(
    robot: ElementTree.Element, model: mujoco.MjModel, joint: int, parent: str, child: str, origin: np.ndarray
) -> None:
    kinds = {mujoco.mjtJoint.mjJNT_HINGE: "continuous", mujoco.mjtJoint.mjJNT_SLIDE: "prismatic"}
    name, kind = model.joint(joint).name or f"joint_{joint}", mujoco.mjtJoint(model.jnt_type[joint])
    if kind == mujoco.mjtJoint.mjJNT_FREE:
        _joint(robot, name, "floating", parent, child, origin)
        return
    if kind not in kinds:
        raise ValueError(f"joint {name!r} is a {kind.name}; URDF knows hinge, slide and free joints only")
    axis, reference = model.jnt_axis[joint], float(model.qpos0[model.jnt_qposadr[joint]])
    limited = bool(model.jnt_limited[joint])
    label = "revolute" if kinds[kind] == "continuous" and limited else kinds[kind]
    element = _joint(robot, name, label, parent, child, origin @ _displacement(kind, axis, -reference))
    ElementTree.SubElement(element, "axis", xyz=_numbers(axis))
    low, high = model.jnt_range[joint] if limited else (-np.inf, np.inf)
    if label != "continuous":
        if not limited:
            low, high = -1e3, 1e3
        effort = model.jnt_actfrcrange[joint][1] if model.jnt_actfrclimited[joint] else 1e3
        _mimic(element, model, joint)
        ElementTree.SubElement(
            element, "limit", lower=f"{low:.9g}", upper=f"{high:.9g}", effort=f"{effort:.9g}", velocity="3.2"
        )


def _mimic(element: ElementTree.Element, model: mujoco.MjModel, joint: int) -> None:
    """A joint that an equality couples linearly to another follows it in URDF too."""
    for equality in range(model.neq):
        if model.eq_type[equality] == mujoco.mjtEq.mjEQ_JOINT and model.eq_obj1id[equality] == joint:
            leader = int(model.eq_obj2id[equality])
            offset, multiplier = (f"{value:.9g}" for value in model.eq_data[equality][:2])
            if leader >= 0:
                name = model.joint(leader).name
                ElementTree.SubElement(element, "mimic", joint=name, multiplier=multiplier, offset=offset)


def _displacement(kind: mujoco.mjtJoint, axis: np.ndarray, value: float) -> np.ndarray:
    result = np.eye(4)
    if kind == mujoco.mjtJoint.mjJNT_SLIDE:
        result[:3, 3] = value * axis
    else:
        quaternion = np.empty(4)
        mujoco.mju_axisAngle2Quat(quaternion, axis, value)
        result = _transform(np.zeros(3), quaternion)
    return result


def _sites(
    robot: ElementTree.Element, model: mujoco.MjModel, names: dict[int, str], frames: Sequence[str] | None
) -> None:
    taken = {link.get("name") for link in robot.iter("link")}
    for site in range(model.nsite):
        body, name = int(model.site_bodyid[site]), model.site(site).name
        if body not in names or not name or (frames is not None and name not in frames):
            continue
        link = f"{name}_site" if name in taken else name
        _link(robot, link)
        transform = _transform(model.site_pos[site], model.site_quat[site])
        _joint(robot, f"{link}_fixed", "fixed", names[body], link, transform)


def _cameras(robot: ElementTree.Element, model: mujoco.MjModel, names: dict[int, str]) -> None:
    for camera in range(model.ncam):
        body = int(model.cam_bodyid[camera])
        if body not in names:
            continue
        link = f"{model.camera(camera).name or f'camera_{camera}'}_optical_frame"
        transform = _transform(model.cam_pos[camera], model.cam_quat[camera])
        transform[:3, :3] = transform[:3, :3] @ _CAMERA_TO_OPTICAL
        _link(robot, link)
        _joint(robot, f"{link}_fixed", "fixed", names[body], link, transform)


def _inertial_and_geometry(link: ElementTree.Element, model: mujoco.MjModel, body: int) -> None:
    if model.body_mass[body] > 0.0:
        inertial = ElementTree.SubElement(link, "inertial")
        _origin(inertial, _transform(model.body_ipos[body], model.body_iquat[body]))
        ElementTree.SubElement(inertial, "mass", value=f"{model.body_mass[body]:.12g}")
        x, y, z = (f"{value:.12g}" for value in model.body_inertia[body])
        ElementTree.SubElement(inertial, "inertia", ixx=x, iyy=y, izz=z, ixy="0", ixz="0", iyz="0")
    first = int(model.body_geomadr[body])
    for geom in range(first, first + int(model.body_geomnum[body])):
        touches = bool(model.geom_contype[geom] or model.geom_conaffinity[geom])
        seen = int(model.geom_group[geom]) < 3  # MuJoCo's viewer hides groups 3 and up: collision only
        if seen:
            _material(_geometry(link, "visual", model, geom), model, geom)
        if touches:
            _geometry(link, "collision", model, geom)


def _geometry(link: ElementTree.Element, tag: str, model: mujoco.MjModel, geom: int) -> ElementTree.Element:
    """Add a geom as a URDF primitive; whatever URDF lacks becomes the nearest primitive that contains it."""
    element = ElementTree.SubElement(link, tag)
    transform = _transform(model.geom_pos[geom], model.geom_quat[geom])
    kind, size = mujoco.mjtGeom(model.geom_type[geom]), model.geom_size[geom]
    shape = ElementTree.Element("geometry")
    match kind:
        case mujoco.mjtGeom.mjGEOM_SPHERE:
            ElementTree.SubElement(shape, "sphere", radius=f"{size[0]:.9g}")
        case mujoco.mjtGeom.mjGEOM_CYLINDER:
            ElementTree.SubElement(shape, "cylinder", radius=f"{size[0]:.9g}", length=f"{2 * size[1]:.9g}")
        case mujoco.mjtGeom.mjGEOM_CAPSULE:
            ElementTree.SubElement(shape, "cylinder", radius=f"{size[0]:.9g}", length=f"{2 * (size[0] + size[1]):.9g}")
        case mujoco.mjtGeom.mjGEOM_BOX:
            ElementTree.SubElement(shape, "box", size=_numbers(2 * size))
        case mujoco.mjtGeom.mjGEOM_PLANE:
            half = np.where(size[:2] > 0.0, size[:2], _PLANE_EXTENT_M)
            transform = transform @ _displacement(mujoco.mjtJoint.mjJNT_SLIDE, np.array([0.0, 0.0, 1.0]), -0.0005)
            ElementTree.SubElement(shape, "box", size=_numbers(np.append(2 * half, 0.001)))
        case _:
            center, half = model.geom_aabb[geom][:3], model.geom_aabb[geom][3:]
            transform = transform @ _transform(center, np.array([1.0, 0.0, 0.0, 0.0]))
            ElementTree.SubElement(shape, "box", size=_numbers(2 * half))
    _origin(element, transform)
    element.append(shape)
    return element


def _material(visual: ElementTree.Element, model: mujoco.MjModel, geom: int) -> None:
    material = int(model.geom_matid[geom])
    rgba = model.mat_rgba[material] if material >= 0 else model.geom_rgba[geom]
    name = "rgba_" + "_".join(f"{round(255 * value)}" for value in rgba)
    ElementTree.SubElement(ElementTree.SubElement(visual, "material", name=name), "color", rgba=_numbers(rgba))


def _link(robot: ElementTree.Element, name: str) -> ElementTree.Element:
    return ElementTree.SubElement(robot, "link", name=name)


def _joint(
    robot: ElementTree.Element, name: str, kind: str, parent: str, child: str, transform: np.ndarray
) -> ElementTree.Element:
    element = ElementTree.SubElement(robot, "joint", name=name, type=kind)
    _origin(element, transform)
    ElementTree.SubElement(element, "parent", link=parent)
    ElementTree.SubElement(element, "child", link=child)
    return element


def _origin(element: ElementTree.Element, transform: np.ndarray) -> None:
    ElementTree.SubElement(element, "origin", xyz=_numbers(transform[:3, 3]), rpy=_numbers(_rpy(transform[:3, :3])))


def _rpy(rotation: np.ndarray) -> np.ndarray:
    """Fixed-axis roll, pitch, yaw [rad] with rotation = Rz(yaw) Ry(pitch) Rx(roll), as URDF defines them."""
    horizontal = np.hypot(rotation[0, 0], rotation[1, 0])
    pitch = np.arctan2(-rotation[2, 0], horizontal)
    if horizontal < 1e-9:  # gimbal lock: yaw is free, choose zero
        return np.array([np.arctan2(-rotation[1, 2], rotation[1, 1]), pitch, 0.0])
    return np.array([np.arctan2(rotation[2, 1], rotation[2, 2]), pitch, np.arctan2(rotation[1, 0], rotation[0, 0])])


def _transform(position_m: np.ndarray, quaternion_wxyz: np.ndarray) -> np.ndarray:
    rotation = np.empty(9)
    mujoco.mju_quat2Mat(rotation, quaternion_wxyz)
    result = np.eye(4)
    result[:3, :3], result[:3, 3] = rotation.reshape(3, 3), position_m
    return result


def _numbers(values: np.ndarray) -> str:
    return " ".join(f"{value:.12g}" for value in values)
