"""custier profile"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from custier.cli.exports import (
    Amount,
    Columns,
    Customer,
    Date,
    DateFormat,
    Decimal,
    Encoding,
    Header,
    HeaderLine,
    Sheet,
    Where,
    ask,
    looked_into,
)
from custier.cli.options import Json, Lang, language


def profile(
    ctx: typer.Context,
    inputs: Annotated[
        list[str] | None, typer.Argument(metavar="EXPORT", help="transactions: files, globs, directories", show_default=False)
    ] = None,
    rubric: Annotated[
        str | None, typer.Option("--rubric", metavar="NAME|FILE", help="reads the files as this rubric does", show_default=False)
    ] = None,
    customer: Customer = None,
    date: Date = None,
    amount: Amount = None,
    columns: Columns = None,
    date_format: DateFormat = None,
    decimal: Decimal = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    header_line: HeaderLine = None,
    header: Header = None,
    where: Where = None,
    lang: Lang = None,
    as_json: Json = False,
) -> int:
    """Say what is in exports, and whether grading their customers is worth it.

    Rows, customers, what is missing or odd, how concentrated spend is, how often customers buy. Nothing is graded or written; ids are
    masked.
    """
    said = language(lang)
    named = {"customer": customer, "date": date, "amount": amount}
    keys = {"encoding": encoding, "sheet": sheet, "header_line": header_line, "header": header, "where": where}
    looked = looked_into(ctx.obj, inputs or [], [], named, columns or [], date_format, decimal, keys)
    from custier.profile import Asked, profile_exports
    from custier.show.print import print_profile

    today = datetime.now(UTC).astimezone().date()
    found = profile_exports(Asked(looked, today, rubric), lambda question: None if as_json else ask(question, said))
    print_profile(found, as_json=as_json, lang=said)
    return 0
