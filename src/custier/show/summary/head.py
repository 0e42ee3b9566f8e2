"""Which rubric, which date, which run, compared with what."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from custier.show.grid import named
from custier.show.look import Look, styled
from custier.values import Summary

STATUS_STYLES = {"published": "green", "already current": "green", "current": "green", "held": "yellow", "failed": "red"}
NOTICES = {
    "already current": "Nothing to do: this very run is current already, and the store is unchanged.",
    "already published": "Nothing to do: this very run was published before; a later run is current, and the store is unchanged.",
    "held": "Held: this run is complete and kept, and it is not published.",
    "failed": "Failed: the data did not pass its checks, and nobody was graded.",
    "unpublished": "Not published: this run is complete and kept.",
    "dry-run": "Dry run: nothing was written.",
}
_FROM = {"given": "as given", "data": "from the data", "today": "today: no usable row has a date"}


def head(summary: Summary, look: Look) -> RenderableType:
    dot = f" {look.glyph('·')} "
    lines = {
        "as of": Text.assemble(str(summary.as_of), (f" ({look.told(_FROM.get(summary.as_of_from, ''))})", "dim")),
        "window": styled(look.sentence(summary.window)),
        "run": Text.assemble(styled(summary.run_id), dot, _status(summary, look)),
        "compared with": styled(summary.previous or look.told("nothing, there is no run before")),
    }
    if summary.tiers:
        unrated = dot + look.told("{count:,} unrated", count=summary.unrated) if summary.unrated else ""
        lines["customers"] = Text.assemble((f"{summary.customers:,}", "bold"), unrated)
    if summary.without_rows:
        customers = look.counted(summary.without_rows, "customer")
        lines["without rows"] = styled(look.told("{customers} of the last run", customers=customers))
    if summary.kept:
        customers = look.counted(summary.kept, "customer")
        lines["kept"] = styled(look.told("{customers} with a better tier than earned", customers=customers))
    return Group(*_notice(summary, look), _title(summary, look), Text(), named([(look.told(k), text) for k, text in lines.items()], 15))


def _title(summary: Summary, look: Look) -> Text:
    heading = [] if summary.title == summary.rubric else [styled(summary.title, "bold"), Text(f" {look.glyph('·')} ", style="dim")]
    version = look.told(" version {version}", version=summary.version)
    return Text.assemble(*heading, styled(summary.rubric, "" if heading else "bold"), version)


def _status(summary: Summary, look: Look) -> Text:
    return styled(look.told(summary.status), STATUS_STYLES.get(summary.status, ""))


def _notice(summary: Summary, look: Look) -> list[Text]:
    notice = NOTICES.get(summary.status)
    return [styled(look.told(notice), STATUS_STYLES.get(summary.status, "bold")), Text()] if notice else []
