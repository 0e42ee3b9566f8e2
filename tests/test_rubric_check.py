"""Parts of a rubric that do not fit together are found, each with its place and cure."""

import pytest

from custier.errors import Problem, RubricError
from custier.rubric.load import parse_rubric

TIERS = "tiers: [{name: A, when: spend > 10}, {name: B}]\n"
REST = "{otherwise: 0}"
SCORE = "score: {spend: {weight: 100, bands: [{at_least: 10, points: 100}, {otherwise: 20}]}}\n"
SIDES = "segments: {side: {a: spend > 1, b: otherwise}}\n"
AB = "tiers: [{name: A}, {name: B}]\n"
MATRIX = "segments: {v: {h: spend > 5, l: otherwise}, p: {h: orders > 1, l: otherwise}}\nmatrix: {rows: v, columns: p, "
COLUMNS = "columns: {metric: orders, bands: {l: {at_most: 1}, h: otherwise}}, tiers: {h: {h: A, l: B}, l: {h: B, l: B}}}"
FULL = "bands: [{otherwise: 50}]"


def problems(text: str) -> list[Problem]:
    with pytest.raises(RubricError) as error:
        parse_rubric(f"rubric: mine\n{text}".encode(), "my.yaml")
    return list(error.value.problems)


def good(text: str) -> bool:
    return parse_rubric(f"rubric: mine\n{text}".encode(), "my.yaml").rubric == "mine"


