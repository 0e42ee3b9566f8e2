"""A question to whoever sits at the terminal, with what could be meant."""

from __future__ import annotations

from custier.errors import listed
from custier.lang import Lang, told
from custier.propose.mapping import Question
from custier.show.safe import safe


def question_text(question: Question, lang: Lang) -> str:
    """The question, its options numbered, the likeliest first."""
    values = dict(question.asked.values) | ({"headers": listed(question.options)} if question.options else {})
    examples = [f"  ({example})" for example in question.examples] or [""] * len(question.options)
    options = [f"  {n}  {safe(option)}{safe(e)}" for n, (option, e) in enumerate(zip(question.options, examples, strict=True), 1)]
    return "\n".join(["", safe(told(lang, question.asked.text, **values)), *options, ""])
