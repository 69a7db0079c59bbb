"""The whole cell as one MuJoCo model: arm, bench, parts, containers, fixtures, floor, vehicle, light, cameras."""

from __future__ import annotations

import mujoco
import numpy as np

from luban.catalogue import Catalogue, Obstacle
from luban.errors import SkillError
from luban.profile import CameraConfig, Profile
from luban.task import Scene, scene_faults
from sim.agv import add_agv
from sim.arm import add_arm
from sim.collision import STATIC, solid, visual
from sim.containers import add_container
from sim.floor import add_floor
from sim.gripper import add_gripper
from sim.housing import add_housing
from sim.parts import add_part
from sim.people import add_people

_BOX, _CYLINDER = mujoco.mjtGeom.mjGEOM_BOX, mujoco.mjtGeom.mjGEOM_CYLINDER
_TOP, _PANEL, _FRAME, _MAT = (0.66, 0.68, 0.69, 1), (0.80, 0.82, 0.83, 1), (0.20, 0.23, 0.26, 1), (0.37, 0.41, 0.42, 1)
TABLE_M = 0.035  # thickness of the table top


def build_cell(profile: Profile, scene: Scene, people: int = 0) -> mujoco.MjModel:
    """Compile the cell of a profile with a scene's parts resting on the bench and the AGV at its station.

    people: how many sim.people.CellPeople may let walk; they stand off the floor until then.

    Raises:
        SkillError: the scene names or places something that this cell cannot hold; every fault, one a line.
    """
    faults = list(scene_faults(scene, profile.catalogue))
    if faults:
        raise SkillError("the scene cannot be built:\n" + "\n".join(faults))
    spec = mujoco.MjSpec()
    spec.modelname = "luban"
    set_physics(spec, profile.physics_step_s)
    _set_looks(spec, profile)
    catalogue = profile.catalogue
    add_floor(spec, catalogue)
    for obstacle in catalogue.obstacles:
        if obstacle.kind == "bench":
            add_bench(spec, obstacle, catalogue)
    flange = add_arm(spec, profile.arm.arm_model())
    add_gripper(spec, flange, profile.gripper, profile.arm.tool_length_m)
    for name, container in catalogue.containers.items():
        if container.on == "bench":
            add_container(spec.worldbody, container, name)
    for name, fixture in catalogue.fixtures.items():
        add_housing(spec, fixture, name)
    add_agv(spec, profile, catalogue.stations[scene.agv.station])
    add_people(spec, people, catalogue.floor_z_m)
    for part in scene.parts:
        add_part(spec, part)
    for name, camera in profile.cameras.items():
        _add_camera(spec.worldbody if camera.mount == "cell" else flange, name, camera)
    return spec.compile()


def set_physics(spec: mujoco.MjSpec, timestep_s: float) -> None:
    """Set integrator, contact model and units: radians, like everything else."""
    spec.compiler.degree = False
    option = spec.option
    option.timestep = timestep_s
    option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    option.impratio = 10.0  # stiff friction: a gripped part does not creep
    option.iterations = 50
    option.enableflags |= mujoco.mjtEnableBit.mjENBL_SLEEP  # parts at rest cost nothing until something touches them
    spec.memory = 64 * 1024 * 1024


def _set_looks(spec: mujoco.MjSpec, profile: Profile) -> None:
    spec.add_material(name="enamel", specular=0.35, shininess=0.6, reflectance=0.0)
    spec.add_material(name="metal", specular=0.7, shininess=0.75, reflectance=0.0)
    spec.add_material(name="paint", specular=0.45, shininess=0.55, reflectance=0.0)
    spec.add_material(name="plastic", specular=0.2, shininess=0.35, reflectance=0.0)
    spec.add_material(name="matt", specular=0.05, shininess=0.1, reflectance=0.0)
    spec.add_texture(
        name="sky", type=mujoco.mjtTexture.mjTEXTURE_SKYBOX, builtin=mujoco.mjtBuiltin.mjBUILTIN_GRADIENT,
        rgb1=[0.72, 0.76, 0.80], rgb2=[0.35, 0.40, 0.46], width=64, height=384,
    )  # fmt: skip
    spec.stat.extent, spec.stat.center = 3.0, [0.3, -0.8, 0.0]
    visual_options = spec.visual
    visual_options.map.znear, visual_options.map.zfar = 0.015, 8.0
    visual_options.map.shadowclip = 1.2
    visual_options.quality.shadowsize = 2048
    visual_options.quality.offsamples = 0
    visual_options.quality.numslices, visual_options.quality.numstacks, visual_options.quality.numquads = 24, 8, 1
    visual_options.global_.offwidth = max(camera.width_px for camera in profile.cameras.values())
    visual_options.global_.offheight = max(camera.height_px for camera in profile.cameras.values())
    visual_options.headlight.ambient = [0.34, 0.34, 0.35]
    visual_options.headlight.diffuse = [0.18, 0.18, 0.18]
    visual_options.headlight.specular = [0.05, 0.05, 0.05]
    _add_light(spec, (1.3, -1.2, 3.0), (-0.42, 0.30, -1.0), 0.50, shadow=True)
    _add_light(spec, (-0.8, 1.2, 3.0), (0.35, -0.55, -0.8), 0.24, shadow=False)


def _add_light(
    spec: mujoco.MjSpec, at: tuple[float, ...], along: tuple[float, ...], power: float, shadow: bool
) -> None:
    light = spec.worldbody.add_light(pos=at, dir=along, castshadow=shadow)
    light.type = mujoco.mjtLightType.mjLIGHT_DIRECTIONAL
    light.diffuse, light.specular, light.ambient = [power] * 3, [power * 0.6] * 3, [0, 0, 0]


