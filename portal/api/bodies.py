"""What is sent: JSON, read strictly, and told by pointers where it is wrong."""

import json
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from portal.api.problems import ApiProblem
from portal.feeds.outcome import Problem

# A batch of orders with many lines each.
LARGEST_BODY = 16 * 1024 * 1024
S = TypeVar("S", bound=BaseModel)
Errors = list[tuple[str, str]]


def body() -> dict[str, Any]:
    if request.mimetype != "application/json":
        raise ApiProblem("media-type")
    request.max_content_length = LARGEST_BODY
    try:
        found = json.loads(request.get_data(), parse_constant=_refuse)
        _check(found)
    except (ValueError, RecursionError) as error:
        raise ApiProblem("malformed", "The body is not JSON as RFC 8259 has it, in UTF-8.") from error
    if not isinstance(found, dict):
        raise ApiProblem("invalid", errors=[("", "This has to be an object.")])
    return found


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _check(value: Any) -> None:
    """No database stores NUL, and lone surrogates are no text. Raises ValueError."""
    if isinstance(value, dict):
        for name, inner in value.items():
            _check(name)
            _check(inner)
    elif isinstance(value, list):
        for inner in value:
            _check(inner)
    elif isinstance(value, str) and ("\0" in value or not value.isascii()):
        if "\0" in value:
            raise ValueError("NUL")
        value.encode()


def shaped(shape: type[S], values: dict[str, Any]) -> S:
    """Raises ApiProblem that points at what is wrong."""
    found, errors = read(shape, values)
    if found is None:
        raise ApiProblem("invalid", errors=errors)
    return found


def read(shape: type[S], values: Any) -> tuple[S | None, Errors]:
    try:
        return shape.model_validate(values), []
    except ValidationError as error:
        return None, [(pointer(*wrong["loc"]), wrong["msg"]) for wrong in error.errors(include_url=False)]


def pointer(*steps: object) -> str:
    """As RFC 6901 writes them."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def told(problem: Problem, shape: Any) -> tuple[str, str]:
    """What a feed refuses: it names lines by their number, a pointer by their place."""
    steps: list[Any] = problem.field.split(".")
    if steps[0] == "lines" and len(steps) > 1:
        places = {str(line.position): place for place, line in enumerate(shape.lines)}
        steps[1] = places.get(steps[1], steps[1])
    return pointer(*steps), str(problem.message)
