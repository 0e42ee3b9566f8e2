"""What is in some exports, as a person reads it."""

from __future__ import annotations

from rich.console import Group

from custier.profile.values import Profile
from custier.show.look import Look, render
from custier.show.profile.columns import columns
from custier.show.profile.customers import concentration, orders
from custier.show.profile.dirt import dirt
from custier.show.profile.head import head
from custier.show.profile.worth import worth

PARTS = (head, columns, dirt, concentration, orders, worth)


def profile_text(profile: Profile, look: Look) -> str:
    """The page, from what is in the files to whether grading is worth it; parts without content are left out."""
    return render(Group(*(part for make in PARTS if (part := make(profile, look)) is not None)), look)
