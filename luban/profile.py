"""A profile: one YAML file that says which robots, cell, limits and policies are in use.

Every fault is listed at once with its line. Design numbers live in the profile and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import numpy as np
import yaml
from pydantic import Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from luban.arm_model import ARM_MODELS, ArmModel
from luban.catalogue import Catalogue, Positive, strict
from luban.endpoint_config import EndpointConfig
from luban.errors import ProfileError, closest, unknown
from luban.randomization import Randomization

PROFILES = Path(__file__).resolve().parent.parent / "launch" / "profiles"
Six = tuple[float, float, float, float, float, float]
Range = tuple[float, float]


@dataclass(frozen=True, config=strict)
class ArmLimits:
    """What the safety gate beside the driver lets through.

    velocity_rad_s, acceleration_rad_s2, stop_acceleration_rad_s2 (slowing down): per joint.
    workspace_m: box of the tool's tip, cell frame.
    force_n: contact force at the wrist that stops the arm. resume_rad: largest distance between the first target
    after a stop and the measured position.
    """

    velocity_rad_s: Six
    acceleration_rad_s2: Six
    stop_acceleration_rad_s2: Six
    workspace_x_m: Range
    workspace_y_m: Range
    workspace_z_m: Range
    force_n: Positive
    resume_rad: Positive


@dataclass(frozen=True, config=strict)
class ArmConfig:
    """tool_length_m: flange to the point between the pads. home_rad: where the arm waits, out of the cameras' view."""

    id: str
    model: str
    driver: Literal["twin"]
    rate_hz: Positive
    command_timeout_s: Positive
    tool_length_m: Positive
    home_rad: Six
    limits: ArmLimits

    def arm_model(self) -> ArmModel:
        return ARM_MODELS[self.model]


@dataclass(frozen=True, config=strict)
class GripperConfig:
    id: str
    driver: Literal["twin"]
    rate_hz: Positive
    stroke_m: Positive
    force_n: Positive
    speed_m_s: Positive


@dataclass(frozen=True, config=strict)
class BaseLimits:
    """protective_m: how far ahead of the vehicle's edge the gate keeps free, besides the braking distance."""

    linear_m_s: Positive
    angular_rad_s: Positive
    linear_acceleration_m_s2: Positive
    angular_acceleration_rad_s2: Positive
    protective_m: Positive


@dataclass(frozen=True, config=strict)
class BaseConfig:
    id: str
    driver: Literal["twin"]
    rate_hz: Positive
    command_timeout_s: Positive
    length_m: Positive
    width_m: Positive
    wheel_radius_m: Positive
    wheel_separation_m: Positive
    limits: BaseLimits


@dataclass(frozen=True, config=strict)
class CameraConfig:
    """position_m, look_at_m: in the frame of `mount` (cell, or the arm's flange). vertical_fov_deg: full angle."""

    mount: Literal["cell", "flange"]
    position_m: tuple[float, float, float]
    look_at_m: tuple[float, float, float]
    vertical_fov_deg: Annotated[float, Field(gt=1, lt=170)]
    width_px: Annotated[int, Field(ge=16, le=1920)]
    height_px: Annotated[int, Field(ge=16, le=1080)]
    rate_hz: Positive

    def intrinsics(self) -> np.ndarray:
        """Return the (3, 3) pinhole matrix [px]; pixel (0, 0) is the centre of the first pixel."""
        focal = self.height_px / 2 / np.tan(np.deg2rad(self.vertical_fov_deg) / 2)
        return np.array([[focal, 0, (self.width_px - 1) / 2], [0, focal, (self.height_px - 1) / 2], [0, 0, 1]])

    def optical_pose(self) -> np.ndarray:
        """Return the (4, 4) transform of the optical frame (x right, y down, z ahead) to the mount's frame.

        Image up is the cell's z, or the mount's x where the camera looks along z or rides on the flange.
        """
        position, target = np.array(self.position_m), np.array(self.look_at_m)
        ahead = (target - position) / np.linalg.norm(target - position)
        upright = self.mount == "cell" and abs(ahead[2]) < 0.99
        right = np.cross(ahead, [0.0, 0.0, 1.0] if upright else [1.0, 0.0, 0.0])
        right /= np.linalg.norm(right)
        pose = np.eye(4)
        pose[:3] = np.column_stack([right, np.cross(ahead, right), ahead, position])
        return pose


