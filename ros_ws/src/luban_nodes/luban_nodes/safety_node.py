"""/safety/state, /safety/stop and /safety/reset, in the process of the gates that they act on."""

from __future__ import annotations

from collections.abc import Callable

from luban_interfaces.msg import SafetyState
from rclpy.node import Node
from std_srvs.srv import Trigger

from luban.errors import CommandRejected
from luban_nodes import conversion
from luban_nodes.quality import LATCHED
from sim.gated_cell import GatedCell

RATE_HZ = 10.0


class SafetyNode(Node):
    """Stop is never refused; reset is refused while something moves. The state is published at 10 Hz and on change."""

    def __init__(self, cell: Callable[[], GatedCell]) -> None:
        super().__init__("safety")
        self._cell = cell
        self._state = self.create_publisher(SafetyState, "/safety/state", LATCHED)
        self.create_service(Trigger, "/safety/stop", self._on_stop)
        self.create_service(Trigger, "/safety/reset", self._on_reset)
        self.create_timer(1.0 / RATE_HZ, self.publish)

    def publish(self) -> None:
        cell = self._cell()
        message = SafetyState(stopped=bool(cell.stop_reason), reason=cell.stop_reason)
        message.header.stamp = conversion.time_message(cell.world.time_s)
        reports = {"arm": cell.arm.reason, "gripper": cell.gripper.reason, "agv": cell.base.reason}
        message.details = [f"{name}: {reason or 'running'}" for name, reason in reports.items()]
        self._state.publish(message)

    def _on_stop(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        self._cell().stop("stop pressed")
        self.publish()
        response.success, response.message = True, "stopped; call /safety/reset when it is safe"
        return response

    def _on_reset(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        try:
            self._cell().reset()
            response.success, response.message = True, "running; the first target must be the measured position"
        except CommandRejected as error:
            response.success, response.message = False, str(error)
        self.publish()
        return response