def add_bench(spec: mujoco.MjSpec, bench: Obstacle, catalogue: Catalogue) -> None:
    """Add a steel work bench with cabinet: what collides is its full outline; the bench top is the cell's z = 0."""
    length, width, height = bench.size_m
    bottom = catalogue.floor_z_m
    body = spec.worldbody.add_body(
        name="bench", pos=[bench.x_m, bench.y_m, 0], quat=[np.cos(bench.yaw_rad / 2), 0, 0, np.sin(bench.yaw_rad / 2)]
    )
    outline = body.add_geom(
        name="bench", type=_BOX, pos=[0, 0, bottom + height / 2], size=[length / 2, width / 2, height / 2],
        friction=[0.7, 0.005, 0.0004], solref=[0.006, 1.0],
    )  # fmt: skip
    solid(outline, STATIC)

    def box(at: tuple[float, ...], size: tuple[float, ...], rgba: tuple[float, ...], material: str = "enamel") -> None:
        half = [value / 2 for value in size]
        visual(body.add_geom(type=_BOX, pos=at, size=half, rgba=rgba, material=material))

    box((0, 0, -TABLE_M / 2), (length, width, TABLE_M), _TOP, "matt")
    box((0, 0, bottom + 0.36), (length - 0.03, width - 0.03, 0.60), _PANEL)
    box((0, 0, bottom + 0.06), (length - 0.004, width - 0.004, 0.12), _FRAME)
    for side_x in (-1, 1):
        for side_y in (-1, 1):
            at = (side_x * (length / 2 - 0.025), side_y * (width / 2 - 0.025), bottom + height / 2 - TABLE_M / 2)
            box(at, (0.05, 0.05, height - TABLE_M), _FRAME)
    for side in (-1, 1):  # door gaps and handles on the long sides
        box((0, side * (width / 2 - 0.0148), bottom + 0.40), (0.004, 0.001, 0.48), _FRAME)
        for x in (-0.05, 0.05):
            box((x, side * (width / 2 - 0.010), bottom + 0.50), (0.012, 0.012, 0.11), _TOP, "metal")
    for y in (-width / 6, width / 6):  # drawers on the front
        box((length / 2 - 0.0148, y, bottom + 0.40), (0.001, 0.004, 0.48), _FRAME)
    for z in (0.25, 0.45):
        box((length / 2 - 0.0148, 0, bottom + z), (0.001, width - 0.12, 0.004), _FRAME)
        for y in (-width / 3, 0, width / 3):
            box((length / 2 - 0.010, y, bottom + z + 0.12), (0.012, 0.12, 0.012), _TOP, "metal")
    _add_mat(spec, catalogue)


def _add_mat(spec: mujoco.MjSpec, catalogue: Catalogue) -> None:
    """The rubber mat under the parts and the arm's mounting plate: flush with the bench, so drawn barely above it."""
    (x_low, x_high), (y_low, y_high) = catalogue.parts_area.x_m, catalogue.parts_area.y_m
    x, y, margin = (x_low + x_high) / 2, (y_low + y_high) / 2, 0.045
    half = ((x_high - x_low) / 2 + margin, (y_high - y_low) / 2 + margin)
    world = spec.worldbody
    border = ((0.004, (0.86, 0.70, 0.12, 1), 0.00015), (0.0, _MAT, 0.0003))
    for grow, rgba, top in border:
        plate = {"type": _BOX, "pos": [x, y, top - 0.002], "size": [half[0] + grow, half[1] + grow, 0.002]}
        visual(world.add_geom(**plate, rgba=rgba, material="matt"))
    visual(world.add_geom(type=_BOX, pos=[0, 0, -0.004], size=[0.11, 0.11, 0.0045], rgba=_FRAME, material="metal"))
    for corner_x in (-0.09, 0.09):
        for corner_y in (-0.09, 0.09):
            ends = [corner_x, corner_y, 0, corner_x, corner_y, 0.008]
            visual(world.add_geom(type=_CYLINDER, fromto=ends, size=[0.008, 0, 0], rgba=_TOP, material="metal"))


def _add_camera(body: mujoco.MjsBody, name: str, camera: CameraConfig) -> None:
    """Add a pinhole camera. MuJoCo's cameras look along -z with y up, optical frames along z with y down."""
    optical = camera.optical_pose()
    position, back = optical[:3, 3], -optical[:3, 2]
    rotation = optical[:3, :3] @ np.diag([1.0, -1.0, -1.0])
    quaternion = np.empty(4)
    mujoco.mju_mat2Quat(quaternion, rotation.ravel())
    body.add_camera(name=name, pos=position, quat=quaternion, fovy=camera.vertical_fov_deg)
    if camera.mount == "flange":
        _dress_camera(body, position, quaternion, back)


def _dress_camera(flange: mujoco.MjsBody, position: np.ndarray, quaternion: np.ndarray, back: np.ndarray) -> None:
    """The camera's case behind its pinhole, and the bracket that holds it on the flange."""
    case = {"type": _BOX, "pos": position + back * 0.012, "quat": quaternion, "size": [0.045, 0.0125, 0.0115]}
    visual(flange.add_geom(**case, rgba=(0.75, 0.76, 0.78, 1), material="metal"))
    reach = float(np.hypot(*position[:2]))
    turn = float(np.arctan2(position[1], position[0]))
    bar = {"type": _BOX, "pos": [position[0] * 0.62, position[1] * 0.62, 0.006], "size": [reach * 0.36, 0.012, 0.0025]}
    bar["quat"] = [np.cos(turn / 2), 0, 0, np.sin(turn / 2)]
    visual(flange.add_geom(**bar, rgba=_FRAME, material="metal"))
