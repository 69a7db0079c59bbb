"""Opens ONNX models as a planner beside control loops may use them."""

from __future__ import annotations

import onnxruntime

from luban.errors import PolicyError


def session(model: bytes) -> onnxruntime.InferenceSession:
    """Open an ONNX model on one thread: control loops need the others. Raises PolicyError."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the library's own kinds of errors have no common base
        raise PolicyError(f"an ONNX model cannot be opened ({error}); restore the checkpoint from git") from error
