"""What must agree between the parts of a rubric: one small function per rule, all collected."""

from __future__ import annotations

from collections.abc import Callable

from custier.rubric.check.accounts import accounts_can_be_found, tiers_can_be_inherited
from custier.rubric.check.actions import action_names_differ, actions_name_tiers, this_version_is_told, versions_differ
from custier.rubric.check.benefits import (
    benefits_are_in_the_catalogue,
    benefits_of_a_tier_differ,
    every_listed_benefit_is_granted,
    quotas_do_not_fall,
)
from custier.rubric.check.constant import conditions_ask_of_the_customer
from custier.rubric.check.finding import Finding, Findings
from custier.rubric.check.matrix import (
    axes_hold_every_value_once,
    axes_say_what_missing_means,
    matrix_alone_makes_tiers,
    matrix_is_full,
    matrix_names_what_there_is,
)
from custier.rubric.check.merge import merges_can_be_found
from custier.rubric.check.points import earning_rules_differ, points_have_columns_of_their_own
from custier.rubric.check.reach import conditions_can_hold, labels_get_their_turn, tiers_get_their_turn
from custier.rubric.check.rules import (
    rule_names_differ,
    rules_can_change_a_tier,
    rules_do_not_contradict,
    rules_get_their_turn,
    rules_name_tiers,
)
from custier.rubric.check.score import (
    bands_hold_every_value_once,
    better_parts_earn_no_less,
    missing_values_are_provided_for,
    weights_make_a_hundred,
)
from custier.rubric.check.segments import former_tiers_are_known, labels_exist, segments_are_made_in_order, segments_end_with_otherwise
from custier.rubric.check.slices import kept_cuts_are_of_slices, slices_are_complete, slices_divide_by_a_text, slices_follow_each_other
from custier.rubric.check.sources import (
    a_source_is_there,
    column_names_are_free,
    customers_have_no_date,
    every_row_has_a_customer_and_a_date,
    formulas_can_be_used,
    joined_columns_are_texts,
    source_formulas_can_be_read,
)
from custier.rubric.check.tier_scores import tier_scores_can_be_reached
from custier.rubric.check.tiers import kept_tiers_exist, last_tier_takes_the_rest, retention_has_an_effect, tier_names_differ
from custier.rubric.check.unused import every_metric_is_used
from custier.rubric.model import Rubric

CHECKS: list[Callable[[Rubric], Findings]] = [
    a_source_is_there,
    source_formulas_can_be_read,
    formulas_can_be_used,
    column_names_are_free,
    accounts_can_be_found,
    merges_can_be_found,
    earning_rules_differ,
    points_have_columns_of_their_own,
    customers_have_no_date,
    every_row_has_a_customer_and_a_date,
    joined_columns_are_texts,
    segments_end_with_otherwise,
    segments_are_made_in_order,
    labels_exist,
    bands_hold_every_value_once,
    better_parts_earn_no_less,
    weights_make_a_hundred,
    missing_values_are_provided_for,
    tier_names_differ,
    last_tier_takes_the_rest,
    tier_scores_can_be_reached,
    slices_are_complete,
    kept_cuts_are_of_slices,
    slices_divide_by_a_text,
    slices_follow_each_other,
    matrix_is_full,
    matrix_names_what_there_is,
    matrix_alone_makes_tiers,
    axes_hold_every_value_once,
    axes_say_what_missing_means,
    rules_name_tiers,
    rule_names_differ,
    kept_tiers_exist,
    conditions_can_hold,
    tiers_get_their_turn,
    labels_get_their_turn,
    rules_can_change_a_tier,
    rules_get_their_turn,
    rules_do_not_contradict,
    benefits_of_a_tier_differ,
    benefits_are_in_the_catalogue,
    action_names_differ,
    actions_name_tiers,
    versions_differ,
    tiers_can_be_inherited,
]

WARNINGS: list[Callable[[Rubric], Findings]] = [
    retention_has_an_effect,
    quotas_do_not_fall,
    every_listed_benefit_is_granted,
    this_version_is_told,
    former_tiers_are_known,
    every_metric_is_used,
    conditions_ask_of_the_customer,
]


def check_rubric(rubric: Rubric) -> list[Finding]:
    """Everything that is wrong between the parts of a rubric whose parts are well-formed."""
    return [finding for check in CHECKS for finding in check(rubric)]


def warn_of_rubric(rubric: Rubric) -> list[Finding]:
    """What is no error in a rubric that has none, and probably not meant."""
    return [finding for check in WARNINGS for finding in check(rubric)]