@pytest.mark.parametrize(
    ("text", "where", "code", "said"),
    [
        (
            f"score: {{spend: {{weight: 100, bands: [{{at_least: 5, points: 1}}]}}}}\n{TIERS}",
            "2:30", "CT1401", "no band holds values below 5",
        ),
        (
            f"score: {{spend: {{weight: 100, bands: [{{at_least: 1, below: 5, points: 1}}, {{above: 4, points: 2}}, {REST}]}}}}\n" + TIERS,
            "2:74", "CT1402", "overlaps",
        ),
        (
            f"score: {{spend: {{weight: 100, bands: [{{at_least: 5, points: 1}}, {{at_least: 9, points: 2}}, {REST}]}}}}\n{TIERS}",
            "2:64", "CT1403", "never reached",
        ),
        (
            f"score: {{spend: {{weight: 60, {FULL}}}, orders: {{weight: 39.99, {FULL}}}}}\n{TIERS}",
            "2:1", "CT1404", "the weights make 99.99, not 100",
        ),
        (
            f"score: {{spend: {{weight: 100, quantiles: {{parts: 3, points: [1, 2, 3]}}}}}}\n{TIERS}",
            "2:52", "CT1470", "a worse part earns more",
        ),
        (
            f"score: {{spend: {{weight: 100, quantiles: {{parts: 3, points: [2, 1]}}}}}}\n{TIERS}",
            "2:41", "CT1205", "has 2 points for 3 parts",
        ),
        (f"score: {{spend: {{weight: 100, quantiles: 1}}}}\n{TIERS}", "2:41", "CT1205", "is less than 2"),
        (f"score: {{spend: {{weight: 100, {FULL}, quantiles: 5}}}}\n{TIERS}", "2:30", "CT1203", "unknown key `bands` in score.spend"),
        (f"{SCORE}eligible: points_spend > 5\n{TIERS}", "3:11", "CT1418", "`points_spend` hangs on points"),
        (f"{SCORE}flags: {{f: points_orders > 5}}\n{TIERS}", "3:12", "CT1418", "`points_orders` is not known here"),
        (
            "score: {spend: {weight: 100, quantiles: {parts: 5, points: [9, 8, 7, 6, 5]}}}\ntiers: [{name: A, score: {above: 9}}, {name: B}]",
            "3:19", "CT1408", "scores go from 5 to 9",
        ),
        ("tiers: [{name: A, when: spend > 10}, {name: A}]", "2:45", "CT1405", "the tier `A` stands twice"),
        ("tiers: [{name: unrated, when: spend > 10}, {name: A}]", "2:16", "CT1405", "`unrated` is kept"),
        ("tiers: [{name: A, when: spend > 10}]", "2:9", "CT1406", "the last tier `A` does not take everyone"),
        ("tiers: [{name: A}, {name: B}]", "2:20", "CT1407", "`B` is never reached, because `A`"),
        (f"{SCORE}tiers: [{{name: A, score: {{at_least: 101}}}}, {{name: B}}]", "3:19", "CT1408", "scores go from 20 to 100"),
        (f"{SCORE}tiers: [{{name: A, score: {{below: 20}}}}, {{name: B}}]", "3:19", "CT1408", "scores go from 20 to 100"),
        (
            f"{SCORE}tiers: [{{name: A, score: {{at_least: 50}}}}, {{name: B, score: {{at_least: 70}}}}, {{name: C}}]",
            "3:53", "CT1408", "`B` is never",
        ),
        (
            f"{SCORE}tiers: [{{name: A, score: {{at_least: 50}}}}, {{name: B, score: {{at_least: 50}}}}, {{name: C}}]",
            "3:53", "CT1408", "`B` is never",
        ),
        (f"{SCORE}tiers: [{{name: A, score: {{at_least: 20}}}}, {{name: B}}]", "3:43", "CT1408", "`B` is never reached"),
        ("tiers: [{name: A, score: {at_least: 50}}, {name: B}]", "2:19", "CT1409", "the rubric has no `score`"),
        (f"metrics: {{tier: {{sum: amount}}}}\n{TIERS}", "2:11", "CT1410", "`tier` is a name that custier uses itself"),
        (f"metrics: {{points_spend: {{sum: amount}}}}\n{SCORE}{TIERS}", "2:11", "CT1410", "`points_spend` is a name that custier uses"),
        (f"segments: {{change: {{a: spend > 1, b: otherwise}}}}\n{TIERS}", "2:12", "CT1410", "`change` is a name that custier uses"),
        (
            f"metrics: {{size: {{sum: amount}}}}\nsegments: {{size: {{a: spend > 1, b: otherwise}}}}\n{TIERS}",
            "3:12", "CT1410", "both a segment and a metric",
        ),
        ("tiers: [{name: A, top: 5%}, {name: B}]", "2:24", "CT1411", "does not say by which metric"),
        (
            "tiers: [{name: A, top: 5%, cumulative_share: 80%, by: spend}, {name: B}]",
            "2:46", "CT1411", "two slices, top and cumulative_share",
        ),
        ("tiers: [{name: A, when: spend > 10, by: spend}, {name: B}]", "2:41", "CT1411", "`by` and no slice"),
        ("tiers: [{name: A, top: 60%, by: spend}, {name: B, next: 41%}, {name: C}]", "2:57", "CT1412", "make 101%"),
        ("tiers: [{name: A, top: 20%, by: spend}, {name: B, top: 20%}, {name: C}]", "2:56", "CT1412", "`B` is never reached"),
        (
            "tiers: [{name: A, top: 50 customers, by: spend}, {name: B, top: 9 customers}, {name: C}]",
            "2:65", "CT1412", "`B` is never reached",
        ),
        ("tiers: [{name: A, when: spend > 10, within: side}, {name: B}]\nsegments: {side: {a: otherwise}}", "2:45", "CT1411", "`within` and no slice"),
        (f"cuts: {{from: 2025-01-31-0123456789ab}}\n{TIERS}", "2:1", "CT1411", "no tier is a slice"),
        ("tiers: [{name: A, top: 5%, by: spend}, {name: B, top: 1%}, {name: C}]", "2:55", "CT1412", "`B` is never reached"),
        ("tiers: [{name: A, next: 5%, by: spend}, {name: B}]", "2:25", "CT1412", "`next` of tier `A` follows no slice"),
        (
            "tiers: [{name: A, cumulative_share: 50%, by: spend}, {name: B, next: 5%}, {name: C}]",
            "2:70", "CT1412", "`next` of tier `B` follows no slice",
        ),
        (
            "tiers: [{name: A, top: 5%, by: spend}, {name: B, next: 5%, by: orders}, {name: C}]",
            "2:56", "CT1412", "`next` of tier `B` follows no slice",
        ),
        (
            f"{SIDES}tiers: [{{name: A, top: 5%, by: spend}}, {{name: B, next: 5%, within: side}}, {{name: C}}]",
            "3:56", "CT1412", "`next` of tier `B` follows no slice",
        ),
        (
            "tiers: [{name: A, top: 50%, by: spend, when: orders > 1}, {name: B, next: 51%}, {name: C}]",
            "2:75", "CT1412", "make 101%",
        ),
        ("tiers: [{name: A, top: 0%, by: spend}, {name: B}]", "2:24", "CT1412", "holds nobody"),
        ("tiers: [{name: A, top: 5%, by: spend}, {name: B, next: 0%}, {name: C}]", "2:56", "CT1412", "holds nobody"),
        ("tiers: [{name: A, cumulative_share: 0%, by: spend}, {name: B}]", "2:37", "CT1412", "holds nobody"),
        (
            f"{SIDES}tiers: [{{name: A, top: 5%, by: spend, within: side}}, {{name: B, top: 5%}}, {{name: C}}]",
            "3:69", "CT1412", "`B` is never reached",
        ),
        (f"{SIDES}tiers: [{{name: A, top: 5%, by: spend, within: sides}}, {{name: B}}]", "3:47", "CT1431", "`sides`, within which `A` is cut, is neither a segment nor a text"),
        ("tiers: [{name: A, top: 5%, by: spend, within: orders}, {name: B}]", "2:47", "CT1431", "`orders` is a number"),
        (f"rules: [{{name: r, when: spend > 1, at_most: D}}]\n{TIERS}", "2:45", "CT1413", "`D` is not a tier"),
        (
            f"rules: [{{name: r, when: spend > 1, up: 1}}, {{name: r, when: spend > 2, up: 1}}]\n{TIERS}",
            "2:51", "CT1414", "`r` stands twice",
        ),
        (f"score: {{recency_days: {{weight: 100, {FULL}}}}}\n{TIERS}", "2:9", "CT1415", "`recency_days` can be missing"),
        (
            f"metrics: {{late: {{mean: amount}}}}\nscore: {{pay: {{metric: late, weight: 100, {FULL}}}}}\n{TIERS}",
            "3:9", "CT1415", "`late` can be missing, and score.pay does not say",
        ),
        ("sources: {invoices: {optional: true}}\ntiers: [{name: A, when: recency_days < 10}, {name: B}]\n", "2:1", "CT1416", "no source must be given"),
        ("sources: {transactions: {date: {optional: true}}}\ntiers: [{name: A}]\n", "2:43", "CT1476", "the `date` of `transactions` may not be absent"),
        (f"segments: {{life: {{a: spend > 1}}}}\n{TIERS}", "2:12", "CT1417", "the last label of `life`"),
        (f"segments: {{life: {{a: otherwise, b: spend > 1}}}}\n{TIERS}", "2:12", "CT1417", "the last label of `life`"),
        (f"segments: {{life: {{a: otherwise, b: otherwise}}}}\n{TIERS}", "2:12", "CT1417", "the last label of `life`"),
        (f"{MATRIX}tiers: {{h: {{h: A, l: B}}, l: {{h: B}}}}}}\n{AB}", "3:31", "CT1460", "no tier for the cell l × l"),
        (f"{MATRIX}tiers: {{h: {{h: A}}}}}}\n{AB}", "3:31", "CT1460", "for the cells h × l, l × h, l × l"),
        (f"{MATRIX}tiers: {{h: {{h: A, l: D}}, l: {{h: B, l: B}}}}}}\n{AB}", "3:52", "CT1461", "`D` is not a tier of this rubric"),
        (
            f"{MATRIX}tiers: {{h: {{h: A, l: B, m: B}}, l: {{h: B, l: B}}, m: {{h: B}}}}}}\n{AB}",
            None, "CT1461", "`m` is not a label of v",
        ),
        (f"{MATRIX.replace('rows: v', 'rows: vv')}tiers: {{h: {{h: A, l: B}}}}}}\n{AB}", "3:16", "CT1461", "`vv` is not a segment"),
        (
            f"{MATRIX}tiers: {{h: {{h: A, l: B}}, l: {{h: B, l: B}}}}}}\ntiers: [{{name: A, when: spend > 1}}, {{name: B}}]",
            "4:25", "CT1462", "`A` asks for `when`, and the matrix makes the tiers",
        ),
        (
            f"{MATRIX}tiers: {{h: {{h: A, l: B}}, l: {{h: B, l: B}}}}}}\ntiers: [{{name: A}}, {{name: B}}, {{name: C}}]",
            "4:31", "CT1407", "no cell of the matrix and no rule leads to it",
        ),
        (f"matrix: {{rows: {{metric: spend, bands: {{h: {{above: 5}}, l: {{below: 5}}}}}}, {COLUMNS}\n{AB}", "2:32", "CT1401", "at_most 5"),
        (
            f"matrix: {{rows: {{metric: spend, bands: {{h: {{above: 5}}, l: {{above: 9}}, m: otherwise}}}}, {COLUMNS[:-1]}, m: {{h: A, l: A}}}}}}\n{AB}".replace("A, l: B}, l: {h: B, l: B}}, m", "A, l: B}, l: {h: B, l: B}, m"),
            None, "CT1403", "`above 9` is never reached",
        ),
        (
            f"matrix: {{rows: {{metric: recency_days, bands: {{h: {{above: 5}}, l: otherwise}}}}, {COLUMNS}\n{AB}",
            "2:10", "CT1415", "`recency_days` can be missing, and matrix.rows",
        ),
        (
            f"matrix: {{rows: {{metric: spend, missing: m, bands: {{h: {{above: 5}}, l: otherwise}}}}, {COLUMNS}\n{AB}",
            "2:41", "CT1461", "`m` is not a label of spend",
        ),
        (f"matrix: {{rows: {{metric: spnd, bands: {{h: {{above: 5}}, l: otherwise}}}}, {COLUMNS}\n{AB}", "2:25", "CT1418", "`spnd` is not"),
        (f"matrix: {{rows: {{metric: spend}}, {COLUMNS}\n{AB}", "2:16", "CT1205", "has one of metric and bands"),
        (f"matrix: {{rows: {{metric: spend, bands: {{h: {{}}, l: otherwise}}}}, {COLUMNS}\n{AB}", "2:43", "CT1205", "has no edge"),
        (f"segments: {{spend: {{a: orders > 1, b: otherwise}}}}\n{TIERS}", "2:12", "CT1410", "`spend` is both a segment and a ready-made"),
        (
            f"segments: {{a: {{x: \"b = 'x'\", y: otherwise}}, b: {{x: {{all: [\"a = 'x'\"]}}, y: otherwise}}}}\n{TIERS}",
            "2:12", "CT1419", "`a` is made from itself: a → b → a",
        ),
        (f"segments: {{a: {{x: \"a = 'y'\", y: otherwise}}}}\n{TIERS}", "2:12", "CT1419", "a → a"),
        (
            f"segments: {{a: {{high: spend > 1, low: otherwise}}}}\neligible: \"orders > 1 and a in ('high', 'mid')\"\n{TIERS}",
            "3:11", "CT1420", "`a` is never `mid`",
        ),
        ("tiers: [{name: A, when: {all: [spend > 1, {any: [orders > 1, spnd > 2]}]}}, {name: B}]", "2:62", "CT1418", "`spnd` is not known"),
        ("tiers: [{name: A, when: {n_of: 3, conditions: [spend > 1]}}, {name: B}]", "2:25", "CT1205", "asks for 3 of 1 conditions"),
        ("tiers: [{name: A, when: {n_of: 1}}, {name: B}]", "2:25", "CT1205", "has one of n_of and conditions"),
        ("tiers: [{name: A, when: {all: [spend > 1], any: [spend > 1]}}, {name: B}]", "2:25", "CT1205", "does not join"),
        ("tiers: [{name: A, when: {none: [spend > 1]}}, {name: B}]", "2:26", "CT1203", "unknown key `none` in tiers[0].when"),
        ("tiers: [{name: A, when: {all: []}}, {name: B}]", "2:31", "CT1205", "is empty"),
        (f"eligible: sum(spend) > 1\n{TIERS}", "2:11", "CT1418", "not allowed in a formula"),
        (f"eligible: round(spend, orders) > 1\n{TIERS}", "2:11", "CT1418", "needs a number of decimals"),
        (f"flags: {{f: {{all: [spend > 1, \"round(orders, spend) > 1\"]}}}}\n{TIERS}", "2:30", "CT1418", "needs a number of decimals"),
        (f"actions: [{{name: a, when: tier = 'C', do: call}}]\n{TIERS}", "2:27", "CT1420", "`tier` is never `C`"),
        (f"actions: [{{name: a, when: \"change in ('up', 'donw')\", do: call}}]\n{TIERS}", "2:27", "CT1420", "`change` is never `donw`"),
        (f"actions: [{{name: a, when: spend > 5 and spend < 3, do: call}}]\n{TIERS}", "2:27", "CT1463", "can never hold"),
        (f"eligible: spnd > 1\n{TIERS}", "2:11", "CT1418", "`spnd` is not known here"),
        (f"eligible: spend >\n{TIERS}", "2:11", "CT1418", "cannot be read"),
        (f"metrics: {{late: {{mean: days_late, source: bills}}}}\n{TIERS}", "2:11", "CT1418", "`bills` is not a source"),
        (f"metrics: {{a: {{formula: b + 1}}, b: {{sum: amount + nope}}}}\n{TIERS}", None, "CT1418", "nope"),
        (f"sources: {{transactions: {{where: Status =}}}}\n{TIERS}", "2:33", "CT1418", "cannot be read"),
        (f"sources: {{transactions: {{amount: {{formula: (a}}}}}}\n{TIERS}", "2:44", "CT1418", "cannot be read"),
        (f"score: {{spnd: {{weight: 100, {FULL}}}}}\n{TIERS}", "2:9", "CT1418", "`spnd` is not a metric"),
        (f"eligible: {' or '.join(['spend>1'] * 170)}\n{TIERS}", "2:11", "CT6201", "too large"),
        (f"eligible: {' or '.join(['spend > 1'] * 20_000)}\n{TIERS}", "2:11", "CT6201", "more than 2000 characters"),
        (f"eligible: {'(' * 900}spend > 1{')' * 900}\n{TIERS}", "2:11", "CT6201", "too large"),
    ],
)  # fmt: skip
def test_a_disagreement_is_found_where_it_shows(text: str, where: str | None, code: str, said: str):
    found = problems(text)
    assert {p.code for p in found} == {code}
    assert said in " ".join(p.what for p in found)
    assert where is None or [p.where for p in found] == [f"my.yaml:{where}"]
    assert all(p.help for p in found)


