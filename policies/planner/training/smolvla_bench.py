"""How long SmolVLA takes for one chunk of actions on the CPU, at its published size with random weights.

A script for an environment of its own (Python 3.11, needs no network and nothing of Luban):
`pip install "lerobot[smolvla]==0.4.4" torch==2.10.0 torchvision==0.25.0 transformers==4.57.6 num2words==0.5.14`,
then `python policies/planner/training/smolvla_bench.py`. Writes one line of JSON to standard output.
Time does not depend on what the weights are, only on how many there are.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import sys
import tempfile
import time
from types import SimpleNamespace

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
import torch
from lerobot.configs.types import FeatureType, PolicyFeature
from lerobot.policies.smolvla import smolvlm_with_expert
from lerobot.policies.smolvla.configuration_smolvla import SmolVLAConfig
from lerobot.policies.smolvla.modeling_smolvla import SmolVLAPolicy
from lerobot.utils.constants import ACTION, OBS_IMAGES, OBS_LANGUAGE_ATTENTION_MASK, OBS_LANGUAGE_TOKENS, OBS_STATE
from transformers import SmolVLMConfig

CAMERA, SIZE_PX, TOKENS, JOINTS = f"{OBS_IMAGES}.camera", 512, 48, 6
PARAMETERS = (440e6, 460e6)  # "450 M": Shukor et al. 2025, SmolVLA, arXiv 2506.01844

# config.json of HuggingFaceTB/SmolVLM2-500M-Video-Instruct; SmolVLA keeps the first 16 of the text model's layers.
VOCABULARY = 49280
TEXT = {
    "model_type": "llama",
    "vocab_size": VOCABULARY,
    "hidden_size": 960,
    "intermediate_size": 2560,
    "num_hidden_layers": 32,
    "num_attention_heads": 15,
    "num_key_value_heads": 5,
    "head_dim": 64,
    "max_position_embeddings": 8192,
    "rms_norm_eps": 1e-5,
    "rope_theta": 100000,
    "pad_token_id": 2,
}
VISION = {
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "image_size": SIZE_PX,
    "patch_size": 16,
}


class NoProcessor:
    """In place of the tokenizer's files, which only the hub has: the policy is fed ids and marks no images."""

    @classmethod
    def from_pretrained(cls, _: str) -> SimpleNamespace:
        return SimpleNamespace(tokenizer=SimpleNamespace(fake_image_token_id=49189, global_image_token_id=49152))


def random_policy() -> SmolVLAPolicy:
    """Return SmolVLA as LeRobot builds it, in float32. Raises ValueError when its size is not the published one."""
    smolvlm_with_expert.AutoProcessor = NoProcessor
    with tempfile.TemporaryDirectory() as folder:
        SmolVLMConfig(text_config=TEXT, vision_config=VISION, scale_factor=4, image_token_id=49190).save_pretrained(
            folder
        )
        config = SmolVLAConfig(
            device="cpu",
            vlm_model_name=folder,
            input_features={
                CAMERA: PolicyFeature(FeatureType.VISUAL, (3, SIZE_PX, SIZE_PX)),
                OBS_STATE: PolicyFeature(FeatureType.STATE, (JOINTS,)),
            },
            output_features={ACTION: PolicyFeature(FeatureType.ACTION, (JOINTS,))},
        )
        policy = SmolVLAPolicy(config).eval()
    if not PARAMETERS[0] < size(policy) < PARAMETERS[1]:
        raise ValueError(f"SmolVLA with {size(policy)} parameters; published: 450 M")
    return policy


def size(policy: SmolVLAPolicy) -> int:
    return sum(parameter.numel() for parameter in policy.parameters())


def observation(generator: torch.Generator) -> dict[str, torch.Tensor]:
    """Return one random observation: an image (1, 3, 512, 512) in 0..1, a state (1, 6), ids and their mask (1, 48)."""
    return {
        CAMERA: torch.rand(1, 3, SIZE_PX, SIZE_PX, generator=generator),
        OBS_STATE: torch.randn(1, JOINTS, generator=generator),
        OBS_LANGUAGE_TOKENS: torch.randint(VOCABULARY, (1, TOKENS), generator=generator),
        OBS_LANGUAGE_ATTENTION_MASK: torch.ones(1, TOKENS, dtype=torch.bool),
    }


def chunk_s(policy: SmolVLAPolicy, generator: torch.Generator) -> float:
    """Return how long one chunk of 50 actions takes [s]: image, prefix and ten steps of denoising."""
    batch = observation(generator)
    start = time.perf_counter()
    actions = policy.predict_action_chunk(batch)
    elapsed_s = time.perf_counter() - start
    if actions.shape != (1, policy.config.chunk_size, JOINTS) or not actions.isfinite().all():
        raise ValueError(f"not a chunk of actions: {tuple(actions.shape)}")
    return elapsed_s


def measure(runs: int, warm_up: int, seed: int) -> dict[str, object]:
    """load_s: to make the random weights, not to read them from a disk. peak_mb: of the whole process."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    start = time.perf_counter()
    policy = random_policy()
    load_s = time.perf_counter() - start
    times_ms = [1e3 * chunk_s(policy, generator) for _ in range(warm_up + runs)][warm_up:]
    return {
        "name": "SmolVLA, random weights, float32",
        "parameters": size(policy),
        "p50_ms": round(float(np.percentile(times_ms, 50)), 1),
        "p99_ms": round(float(np.percentile(times_ms, 99)), 1),
        "runs": runs,
        "threads": torch.get_num_threads(),
        "load_s": round(load_s, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--warm-up", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    with contextlib.redirect_stdout(sys.stderr):  # LeRobot prints
        result = measure(arguments.runs, arguments.warm_up, arguments.seed)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
