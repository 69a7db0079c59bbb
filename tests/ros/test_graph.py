"""The graph as a listener finds it: names, types, rates, one tree of frames and kinematics, tasks in two languages."""

from __future__ import annotations

import importlib
from typing import Any

import mujoco
import numpy as np
import pytest

from luban.arm_model import UR5E
from luban.event_log import read_events
from luban.pose import Pose
from luban.profile import Profile

pytestmark = pytest.mark.timeout(300)

RATED = {  # design, section 6: name -> (type, rate [Hz])
    "/arm/joint_states": ("sensor_msgs/msg/JointState", 125.0),
    "/arm/wrench": ("geometry_msgs/msg/WrenchStamped", 125.0),
    "/arm/gripper/state": ("luban_interfaces/msg/GripperState", 30.0),
    "/agv/odom": ("nav_msgs/msg/Odometry", 20.0),
    "/agv/scan": ("sensor_msgs/msg/LaserScan", 20.0),
    "/safety/state": ("luban_interfaces/msg/SafetyState", 10.0),
}
IMAGES = {
    "color/image_raw": "sensor_msgs/msg/Image",
    "depth/image_rect_raw": "sensor_msgs/msg/Image",
    "color/camera_info": "sensor_msgs/msg/CameraInfo",
}
UNRATED = {
    "/arm/joint_command": "luban_interfaces/msg/JointCommand",
    "/arm/gripper/command": "luban_interfaces/msg/GripperCommand",
    "/agv/cmd_vel": "geometry_msgs/msg/TwistStamped",
    "/task/events": "luban_interfaces/msg/TaskEvent",
    "/speech/say": "std_msgs/msg/String",
    "/diagnostics": "diagnostic_msgs/msg/DiagnosticArray",
    "/clock": "rosgraph_msgs/msg/Clock",
    "/tf": "tf2_msgs/msg/TFMessage",
    "/tf_static": "tf2_msgs/msg/TFMessage",
    "/robot_description": "std_msgs/msg/String",
}
SERVICES = {
    "/safety/stop": "std_srvs/srv/Trigger",
    "/safety/reset": "std_srvs/srv/Trigger",
    "/twin/load_scene": "luban_interfaces/srv/LoadScene",
}
ACTIONS = {
    "/task/execute": "luban_interfaces/action/ExecuteTask",
    "/arm/run_skill": "luban_interfaces/action/RunSkill",
    "/agv/run_skill": "luban_interfaces/action/RunSkill",
}
LIFECYCLE_NODES = ("arm_driver", "gripper_driver", "agv_driver", "skills", "planner")
WINDOW_S = 3.0


def stamp_s(message: Any) -> float:
    return message.header.stamp.sec + message.header.stamp.nanosec * 1e-9


def message_type(name: str) -> Any:
    """The class of a message type such as std_msgs/msg/String."""
    package, _, kind = name.split("/")
    return getattr(importlib.import_module(f"{package}.msg"), kind)


def differing_names(node: Any) -> dict[str, tuple[Any, str]]:
    """Names whose types are not the design's -> (types found, type required)."""
    from rclpy.action import get_action_names_and_types

    topics = {name: kind for name, (kind, _) in RATED.items()} | UNRATED
    topics |= {f"/camera/{name}/{topic}": kind for name in ("overview", "wrist") for topic, kind in IMAGES.items()}
    used = {
        name: kinds
        for name, kinds in node.get_topic_names_and_types()
        if node.count_publishers(name) or node.count_subscribers(name)
    }
    services = dict(node.get_service_names_and_types())
    lifecycles = {f"/{name}/change_state": "lifecycle_msgs/srv/ChangeState" for name in LIFECYCLE_NODES}
    actions = dict(get_action_names_and_types(node))
    wanted = ((used, topics), (services, SERVICES | lifecycles), (actions, ACTIONS))
    return {
        name: (found.get(name), kind)
        for found, required in wanted
        for name, kind in required.items()
        if found.get(name) != [kind]
    }


