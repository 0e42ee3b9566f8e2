"""custier init"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
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
    NoCustomer,
    Sheet,
    Where,
    ask,
    looked_into,
)
from custier.cli.options import Lang, language, one_of, usage


def init(
    ctx: typer.Context,
    inputs: Annotated[
        list[str] | None, typer.Argument(metavar="EXPORT", help="transactions: files, globs, directories", show_default=False)
    ] = None,
    source: Annotated[list[str] | None, typer.Option("--source", metavar="NAME=PATH", help="another table; repeat it for more")] = None,
    like: Annotated[
        str | None, typer.Option("--like", metavar="RUBRIC", help="what to start from; else a shipped rubric that fits the columns")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="the file to write; else my-<rubric>.yaml")] = None,
    force: Annotated[bool, typer.Option("--force", help="replace the file if it is there")] = False,
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
    no_customer: NoCustomer = None,
    currency: Annotated[str | None, typer.Option("--currency", metavar="CODE", help="of all money, such as CNY or USD")] = None,
    lang: Lang = None,
) -> int:
    """Write a first rubric for exports: what they hold, and which column is which.

    Looks at the files, asks what only a person can say (without a terminal: takes the options), starts from a rubric that ships, tries it
    on the files, and ends with the next command.
    """
    said = language(lang)
    named = {"customer": customer, "date": date, "amount": amount}
    keys = {"encoding": encoding, "sheet": sheet, "header_line": header_line, "header": header, "where": where, "no_customer": no_customer}
    if currency is not None and not re.fullmatch("[A-Z]{3}", currency):
        raise usage(f"`{currency}` is no code of a currency", "--currency", "write its three capital letters, such as CNY, USD or EUR")
    if no_customer is not None:
        one_of(no_customer, ("exclude", "reject"), "--no-customer")
    looked = looked_into(ctx.obj, inputs or [], source or [], named, columns or [], date_format, decimal, keys)
    from custier.init import Asked, start_rubric
    from custier.show.print import print_started

    now = datetime.now(UTC).astimezone()
    started = start_rubric(Asked(looked, now, like, out, force, currency, said), lambda question: ask(question, said))
    print_started(started, lang=said)
    return started.trial.exit_code