@dataclass(frozen=True, config=strict)
class TaskBudget:
    """When a task is given up: planner decisions, seconds of robot time, and tries of one step from a fresh look."""

    steps: Annotated[int, Field(ge=1)]
    seconds: Positive
    tries: Annotated[int, Field(ge=1)]


Control = Literal["baseline", "rl"]
CONTROLS: tuple[Control, ...] = get_args(Control)


@dataclass(frozen=True, config=strict)
class ControlConfig:
    """Who carries out a skill: the classical controller or the one that adds a learned policy to it.

    reach: how the arm's skills move through the air.
    """

    pick: Control = "baseline"
    place: Control = "baseline"
    insert: Control = "baseline"
    drive: Control = "baseline"
    reach: Control = "baseline"

    @classmethod
    def everywhere(cls, control: Control) -> ControlConfig:
        return cls(control, control, control, control, control)


PlannerName = Literal["expert", "vla", "teacher"]
PLANNERS: tuple[PlannerName, ...] = get_args(PlannerName)


@dataclass(frozen=True, config=strict)
class PlannerConfig:
    """Who decides the next skill: the expert, which knows the simulator's truth, the learned student (vla) or a
    teacher, a vision-language model that is served somewhere.

    least_confidence: of what the student reads and sees; below it, it asks the teacher if there is one, and else the
    person. deadline_s: how long a task waits for the teacher then.
    """

    name: PlannerName = "expert"
    least_confidence: Annotated[float, Field(gt=0, lt=1)] = 0.5
    deadline_s: Positive = 10.0
    teacher: EndpointConfig | None = None


@dataclass(frozen=True, config=strict)
class Profile:
    name: str
    robot: Literal["twin"]
    physics_step_s: Positive
    arm: ArmConfig
    gripper: GripperConfig
    base: BaseConfig
    cameras: Mapping[str, CameraConfig]
    planner: PlannerConfig
    perception: Literal["truth"]
    control: ControlConfig
    budget: TaskBudget
    catalogue: Catalogue
    randomization: Randomization = Randomization()

    def transform_camera_to_tool(self, camera: str) -> np.ndarray:
        """Return the (4, 4) transform of the optical frame of a camera on the flange to the tool's frame."""
        transform = self.cameras[camera].optical_pose()
        transform[2, 3] -= self.arm.tool_length_m
        return transform

    def controlled_by(self, control: str | None) -> Profile:
        """The same profile with one kind of controller for every skill; None: as it says itself.

        Raises ProfileError for an unknown kind."""
        if control is None:
            return self
        if control not in CONTROLS:
            raise ProfileError(unknown("control", control, CONTROLS))
        return replace(self, control=ControlConfig.everywhere(control))

    def planned_by(self, planner: str | None) -> Profile:
        """The same profile with another planner; None: as it says itself.

        Raises ProfileError for an unknown one and for a teacher that is served nowhere."""
        if planner is None:
            return self
        if planner not in PLANNERS:
            raise ProfileError(unknown("planner", planner, PLANNERS))
        if planner == "teacher" and self.planner.teacher is None:
            raise ProfileError(f"profile {self.name!r}: {_NO_TEACHER}")
        return replace(self, planner=replace(self.planner, name=planner))


_profile = TypeAdapter(Profile)
_NO_TEACHER = (
    "the planner 'teacher' needs planner.teacher, an OpenAI-style endpoint: url, model and coordinates "
    "(absolute for Qwen2.5-VL, relative_1000 for Qwen3-VL), and key_variable where it wants a key"
)