def test_names_and_types(running_graph: Any) -> None:
    differing: dict[str, tuple[Any, str]] = {}

    def all_as_designed() -> bool:
        differing.clear()
        differing.update(differing_names(running_graph.node))
        return not differing

    # A graph is ready when it can work; a name that only shows something may be discovered later.
    running_graph.wait(all_as_designed, differing)


def test_rates_over_simulated_time(running_graph: Any) -> None:
    from .graph_fixture import RAW

    stamps: dict[str, list[float]] = {name: [] for name in RATED}
    subscriptions = [
        running_graph.listen(
            message_type(kind), name, lambda message, name=name: stamps[name].append(stamp_s(message)), RAW
        )
        for name, (kind, _) in RATED.items()
    ]
    running_graph.wait(lambda: all(len(heard) > 1 for heard in stamps.values()), "every topic")
    running_graph.wait_simulated(WINDOW_S)
    running_graph.forget(*subscriptions)
    for name, (_, rate_hz) in RATED.items():
        periods_s = np.diff(stamps[name])
        assert periods_s.min() > 0.0, f"{name}: stamps must rise"
        # A listener that was too slow misses messages; the twin itself never stamps at another pace.
        assert np.median(periods_s) == pytest.approx(1.0 / rate_hz, rel=0.25 if rate_hz <= 30.0 else 0.01), name


def test_images_belong_together(running_graph: Any, profile: Profile) -> None:
    from sensor_msgs.msg import CameraInfo, Image

    from .graph_fixture import LISTEN

    seen: dict[str, dict[str, dict[float, Any]]] = {name: {topic: {} for topic in IMAGES} for name in profile.cameras}
    subscriptions = []
    for name, kinds in seen.items():
        for topic in kinds:
            kept = kinds[topic]
            kind = CameraInfo if topic.endswith("info") else Image
            subscriptions.append(
                running_graph.listen(
                    kind,
                    f"/camera/{name}/{topic}",
                    lambda message, kept=kept: kept.update({stamp_s(message): message}),
                    LISTEN,
                )
            )

    def together(name: str) -> list[float]:
        return sorted(set.intersection(*(set(kept) for kept in seen[name].values())))

    running_graph.wait(lambda: all(len(together(name)) >= 8 for name in seen), "eight images of each camera", 60.0)
    running_graph.forget(*subscriptions)
    for name, camera in profile.cameras.items():
        stamps = together(name)
        assert 0.09 <= np.median(np.diff(stamps)) <= 0.45, f"{name}: 5 to 10 Hz, a busy machine may miss some"
        color, depth, info = (seen[name][topic][stamps[-1]] for topic in IMAGES)
        size = (camera.height_px, camera.width_px)
        assert [(m.height, m.width) for m in (color, depth, info)] == [size] * 3
        assert (color.encoding, depth.encoding) == ("rgb8", "32FC1")
        assert len(color.data) == 3 * size[0] * size[1] and len(depth.data) == 4 * size[0] * size[1]
        pixels = np.frombuffer(depth.data, np.float32)
        assert 0.05 < np.median(pixels[pixels > 0]) < 3.0
        assert np.frombuffer(color.data, np.uint8).std() > 10.0, "a picture, not a blank"


def test_safety_state_reaches_a_late_listener(running_graph: Any) -> None:
    from luban_interfaces.msg import SafetyState

    from luban_nodes.quality import LATCHED

    (publisher,) = running_graph.node.get_publishers_info_by_topic("/safety/state")
    assert publisher.qos_profile.durability == LATCHED.durability
    running_graph.newest.pop("/safety/state")
    late = running_graph.listen(SafetyState, "/safety/state", quality=LATCHED)
    running_graph.wait(lambda: "/safety/state" in running_graph.newest, "the safety state")
    assert not running_graph.newest["/safety/state"].stopped
    running_graph.forget(late)


