"""The robot description read back by an independent reader has the model's own kinematics."""

from __future__ import annotations

from xml.etree import ElementTree

import mujoco
import numpy as np
import pytest

from sim.cell import build_cell
from sim.description import urdf

CAMERA_TO_OPTICAL = np.diag([1.0, -1.0, -1.0])


@pytest.fixture(scope="module")
def model(profile, scene) -> mujoco.MjModel:
    return build_cell(profile, scene)


@pytest.fixture(scope="module")
def text(model) -> str:
    return urdf(model, "world", "cell")


def read_back(text: str) -> mujoco.MjModel:
    spec = mujoco.MjSpec.from_string(text)
    spec.compiler.fusestatic = False
    spec.compiler.boundmass, spec.compiler.boundinertia = 1e-9, 1e-9  # a bare link between two joints has none
    for geom in list(spec.geoms):
        spec.delete(geom)
    return spec.compile()


def joint_slices(model: mujoco.MjModel) -> dict[str, slice]:
    widths = {mujoco.mjtJoint.mjJNT_FREE: 7, mujoco.mjtJoint.mjJNT_BALL: 4}
    return {
        model.joint(index).name: slice(start, start + widths.get(mujoco.mjtJoint(model.jnt_type[index]), 1))
        for index, start in enumerate(model.jnt_qposadr)
    }


def random_pair(model, copy, rng) -> tuple[mujoco.MjData, mujoco.MjData]:
    """Both models at the same random configuration."""
    ours, theirs = mujoco.MjData(model), mujoco.MjData(copy)
    ours.qpos[:] = rng.uniform(-2.0, 2.0, model.nq)
    mujoco.mj_normalizeQuat(model, ours.qpos)
    there = joint_slices(copy)
    for name, here in joint_slices(model).items():
        theirs.qpos[there[name]] = ours.qpos[here]
    for data, of in ((ours, model), (theirs, copy)):
        mujoco.mj_kinematics(of, data)
        mujoco.mj_camlight(of, data)
    return ours, theirs


def test_every_body_site_and_camera_is_where_the_model_has_it(model, text):
    copy, rng = read_back(text), np.random.default_rng(0)
    for _ in range(5):
        ours, theirs = random_pair(model, copy, rng)
        for body in range(1, model.nbody):
            other = copy.body(model.body(body).name).id
            np.testing.assert_allclose(theirs.xpos[other], ours.xpos[body], atol=1e-6)
            np.testing.assert_allclose(theirs.xmat[other], ours.xmat[body], atol=1e-6)
        for name in ("tool", "flange", "wrist"):
            other, site = copy.body(name).id, model.site(name).id
            np.testing.assert_allclose(theirs.xpos[other], ours.site_xpos[site], atol=1e-6)
            np.testing.assert_allclose(theirs.xmat[other], ours.site_xmat[site], atol=1e-6)
        for camera in range(model.ncam):
            other = copy.body(f"{model.camera(camera).name}_optical_frame").id
            expected = ours.cam_xmat[camera].reshape(3, 3) @ CAMERA_TO_OPTICAL
            np.testing.assert_allclose(theirs.xpos[other], ours.cam_xpos[camera], atol=1e-6)
            np.testing.assert_allclose(theirs.xmat[other].reshape(3, 3), expected, atol=1e-6)


def test_joint_limits_and_masses_survive(model, text):
    copy = read_back(text)
    for joint in range(model.njnt):
        if model.jnt_limited[joint]:
            other = copy.joint(model.joint(joint).name).id
            np.testing.assert_allclose(copy.jnt_range[other], model.jnt_range[joint], atol=1e-6)
    for body in range(1, model.nbody):
        if model.body_dofnum[body]:
            assert copy.body(model.body(body).name).mass == pytest.approx(model.body_mass[body], rel=1e-6)


def test_the_second_finger_follows_the_first(text):
    mimics = {joint.get("name"): joint.find("mimic") for joint in ElementTree.fromstring(text).iter("joint")}
    follower = mimics["gripper/left"]
    assert follower.get("joint") == "gripper/right" and float(follower.get("multiplier")) == 1.0
    assert mimics["gripper/right"] is None


def test_one_tree_under_the_cell_frame(text):
    root = ElementTree.fromstring(text)
    links = {link.get("name") for link in root.iter("link")}
    children = [joint.find("child").get("link") for joint in root.iter("joint")]
    assert len(children) == len(set(children))
    assert links - set(children) == {"world"}
    assert len(root.findall("link")) == len(links)


def test_visuals_use_only_what_urdf_knows(text):
    kinds = {shape.tag for geometry in ElementTree.fromstring(text).iter("geometry") for shape in geometry}
    assert kinds <= {"box", "cylinder", "sphere"}
    assert "box" in kinds and "cylinder" in kinds


def test_an_offset_joint_and_a_reference_angle():
    """MuJoCo joints may be anchored off their body's origin and may start at an angle; URDF joints may not."""
    xml = """<mujoco><compiler angle="radian"/><worldbody><body name="a" pos="1 2 3" euler="0.3 0.2 0.1">
    <joint name="j" pos="0.1 -0.2 0.3" axis="0 1 1" ref="0.4" range="-2 2" limited="true"/>
    <joint name="k" type="slide" axis="1 0 0" pos="0 0 0.2" range="-1 1" limited="true"/>
    <geom size="0.1"/></body></worldbody></mujoco>"""
    model = mujoco.MjModel.from_xml_string(xml)
    copy, rng = read_back(urdf(model, "a", "offset")), np.random.default_rng(1)
    ours, theirs = random_pair(model, copy, rng)
    np.testing.assert_allclose(theirs.body("a").xpos, ours.body("a").xpos, atol=1e-6)
    np.testing.assert_allclose(theirs.body("a").xmat, ours.body("a").xmat, atol=1e-6)


def test_an_unknown_body_is_named(model):
    with pytest.raises(KeyError, match="no_such_body"):
        urdf(model, "no_such_body", "x")


def test_a_ball_joint_is_refused():
    body = "<body name='a'><joint name='b' type='ball'/><geom size='0.1'/></body>"
    xml = f"<mujoco><worldbody>{body}</worldbody></mujoco>"
    with pytest.raises(ValueError, match="'b'"):
        urdf(mujoco.MjModel.from_xml_string(xml), "a", "x")
