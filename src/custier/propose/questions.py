"""What only a person can say: asked where somebody is there, else an error with the flags that say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from custier.errors import InputError, Problem, listed
from custier.lang import told
from custier.propose.mapping import Question, Why, is_person, who_may_be_customers, who_together
from custier.propose.nobody import FILL_DOWN, FLAG, LEAVES_OUT, NO_CUSTOMER
from custier.propose.opened import Opened
from custier.propose.source import Proposal, propose_source
from custier.propose.told import Key, Told
from custier.show.command_line import said_anew

STATE = "Nothing was written."
MOST_ROUNDS = 8

Ask = Callable[[Question], str | None]
"""Asks a person; None where nobody is there to answer."""


@dataclass(frozen=True)
class Looked:
    """What is looked into. sources: every source with its files; told: source → what the user said; words: the command line as typed."""

    sources: Mapping[str, tuple[str, ...]]
    told: Mapping[str, Told] = field(default_factory=dict)
    words: tuple[str, ...] = ()

    def of(self, source: str) -> Told:
        return self.told.get(source, Told())


def settled(
    tables: Mapping[str, Opened], wanted: Mapping[str, Mapping[str, bool]], rubric: str, looked: Looked, ask: Ask
) -> list[Proposal]:
    """Each source with everything answered; wanted: source → its columns, and whether `rubric` needs them.

    Raises InputError (CT2231–CT2233) for what nobody answers, UsageError (CT1900) for headers that there are not.
    """
    for _ in range(MOST_ROUNDS):
        proposals = [propose_source(name, opened, wanted[name], looked.of(name)) for name, opened in tables.items()]
        questions = {p.source: found for p in proposals if (found := questions_of(p, rubric))}
        if not questions:
            break
        looked = replace(looked, told=answered(questions, looked, ask))
    return proposals


KEY_FLAGS = {"--encoding": "encoding", "--sheet": "sheet", "--header": "header", FLAG: NO_CUSTOMER}
SAYS_HOW = ("--date-format", "--decimal", *KEY_FLAGS)


def questions_of(proposal: Proposal, like: str) -> list[Question]:
    """Everything that is not known yet about a source."""
    return [*(_lacking(column, proposal, like) for column in proposal.lacking), *proposal.questions]


def _lacking(column: str, proposal: Proposal, like: str) -> Question:
    said = {"column": column, "headers": listed([c.header for c in proposal.columns], 20), "like": like}
    if column != "customer":
        return Question(column, f"--{column}", Why(LACKING, said))
    close = who_may_be_customers(proposal.columns)
    people = tuple(c.header for c in close if is_person(c))
    together = who_together(proposal.columns)
    said["headers"] = listed(people or [c.header for c in close] or [c.header for c in proposal.columns], 20)
    asked = CUSTOMER if people else NOT_NAMED if close else NOT_NAMED_AT_ALL
    options = people or tuple(c.header for c in close) or ((",".join(together),) if together else ())
    return Question(column, f"--{column}", Why(asked, said), options)


CUSTOMER = "no header says that it names the customer; these look close: {headers}"
NOT_NAMED = "no column names the customer, and without one nobody can be graded; by their content these look close: {headers}"
NOT_NAMED_AT_ALL = "no column names the customer, and without one nobody can be graded; the headers are {headers}"
LACKING = "no header seems to be the column `{column}`, which the rubric {like} needs; the headers are {headers}"
NO_ONE = (CUSTOMER, NOT_NAMED, NOT_NAMED_AT_ALL)
SAID = (*NO_ONE, LACKING)


def answered(questions: Mapping[str, Sequence[Question]], looked: Looked, ask: Ask) -> dict[str, Told]:
    """What is told, with the answers; raises InputError (CT2231–CT2233) for all questions where one has none."""
    said = dict(looked.told)
    open_questions = [(source, q, ask(q)) for source, found in questions.items() for q in found]
    if unanswered := [(source, q) for source, q, answer in open_questions if answer is None]:
        asked = [(source, q) for source, q in unanswered if _is_dead_end(q)] or unanswered
        raise InputError([_problem(source, q, [o for _, o in asked], looked) for source, q in asked], state=STATE)
    for source, question, answer in open_questions:
        said[source] = _with(said.get(source, Told()), question, answer or "")
    return said


def _is_dead_end(question: Question) -> bool:
    """Whether nothing in the file answers it, so that no other answer matters."""
    return not question.options and question.column not in ("amount", NO_CUSTOMER)


def _with(told: Told, question: Question, answer: str) -> Told:
    if question.flag == "--date-format":
        return replace(told, date_format=answer)
    if question.flag == "--decimal":
        return replace(told, decimal=answer)
    if question.flag in KEY_FLAGS:
        return replace(told, keys=(*told.keys, key_of(question.flag, answer)))
    return replace(told, columns={**told.columns, question.column: answer})


def key_of(flag: str, answer: str) -> Key:
    """The key of a source that an option says."""
    return Key(KEY_FLAGS[flag], [h.strip() for h in answer.split(",")] if flag == "--header" else answer)


def flag_of(source: str, question: Question, answer: str) -> tuple[str, str]:
    """The option of the command line that says it."""
    if source == "transactions" and (question.column in ("customer", "date", "amount") or question.flag in SAYS_HOW):
        return question.flag, answer
    return "--set", f"{'' if source == 'transactions' else source + '.'}{question.column}={answer}"


def _problem(source: str, question: Question, every: Sequence[Question], looked: Looked) -> Problem:
    what = told("en", question.asked.text, **question.asked.values)
    if question.examples:
        what += f": {'; '.join(f'{e} as {o}' for o, e in zip(question.options, question.examples, strict=True))}"
    code = "CT2231" if question.asked.text in NO_ONE else "CT2232" if question.asked.text == LACKING else "CT2233"
    return Problem(code, what, ", ".join(looked.sources.get(source, ())), _cure(source, question, every, looked))


def _cure(source: str, question: Question, every: Sequence[Question], looked: Looked) -> str:
    if question.column == NO_CUSTOMER:
        return f"{FILL_DOWN}, leave them out: {said_anew(looked.words, *_likeliest(source, every), FLAG, LEAVES_OUT)}"
    if not question.options:
        if question.column == "amount":
            counting = said_anew(looked.words, "--like", "frequency")
            return f"name the header with --amount, or start from a rubric that counts purchases: {counting}"
        what = "nothing in the file is a date; " if question.column == "date" else ""
        return f"{what}export the file with that column, or name its header: {' '.join(flag_of(source, question, 'HEADER'))}"
    line = said_anew(looked.words, *_likeliest(source, every))
    if question.asked.text in (NOT_NAMED, NOT_NAMED_AT_ALL):
        return f"say which names the customer, or which do together with commas (--customer A,B), such as: {line}"
    return f"say which is meant, such as: {line}"


def _likeliest(source: str, every: Sequence[Question]) -> list[str]:
    """The options that answer what has a likely answer."""
    return [word for q in every if q.options for word in flag_of(source, q, q.options[0])]
