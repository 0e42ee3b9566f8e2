"""custier explain"""

from __future__ import annotations

from typing import Annotated

import typer

from custier.cli.options import DEFAULT_STORE, Json, Lang, RubricName, Store, language


def explain(
    customer_id: Annotated[str, typer.Argument(metavar="ID", help="the customer's id, as in the export", show_default=False)],
    store: Store = DEFAULT_STORE,
    rubric: RubricName = None,
    run: Annotated[str | None, typer.Option("--run", metavar="RUN", help="another run than the current one")] = None,
    rows: Annotated[bool, typer.Option("--rows", help="also the rows behind it")] = False,
    lang: Lang = None,
    as_json: Json = False,
) -> int:
    """Show why a customer has its tier.

    The sum that adds up, the rules, what is missing to the next tier; --rows adds the rows behind it.
    """
    from custier.explain import explain_customer
    from custier.show.print import print_explanation

    said_in = language(lang)
    print_explanation(explain_customer(store, customer_id, rubric=rubric, run=run, rows=rows), as_json=as_json, lang=said_in)
    return 0
