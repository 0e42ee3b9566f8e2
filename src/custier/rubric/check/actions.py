"""Whether actions are told apart and name tiers that there are, and whether each version says what it changed."""

from __future__ import annotations

from custier.errors import listed, nearest
from custier.rubric.check.finding import Finding, Findings
from custier.rubric.check.tiers import UNRATED
from custier.rubric.model import Rubric


def action_names_differ(rubric: Rubric) -> Findings:
    names = [action.name for action in rubric.actions]
    for i, name in enumerate(names):
        if name in names[:i]:
            yield Finding(("actions", i, "name"), "CT1482", f"the action `{name}` stands twice", "give each action its own name")


def actions_name_tiers(rubric: Rubric) -> Findings:
    known = [*rubric.tier_names, UNRATED]
    for i, action in enumerate(rubric.actions):
        for n, name in enumerate(action.tier):
            if name not in known:
                near = nearest(name, known)
                cure = f"the nearest tier is `{near}`" if near else f"the tiers are {listed(known)}"
                yield Finding(("actions", i, "tier", n), "CT1483", f"`{name}` is not a tier of this rubric", cure)


def versions_differ(rubric: Rubric) -> Findings:
    versions = [revision.version for revision in rubric.changes]
    for i, version in enumerate(versions):
        if version in versions[:i]:
            cure = "write what one version changed in one entry"
            yield Finding(("changes", i, "version"), "CT1484", f"the version {version} stands twice in `changes`", cure)
        elif version > rubric.version:
            cure = f"count `version` up to {version}, or correct the entry"
            yield Finding(("changes", i, "version"), "CT1484", f"`changes` has version {version}, and the rubric is {rubric.version}", cure)


def this_version_is_told(rubric: Rubric) -> Findings:
    """A warning: `changes` was forgotten."""
    if rubric.changes and rubric.version not in [revision.version for revision in rubric.changes]:
        cure = f"add {{version: {rubric.version}, on: …, what: …}} to `changes`"
        yield Finding(("changes",), "CT1492", f"`changes` has no entry for version {rubric.version}", cure)