def test_every_frame_hangs_on_the_cell(graph: Any, profile: Profile) -> None:
    """/tf and /tf_static make one tree that holds every frame of a message and agrees with the description."""
    from std_msgs.msg import String
    from tf2_msgs.msg import TFMessage

    from luban_nodes.quality import LATCHED

    task = graph.start_moving()  # away from the home position
    task.handle.cancel_goal_async()
    task.result()
    graph.assert_rests(graph.now_s + 1.0)
    frames: dict[str, Any] = {}

    def on_frames(message: TFMessage) -> None:
        for frame in message.transforms:
            previous = frames.get(frame.child_frame_id)
            assert previous is None or previous.header.frame_id == frame.header.frame_id, "two parents"
            frames[frame.child_frame_id] = frame

    subscriptions = [
        graph.listen(TFMessage, "/tf", on_frames),
        graph.listen(TFMessage, "/tf_static", on_frames, LATCHED),
        graph.listen(String, "/robot_description", quality=LATCHED),
    ]
    needed = {"tool", "agv", *(f"{name}_optical_frame" for name in profile.cameras)}

    def complete() -> bool:
        parents = {frame.header.frame_id for frame in frames.values()} - {"cell"}
        return needed | parents <= set(frames) and "/robot_description" in graph.newest

    graph.wait(complete, "frames that all hang on others")
    graph.wait_simulated(0.2)  # the arm rests: its newest frames are those of its newest state
    position = graph.position
    graph.forget(*subscriptions)

    def to_cell(name: str) -> np.ndarray:
        if name == "cell":
            return np.eye(4)
        frame = frames[name].transform
        rotation, shift = frame.rotation, frame.translation
        pose = Pose(np.array([shift.x, shift.y, shift.z]), np.array([rotation.w, rotation.x, rotation.y, rotation.z]))
        return to_cell(frames[name].header.frame_id) @ pose.matrix()

    for name in frames:
        to_cell(name)  # a loop is a RecursionError
    flange = UR5E.flange_transform(position)
    tool = flange[:3, 3] + profile.arm.tool_length_m * flange[:3, 2]
    np.testing.assert_allclose(to_cell("tool")[:3, 3], tool, atol=1e-4)
    np.testing.assert_allclose(described_tool(graph.newest["/robot_description"].data, position), tool, atol=1e-4)


def described_tool(description: str, position: np.ndarray) -> np.ndarray:
    """Where MuJoCo, reading the robot description, has the tool."""
    spec = mujoco.MjSpec.from_string(description)
    spec.compiler.fusestatic = False
    spec.compiler.boundmass, spec.compiler.boundinertia = 1e-9, 1e-9
    for geom in list(spec.geoms):
        spec.delete(geom)
    model = spec.compile()
    data = mujoco.MjData(model)
    for name, value in zip(UR5E.joint_names, position, strict=True):
        data.qpos[model.joint(name).qposadr[0]] = value
    mujoco.mj_kinematics(model, data)
    return data.xpos[model.body("tool").id]


@pytest.mark.parametrize(
    ("instruction", "language", "done"),
    [("Put the blue nut into the red bin.", "en", "one"), ("把蓝色螺母放进红色料箱", "zh", "完成")],
)
def test_a_task_is_carried_out(graph: Any, instruction: str, language: str, done: str) -> None:
    task = graph.start_task(instruction, language)
    result = task.result()
    assert result.outcome == "done", result.message
    assert done in result.message and 2.0 < result.seconds < 60.0
    # A step may fail and be tried again where the machine is too busy for 125 Hz; every step is told in order.
    told = [(step.index, step.phase) for step in task.feedback]
    ends = [step for step in task.feedback if step.phase in ("succeeded", "failed")]
    expected = [(i, phase) for i, end in enumerate(ends) for phase in ("planned", "running", end.phase)]
    assert told == [*expected, (len(ends), "planned")]
    assert [step.skill for step in ends if step.phase == "succeeded"] == ["pick", "place"]
    assert (task.feedback[-1].skill, result.steps) == ("done", len(ends))
    events = [event for event in read_events(graph.up.log) if event.payload["task"] == last_task(graph)]
    kinds = [event.kind for event in events]
    assert kinds == ["task_started", *["decision", "skill_ended"] * len(ends), "decision", "task_ended"]
    assert events[0].payload["instruction"] == instruction
    assert events[-1].payload["outcome"] == "done"


def last_task(graph: Any) -> str:
    return str(read_events(graph.up.log)[-1].payload["task"])
