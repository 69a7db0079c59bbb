"""The process of the twin: physics, gates, device nodes and safety. It is the clock of a simulated graph."""

from __future__ import annotations

import math
import time
from array import array
from collections import deque

import numpy as np
from luban_interfaces.msg import TwinState
from luban_interfaces.srv import LoadScene
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rosgraph_msgs.msg import Clock as ClockMessage
from std_msgs.msg import String

from luban.arm_gate import STANDSTILL_RAD_S
from luban.errors import LubanError
from luban.profile import load_profile
from luban.task import Scene
from luban_nodes import conversion
from luban_nodes.device_nodes import ArmNode, BaseNode, GripperNode
from luban_nodes.graph import hold_domain
from luban_nodes.process import run
from luban_nodes.quality import CONTROL, LATCHED
from luban_nodes.safety_node import SafetyNode
from luban_nodes.scene_source import scene_from_json, scene_id, scene_of, scene_to_json
from sim.gated_cell import GatedCell
from sim.world import World

STATE_RATE_HZ = 25
MAX_DEBT_S = 0.1  # a stall longer than this is forgotten instead of caught up
TURNS = 2500  # turns of the loop (20 s) that its statistics look back on
MAX_TICKS = 3  # periods caught up at once: more would leave the controllers no turn to answer


class TwinNode(Node):
    """Paces the physics against the wall clock and publishes /clock, /twin/state and /twin/scene.

    Parameters: profile, scene (`TASKS.jsonl#ID`, empty = a default scene), real_time_factor (wall-clock pace), viewer.
    """

    def __init__(self) -> None:
        super().__init__("twin")
        self.profile = load_profile(self.declare_parameter("profile", "sim").value)
        scene = scene_of(self.declare_parameter("scene", "").value, self.profile.catalogue)
        self._pace = float(self.declare_parameter("real_time_factor", 1.0).value)
        viewer = bool(self.declare_parameter("viewer", False).value)
        if not 0.0 < self._pace <= 100.0:
            raise LubanError(f"real_time_factor: a number above 0 and up to 100 is required, got {self._pace}")
        self.cell = GatedCell(World(self.profile, scene))
        self.arm = ArmNode(self.cell.arm)
        self.gripper = GripperNode(self.cell.gripper)
        self.base = BaseNode(self.cell.base)
        self.safety = SafetyNode(lambda: self.cell)
        self._ticking = self.create_publisher(ClockMessage, "/clock", CONTROL)
        self._state = self.create_publisher(TwinState, "/twin/state", CONTROL)
        self._scene = self.create_publisher(String, "/twin/scene", LATCHED)
        self.create_service(LoadScene, "/twin/load_scene", self._on_load_scene)
        self._ticks = 0
        self._turns_s: deque[float] = deque(maxlen=TURNS)
        self._every = {name: round(self.profile.arm.rate_hz / hz) for name, hz in self._rates().items()}
        self._announce(scene)
        self._viewer = self._open_viewer() if viewer else None
        for node in self.device_nodes:
            node.autostart()
        self.create_timer(self.cell.period_s, self._on_timer, clock=Clock(clock_type=ClockType.STEADY_TIME))

    @property
    def device_nodes(self) -> tuple[ArmNode, GripperNode, BaseNode]:
        return self.arm, self.gripper, self.base

    def _rates(self) -> dict[str, float]:
        return {
            "gripper": self.profile.gripper.rate_hz,
            "base": self.profile.base.rate_hz,
            "state": STATE_RATE_HZ,
            "diagnostics": 1.0,
        }

    def _on_timer(self) -> None:
        """Move on by as many periods as the wall clock asks for."""
        self._turns_s.append(time.monotonic())
        due_s = (time.monotonic() - self._origin_wall_s) * self._pace - (self.cell.world.time_s - self._origin_s)
        if due_s > MAX_DEBT_S * self._pace:
            self._take_origin()
            due_s = self.cell.period_s
        for _ in range(min(math.floor(due_s / self.cell.period_s + 1e-6), MAX_TICKS)):
            self._tick()

    def _tick(self) -> None:
        self.cell.tick()
        self._ticks += 1
        now = conversion.time_message(self.cell.world.time_s)
        self._ticking.publish(ClockMessage(clock=now))
        self.arm.publish()
        if self._ticks % self._every["gripper"] == 0:
            self.gripper.publish()
        if self._ticks % self._every["base"] == 0:
            self.base.publish()
        if self._ticks % self._every["state"] == 0:
            message = TwinState(scene_id=self._scene_id, state=array("d", self.cell.world.state()))
            message.header.stamp = now
            self._state.publish(message)
            if self._viewer is not None:
                self._viewer.sync()
        if self._ticks % self._every["diagnostics"] == 0:
            self._publish_diagnostics()

    def _publish_diagnostics(self) -> None:
        now_s = self.cell.world.time_s
        self.arm.publish_diagnostics(now_s, self.cell.arm.reason, vars(self.cell.arm.counters) | self._loop_period())
        self.gripper.publish_diagnostics(now_s, self.cell.gripper.reason, {})
        self.base.publish_diagnostics(now_s, self.cell.base.reason, {})

    def _loop_period(self) -> dict[str, float]:
        """How regularly the control loop has turned lately, by the wall clock."""
        periods_ms = 1e3 * np.diff(self._turns_s)
        if not len(periods_ms):
            return {}
        p50, p99, most = np.percentile(periods_ms, [50, 99, 100]).round(3)
        return {"loop period p50 [ms]": p50, "loop period p99 [ms]": p99, "loop period max [ms]": most}

    def _on_load_scene(self, request: LoadScene.Request, response: LoadScene.Response) -> LoadScene.Response:
        if self.cell.stop_reason:
            response.success, response.message = False, f"stopped ({self.cell.stop_reason}); call /safety/reset first"
            return response
        if np.abs(self.cell.arm.read().velocity_rad_s).max() > STANDSTILL_RAD_S:
            response.success, response.message = False, "the arm moves; wait for its task or cancel it, then load again"
            return response
        try:
            scene = scene_from_json(request.scene, self.profile.catalogue)
            # The clock of the graph never runs back.
            world = World(self.profile, scene, start_s=self.cell.world.time_s)
        except LubanError as error:
            response.success, response.message = False, str(error)
            return response
        self.cell.world.close()
        self.cell = GatedCell(world)
        self.arm.gate, self.gripper.gate, self.base.gate = self.cell.arm, self.cell.gripper, self.cell.base
        self._announce(scene)
        if self._viewer is not None:
            self._viewer.close()
            self._viewer = self._open_viewer()
        response.success, response.message = True, self._scene_id
        return response

    def _announce(self, scene: Scene) -> None:
        self._scene_id = scene_id(scene)
        self._scene.publish(String(data=scene_to_json(scene)))
        self._take_origin()

    def _take_origin(self) -> None:
        self._origin_wall_s, self._origin_s = time.monotonic(), self.cell.world.time_s

    def _open_viewer(self) -> object:
        from sim.viewer import open_viewer

        return open_viewer(self.cell.world)


def main() -> None:
    def nodes() -> list[Node]:
        hold_domain()
        twin = TwinNode()
        return [twin, *twin.device_nodes, twin.safety]

    run(nodes)
