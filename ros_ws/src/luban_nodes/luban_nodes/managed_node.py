"""A lifecycle node that brings itself up, so that a plain launch file starts a working graph."""

from __future__ import annotations

from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

from luban.errors import LubanError


class ManagedNode(LifecycleNode):
    """Base of our lifecycle nodes. With the parameter `autostart` (default true) it configures and activates itself;
    without, a lifecycle manager does. A LubanError in `configure` is logged as one sentence and the node stays down."""

    def __init__(self, name: str, **options: object) -> None:
        super().__init__(name, **options)
        self.declare_parameter("autostart", True)
        self.active = False

    def autostart(self) -> None:
        """Call when the node is complete."""
        if not self.get_parameter("autostart").value:
            return
        if self.trigger_configure() is TransitionCallbackReturn.SUCCESS:
            self.trigger_activate()

    def configure(self) -> None:
        """Create publishers, subscriptions and services. May raise LubanError."""

    def activate(self) -> None:
        """Take up work again."""

    def deactivate(self) -> None:
        """Bring whatever moves to rest."""

    @property
    def busy(self) -> bool:
        """Whether something still runs that must end before the node goes."""
        return False

    def end(self) -> None:
        """Deactivate for good, because the process ends."""
        if self.active:
            self.active = False
            self.deactivate()

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        try:
            self.configure()
        except LubanError as error:
            self.get_logger().error(str(error))
            return TransitionCallbackReturn.FAILURE
        return super().on_configure(state)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        self.activate()
        self.active = True
        return super().on_activate(state)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        self.active = False
        self.deactivate()
        return super().on_deactivate(state)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        self.active = False
        self.deactivate()
        return super().on_shutdown(state)
