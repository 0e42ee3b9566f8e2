"""The JSON Schema of a rubric, for editors, and the keys it knows at each place, for messages."""

from __future__ import annotations

from functools import cache
from typing import Any

from custier.rubric.model import Guardrails, Rubric
from custier.rubric.window import Window
from custier.rubric.yaml_file import Place

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_WHOLE: Schema = {"type": "integer"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_REFERENCE = "#/definitions/{model}"
_DEFAULTS = {"Window": Window.model_validate("lifetime").model_dump(), "Guardrails": Guardrails().model_dump()}


def rubric_schema() -> Schema:
    """What `custier rubric schema` prints: JSON Schema, draft 7, of everything a rubric may say.

    A rubric that extends another says parts of blocks, so of that only the keys at the top are held to be known.
    """
    full = _full()
    whole = {"properties": full["properties"], "required": [key for key in full["required"] if key != "rubric"]}
    keys = {key: {name: block[name] for name in ("description",) if name in block} for key, block in full["properties"].items()}
    extending: Schema = {"if": {"not": {"required": ["extends"]}}, "then": whole}
    return {**full, "properties": keys, "required": ["rubric"], **extending}


def _full() -> Schema:
    """The schema of a rubric that extends none."""
    schema = _tidied(Rubric.model_json_schema(ref_template=_REFERENCE))
    definitions = schema.pop("$defs")
    for name, change in _SHORTHANDS.items():
        definitions[name] = change(definitions[name])
    for name, defaults in _DEFAULTS.items():
        _set_defaults(definitions[name], defaults)
    return {"$schema": "http://json-schema.org/draft-07/schema#", **schema, "definitions": definitions}


@cache
def known_keys(place: Place) -> tuple[str, ...]:
    """The keys a rubric may have at this place; none where names are free or nothing is known."""
    schema = _schema()
    nodes = _resolved(schema, schema)
    for part in place:
        nodes = [deeper for node in nodes for step in _steps(node, part) for deeper in _resolved(step, schema)]
    return tuple(dict.fromkeys(key for node in nodes for key in node.get("properties", {})))


_schema = cache(_full)


def _tidied(node: Any) -> Any:
    """Without generated titles and null alternatives, and with free names as additionalProperties.

    The patterns of names are left out: editors read \\w as ASCII and would refuse Chinese names.
    """
    if isinstance(node, list):
        return [_tidied(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: _tidied(value) for key, value in node.items() if not _generated(key, value)}
    if "patternProperties" in node:
        node["additionalProperties"] = next(iter(node.pop("patternProperties").values()))
    choices = [choice for choice in node.get("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1:
        del node["anyOf"]
        return {**choices[0], **node}
    return {**node, "anyOf": choices} if choices else node


def _generated(key: str, value: Any) -> bool:
    return (key == "title" and isinstance(value, str)) or (key == "default" and value is None) or key in ("pattern", "discriminator")


def _either(short: list[Schema]) -> Any:
    return lambda full: {"description": full["description"], "anyOf": [*short, full]}


def _band(full: Schema) -> Schema:
    otherwise = {
        "type": "object",
        "properties": {"otherwise": full["properties"]["points"]},
        "required": ["otherwise"],
        "additionalProperties": False,
    }
    return {"description": full["description"], "anyOf": [full, otherwise]}


def _benefit(full: Schema) -> Schema:
    return {"description": full["description"], "anyOf": [_TEXT, {"$ref": _REFERENCE.format(model="Title")}, full]}


def _granted(full: Schema) -> Schema:
    often: Schema = {"type": "object", "additionalProperties": _TEXT, "minProperties": 1, "maxProperties": 1}
    return {"description": full["description"], "anyOf": [_TEXT, full, often]}


def _column(full: Schema) -> Schema:
    header = full["properties"]["column"]
    full["properties"]["column"] = {"description": header["description"], "anyOf": [_TEXT, _TEXTS]}
    return {"description": full["description"], "anyOf": [_TEXT, _TEXTS, full]}


_OTHERWISE: Schema = {"const": "otherwise"}
_SHORTHANDS = {
    "Window": _either([_TEXT]),
    "Change": _either([_TEXT]),
    "Axis": _either([_TEXT]),
    "AxisBand": _either([_OTHERWISE]),
    "Column": _column,
    "Band": _band,
    "Quantiles": _either([_WHOLE]),
    "Benefit": _benefit,
    "Granted": _granted,
}


def _set_defaults(definition: Schema, defaults: dict[str, Any]) -> None:
    for full in definition.get("anyOf", [definition]):
        for name, field in full.get("properties", {}).items():
            if "default" in field:
                field["default"] = defaults[name]


def _resolved(node: Schema, schema: Schema) -> list[Schema]:
    """The node itself, or all that it refers to and could be."""
    if "$ref" in node:
        return _resolved(schema["definitions"][node["$ref"].rsplit("/", 1)[1]], schema)
    choices = [*node.get("anyOf", []), *node.get("oneOf", [])]
    return [found for choice in choices for found in _resolved(choice, schema)] if choices else [node]


def _steps(node: Schema, part: str | int) -> list[Schema]:
    if isinstance(part, int):
        return [node["items"]] if "items" in node else []
    if part in node.get("properties", {}):
        return [node["properties"][part]]
    free = node.get("additionalProperties")
    return [free] if isinstance(free, dict) else []
