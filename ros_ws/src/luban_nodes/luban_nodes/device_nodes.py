"""One lifecycle node per device: messages in, gate calls, messages out. Its owner calls `publish` at its rate."""

from __future__ import annotations

from collections.abc import Mapping

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from geometry_msgs.msg import TwistStamped, WrenchStamped
from luban_interfaces.msg import GripperCommand, GripperState, JointCommand
from nav_msgs.msg import Odometry
from sensor_msgs.msg import JointState, LaserScan

from luban.arm_gate import ArmGate
from luban.base_gate import BaseGate
from luban.errors import CommandRejected
from luban.gripper_gate import GripperGate
from luban_nodes import conversion
from luban_nodes.managed_node import ManagedNode
from luban_nodes.quality import CONTROL, EVENT, SENSOR


class DeviceNode(ManagedNode):
    """A driver node: refused commands are counted, said once a second and published in /diagnostics."""

    def __init__(self, name: str, hardware_id: str) -> None:
        super().__init__(name)
        self._hardware_id = hardware_id
        self._refusals = 0
        self._last_refusal = ""

    def configure(self) -> None:
        self._diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", EVENT)

    def refused(self, error: CommandRejected) -> None:
        self._refusals += 1
        self._last_refusal = str(error)
        self.get_logger().warning(str(error), throttle_duration_sec=1.0)

    def publish_diagnostics(self, stamp_s: float, stopped_reason: str, details: Mapping[str, object]) -> None:
        """Publish the device's condition in plain words; call about once a second."""
        status = DiagnosticStatus(name=self.get_name(), hardware_id=self._hardware_id)
        status.level = DiagnosticStatus.ERROR if stopped_reason else DiagnosticStatus.OK
        status.message = f"stopped: {stopped_reason}" if stopped_reason else "running"
        values = {"refused commands": self._refusals, "last refusal": self._last_refusal or "none", **details}
        status.values = [KeyValue(key=key, value=str(value)) for key, value in values.items()]
        message = DiagnosticArray(status=[status])
        message.header.stamp = conversion.time_message(stamp_s)
        self._diagnostics.publish(message)


class ArmNode(DeviceNode):
    """/arm/joint_command in; /arm/joint_states and /arm/wrench out."""

    def __init__(self, gate: ArmGate) -> None:
        super().__init__("arm_driver", gate.config.id)
        self.gate = gate

    def configure(self) -> None:
        super().configure()
        self._states = self.create_lifecycle_publisher(JointState, "/arm/joint_states", CONTROL)
        self._wrench = self.create_lifecycle_publisher(WrenchStamped, "/arm/wrench", CONTROL)
        self.create_subscription(JointCommand, "/arm/joint_command", self._on_command, CONTROL)

    def deactivate(self) -> None:
        self.gate.stop("the arm driver was deactivated")

    def _on_command(self, message: JointCommand) -> None:
        if not self.active:
            return
        try:
            self.gate.send(conversion.arm_command(message))
        except CommandRejected as error:
            self.refused(error)

    def publish(self) -> None:
        joints, wrench = conversion.arm_state_messages(self.gate.read())
        self._wrench.publish(wrench)
        self._states.publish(joints)


class GripperNode(DeviceNode):
    """/arm/gripper/command in; /arm/gripper/state out."""

    def __init__(self, gate: GripperGate) -> None:
        super().__init__("gripper_driver", gate.config.id)
        self.gate = gate

    def configure(self) -> None:
        super().configure()
        self._states = self.create_lifecycle_publisher(GripperState, "/arm/gripper/state", CONTROL)
        self.create_subscription(GripperCommand, "/arm/gripper/command", self._on_command, CONTROL)

    def _on_command(self, message: GripperCommand) -> None:
        if not self.active:
            return
        try:
            self.gate.send(conversion.gripper_command(message))
        except CommandRejected as error:
            self.refused(error)

    def publish(self) -> None:
        self._states.publish(conversion.gripper_state_message(self.gate.read()))


class BaseNode(DeviceNode):
    """/agv/cmd_vel in; /agv/odom and /agv/scan out. cmd_vel carries no deadline: the profile's timeout is its own."""

    def __init__(self, gate: BaseGate) -> None:
        super().__init__("agv_driver", gate.config.id)
        self.gate = gate
        self._timeout_s, self._period_s = gate.config.command_timeout_s, 1.0 / gate.config.rate_hz

    def configure(self) -> None:
        super().configure()
        self._odometry = self.create_lifecycle_publisher(Odometry, "/agv/odom", CONTROL)
        self._scan = self.create_lifecycle_publisher(LaserScan, "/agv/scan", SENSOR)
        self.create_subscription(TwistStamped, "/agv/cmd_vel", self._on_command, CONTROL)

    def deactivate(self) -> None:
        self.gate.stop("the AGV driver was deactivated")

    def _on_command(self, message: TwistStamped) -> None:
        if not self.active:
            return
        try:
            self.gate.send(conversion.base_command(message, self._timeout_s))
        except CommandRejected as error:
            self.refused(error)

    def publish(self) -> None:
        self._scan.publish(conversion.scan_message(self.gate.scan(), self._period_s))
        self._odometry.publish(conversion.base_state_message(self.gate.read()))