@pytest.mark.parametrize(
    "text",
    [
        f"{SCORE}tiers: [{{name: A, score: {{at_least: 50}}, when: orders > 3}}, {{name: B, score: {{at_least: 50}}}}, {{name: C}}]",
        "tiers: [{name: A, top: 1%, by: spend}, {name: B, next: 19%}, {name: C, next: 30%}, {name: D}]",
        f"{SIDES}tiers: [{{name: A, top: 9%, by: spend}}, {{name: B, top: 9%, within: side}}, {{name: C, next: 9%}}, {{name: D}}]",
        f"{SIDES}tiers: [{{name: A, top: 9%, by: spend, within: side}}, {{name: B, top: 9%, by: spend}}, {{name: C}}]",
        "sources: {transactions: {}, customers: {}}\ntiers: [{name: A, top: 9%, by: spend, within: region}, {name: B}]",
        "tiers: [{name: A, top: 5 customers, by: spend}, {name: B, next: 9%}, {name: C}]",
        "tiers: [{name: A, top: 5%, by: spend}, {name: B, cumulative_share: 9%}, {name: C, next: 9%}, {name: D}]",
        "tiers: [{name: A, top: 20%, by: spend}, {name: B, top: 20%, by: profit}, {name: C}]",
        "tiers: [{name: A, cumulative_share: 80%, by: spend}, {name: B, top: 50%}, {name: C}]",
        f"score: {{recency_days: {{weight: 100, missing: skip, {FULL}}}}}\n{TIERS}",
        f"score: {{spend: {{weight: 33.33, {FULL}}}, orders: {{weight: 33.33, {FULL}}}, categories: {{weight: 33.34, {FULL}}}}}\n{TIERS}",
        "tiers: [{name: everyone}]",
        f"segments: {{life: {{all: otherwise}}}}\n{TIERS}",
    ],
)
def test_a_rubric_that_agrees_has_no_problem(text: str):
    assert good(text)


