"""What the pictures of precipitation share: the precipitate of a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sepsim.drawing.curves import trace_of
from sepsim.method import StepResult

if TYPE_CHECKING:
    from sepsim.techniques.precipitation.precipitate import Precipitate


def precipitate_of(step: StepResult) -> Precipitate:
    """Return the precipitate of a step, or raise InputError if it is of another technique."""
    from sepsim.techniques.precipitation.precipitate import Precipitate

    return trace_of(step, Precipitate, "no precipitation")
