"""The rubric language: what a grading policy may say, read from YAML and checked in full."""

from custier.rubric.load import Loaded, load_rubric, parse_rubric, resolved_text, shipped_rubrics, shipped_text
from custier.rubric.schema import rubric_schema
from custier.rubric.shipped import shipped_titles

__all__ = ["Loaded", "load_rubric", "parse_rubric", "resolved_text", "rubric_schema", "shipped_rubrics", "shipped_text", "shipped_titles"]
