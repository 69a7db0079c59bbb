"""Thin rclpy nodes of Luban: they convert messages and call one function."""

import signal
import sys
from pathlib import Path

if Path(sys.argv[0]).parent.name == __name__:
    # A node's process: until it spins, which takes its imports a second or two, Ctrl-C ends it without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
