"""A teacher that is a vision-language model: asked in words, answers with a tool call, remembers what it answered."""

from __future__ import annotations

from abc import ABC, abstractmethod

from policies.planner.answer_cache import AnswerCache, Reply
from policies.planner.image_coordinates import ImageCoordinates
from policies.planner.teacher import TeacherAnswer, TeacherQuestion
from policies.planner.teacher_prompt import Prompt, render
from policies.planner.tool_call import read_call


class PromptedTeacher(ABC):
    """Asks, or finds the answer in the cache, and reads it. Subclasses say how a model is reached.

    source: a short name for people. model: everything besides the prompt that decides what the model writes; part of
    the cache's key. coordinates: how the model writes places.
    """

    def __init__(self, source: str, model: str, coordinates: ImageCoordinates, cache: AnswerCache | None) -> None:
        self.source, self.model, self.coordinates = source, model, coordinates
        self._cache = cache

    @abstractmethod
    def _reply(self, prompt: Prompt) -> Reply:
        """Return what the model writes. Raises TeacherError."""

    def answer(self, question: TeacherQuestion) -> TeacherAnswer:
        """Return the next step.

        Raises:
            TeacherError: the model cannot be reached in time, or what it wrote is not one valid step.
        """
        prompt = render(question, self.coordinates)
        key = prompt.content_hash(self.model)
        kept = self._cache.get(key) if self._cache else None
        reply = kept or self._reply(prompt)
        if self._cache and kept is None:
            self._cache.put(key, reply, {"model": self.model, "question": prompt.user})
        step, reasoning = read_call(reply.text, question, self.coordinates)
        return TeacherAnswer(
            step=step,
            reasoning=reasoning,
            source=self.source,
            seconds=reply.seconds,
            tokens_in=reply.tokens_in,
            tokens_out=reply.tokens_out,
            cost=reply.cost,
            skill_probabilities=reply.skill_probabilities,
            from_cache=kept is not None,
        )
