"""What pages say, in English or Chinese: the English text is the key, and one catalogue has the other language."""

from __future__ import annotations

from typing import Any, Literal

Lang = Literal["en", "zh"]
LANGUAGES: tuple[Lang, ...] = ("en", "zh")


def told(lang: Lang, text: str, **values: Any) -> str:
    """The text with its values, in a language; a text that the catalogue lacks stays English, so that nothing is left unsaid."""
    if lang == "zh":
        from custier.lang.zh import SAID

        text = SAID.get(text, text)
    return text.format(**values) if values else text


def sentence(lang: Lang, text: str) -> str:
    """What a run keeps in English words, such as the cause of a move, in a language; names and numbers in it stay."""
    if lang == "zh":
        from custier.lang.zh import SENTENCES

        for pattern, said in SENTENCES:
            text = pattern.sub(said, text)
    return text


def key(lang: Lang, name: str) -> str:
    """What a key of a rubric means, in a language; in English, and where no word is known, the key itself."""
    if lang == "zh":
        from custier.lang.zh_keys import KEYS

        return KEYS.get(name, name)
    return name


def warned(lang: Lang, text: str) -> str:
    """A warning that a run keeps in English words, in a language; names, numbers and what no pattern knows stay."""
    if lang == "zh":
        from custier.lang.zh_warnings import STRICT, WARNINGS

        for pattern, said in WARNINGS:
            if found := pattern.fullmatch(text):
                return said.format(*(sentence(lang, part) for part in found.groups()), strict=STRICT)
    return text


def titled(lang: Lang, en: str | None, zh: str | None) -> str | None:
    """A title in a language, or in the other one where it has no words in this."""
    return (zh or en) if lang == "zh" else (en or zh)


def counted(lang: Lang, number: int, noun: str) -> str:
    """`1 row`, `1,204 rows`; `1,204 行`."""
    if lang == "zh":
        return f"{number:,} {told(lang, noun)}"
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