def load_profile(name: str) -> Profile:
    """Load a profile by name (a file of launch/profiles) or by path.

    Raises:
        ProfileError: unknown name, unreadable file, or all faults of the file, one a line with its line number.
    """
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        path = PROFILES / f"{name}.yaml"
        if not path.is_file():
            raise ProfileError(unknown("profile", name, (p.stem for p in PROFILES.glob("*.yaml"))))
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(f"cannot read profile {path}: {error}") from error
    except yaml.YAMLError as error:
        raise ProfileError(f"{path} is not YAML: {error}") from error
    if root is None:
        raise ProfileError(f"profile {path} is empty")
    faults = list(_duplicate_keys(root))
    try:
        # Through JSON's types only: the safe constructor cannot run code.
        profile = _profile.validate_python(yaml.constructor.SafeConstructor().construct_document(root))
        faults += _inconsistencies(profile, root)
    except ValidationError as error:
        faults += [_fault(item, root) for item in error.errors()]
    except yaml.YAMLError as error:
        raise ProfileError(f"{path} cannot be read: {error}") from error
    if faults:
        listed = "\n".join(f"{path}:{line}: {sentence}" for line, sentence in sorted(set(faults)))
        raise ProfileError(f"profile {path} has {len(set(faults))} fault(s):\n{listed}")
    return profile


def _fault(item: Any, root: yaml.Node) -> tuple[int, str]:
    """Return the line and the sentence of one pydantic error."""
    location = item["loc"]
    node, parent = _node(root, location), _node(root, location[:-1])
    message = item["msg"]
    if item["type"] in ("unexpected_keyword_argument", "extra_forbidden") and isinstance(parent, yaml.MappingNode):
        model = _fields_at(location[:-1])
        message = f"unknown key{closest(str(location[-1]), model)}"
    line = node.start_mark.line + 1
    return line, f"{'.'.join(map(str, location))}: {message}"


def _fields_at(location: tuple[Any, ...]) -> list[str]:
    """Return the keys that the dataclass at a location accepts, following annotations by name."""
    schema: Any = _SCHEMA
    for key in location:
        schema = _resolve(schema)
        schema = schema.get("properties", {}).get(key, schema.get("additionalProperties", {}))
        if not isinstance(schema, dict):
            return []
    return list(_resolve(schema).get("properties", {}))


def _resolve(schema: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    return _SCHEMA["$defs"][reference.rsplit("/", 1)[1]] if reference else schema


_SCHEMA: dict[str, Any] = _profile.json_schema()


def _node(root: yaml.Node, location: tuple[Any, ...]) -> yaml.Node:
    """Return the deepest YAML node on the way to a location (the key's own node for a mapping)."""
    node = root
    for key in location:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(key)), None)
            if found is None:
                return node
            node = found[1] if isinstance(found[1], yaml.CollectionNode) else found[0]
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
        else:
            return node
    return node


def _duplicate_keys(node: yaml.Node) -> list[tuple[int, str]]:
    """YAML silently keeps the last of two equal keys; say so instead."""
    faults: list[tuple[int, str]] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                faults.append((key.start_mark.line + 1, f"key {key.value!r} appears twice"))
            seen.add(key.value)
            faults += _duplicate_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            faults += _duplicate_keys(value)
    return faults


def _inconsistencies(profile: Profile, root: yaml.Node) -> list[tuple[int, str]]:
    """What types cannot say."""
    faults: list[tuple[int, str]] = []

    def fault(location: tuple[Any, ...], sentence: str) -> None:
        faults.append((_node(root, location).start_mark.line + 1, f"{'.'.join(map(str, location))}: {sentence}"))

    if profile.arm.model not in ARM_MODELS:
        fault(("arm", "model"), unknown("arm model", profile.arm.model, ARM_MODELS))
    else:
        maker = profile.arm.arm_model().velocity_limit_rad_s
        if any(asked > most for asked, most in zip(profile.arm.limits.velocity_rad_s, maker, strict=True)):
            fault(("arm", "limits", "velocity_rad_s"), f"above the maker's {maker.round(3).tolist()} rad/s")
    if "overview" not in profile.cameras:
        fault(("cameras",), "the camera 'overview' is required")
    if profile.planner.name == "teacher" and profile.planner.teacher is None:
        fault(("planner",), _NO_TEACHER)
    for axis in ("x", "y", "z"):
        low, high = getattr(profile.arm.limits, f"workspace_{axis}_m")
        if low >= high:
            fault(("arm", "limits", f"workspace_{axis}_m"), f"lower bound {low} is not below upper bound {high}")
    if "dock" not in profile.catalogue.stations:
        fault(("catalogue", "stations"), "the station 'dock' is required: parts are loaded there")
    return faults