def test_a_skipped_criterion_can_lift_the_highest_score():
    skipped = "{weight: 50, missing: skip, bands: [{at_least: 1, points: 20}, {otherwise: 0}]}"
    criteria = f"spend: {{weight: 50, bands: [{{otherwise: 40}}]}}, orders: {skipped}"
    assert good(f"score: {{{criteria}}}\ntiers: [{{name: A, score: {{at_least: 40}}}}, {{name: B}}]")
    assert problems(f"score: {{{criteria}}}\ntiers: [{{name: A, score: {{above: 40}}}}, {{name: B}}]")[0].code == "CT1408"


def test_the_points_of_a_missing_value_count_towards_the_highest_score():
    criterion = "recency_days: {weight: 100, missing: {points: 90}, bands: [{otherwise: 10}]}"
    assert good(f"score: {{{criterion}}}\ntiers: [{{name: A, score: {{at_least: 90}}}}, {{name: B}}]")


def test_a_rule_that_names_an_unknown_tier_is_told_the_nearest():
    [problem] = problems("rules: [{name: r, when: spend > 1, at_most: Gold}]\ntiers: [{name: Golden, when: spend > 1}, {name: Basic}]")
    assert problem.help == "the nearest tier is `Golden`"


def test_only_texts_can_be_joined():
    assert "CT1445" in [p.code for p in problems(f"sources: {{transactions: {{quantity: {{columns: [a, b]}}}}}}\n{TIERS}")]
