from __future__ import annotations

import shutil
from dataclasses import astuple
from datetime import UTC, date, datetime
from typing import Any

import pytest

from custier.errors import NotFoundError, StoreError
from custier.store import Store, chain, current_run, list_runs, publish, published_before, resolve_run

START = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)


def code_of(caught: pytest.ExceptionInfo[Any]) -> str:
    return str(caught.value.problems[0].code)


def test_before_the_first_run_there_is_nothing(store: Store) -> None:
    assert current_run(store) is None
    assert chain(store) == [] and list_runs(store) == []
    assert published_before(store, date(2025, 12, 31)) is None
    with pytest.raises(NotFoundError) as caught:
        resolve_run(store)
    assert code_of(caught) == "CT5501"


@pytest.mark.parametrize("content", [b"", b"\n", b"garbage", b"../../etc\n", b"2025-12-31-aaaaaaaaaaaa", b"\xff\xfe\n", b"x" * 10_000])
def test_a_current_that_holds_no_run_id_is_an_error_and_never_a_guess(store: Store, add_run: Any, content: bytes) -> None:
    add_run("2025-12-31")
    store.pointer.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        current_run(store)
    assert code_of(caught) == "CT5307" and caught.value.exit_code == 7
    assert "custier rollback" in caught.value.problems[0].help


@pytest.mark.parametrize("end", ["\r\n", "", "x", " ", "\n\n"])
def test_a_current_with_another_line_end_is_an_error(store: Store, add_run: Any, end: str) -> None:
    run = add_run("2025-12-31")
    store.pointer.write_bytes(f"{run}{end}".encode())
    with pytest.raises(StoreError) as caught:
        current_run(store)
    assert code_of(caught) == "CT5307"


def test_a_current_that_is_a_folder_is_an_error(store: Store) -> None:
    store.pointer.mkdir()
    with pytest.raises(StoreError) as caught:
        current_run(store)
    assert code_of(caught) == "CT5307"
    there = f"--store {store.root} --rubric grade"
    assert caught.value.problems[0].help == f"run `custier runs {there}`, then `custier rollback RUN {there}`"


def test_a_link_planted_as_current_is_not_followed_even_to_a_run_id(store: Store, add_run: Any) -> None:
    add_run("2025-12-31")
    store.pointer.rename(store.root / "elsewhere")
    store.pointer.symlink_to(store.root / "elsewhere")
    with pytest.raises(StoreError) as caught:
        current_run(store)
    assert code_of(caught) == "CT5307"


def test_a_current_whose_run_is_missing_is_an_error(store: Store, add_run: Any) -> None:
    shutil.rmtree(store.runs / add_run("2025-12-31"))
    with pytest.raises(StoreError) as caught:
        current_run(store)
    assert code_of(caught) == "CT5308"


def test_the_previous_run_is_the_last_published_one_with_an_earlier_date(store: Store, add_run: Any) -> None:
    october = add_run("2025-10-31")
    november = add_run("2025-11-30", previous=october)
    add_run("2025-12-31", key="held", status="held", previous=november)
    december = add_run("2025-12-31", previous=november)
    assert chain(store) == [december, november, october]
    asked = {"2026-01-31": december, "2025-12-31": november, "2025-12-01": november, "2025-11-30": october, "2025-10-31": None}
    assert {day: published_before(store, date.fromisoformat(day)) for day in asked} == asked


def test_a_replaced_run_is_never_a_previous_one(store: Store, add_run: Any) -> None:
    october = add_run("2025-10-31")
    add_run("2025-11-30", key="wrong", previous=october)
    corrected = add_run("2025-11-30", key="corrected", previous=october)
    assert chain(store) == [corrected, october]
    assert published_before(store, date(2025, 12, 31)) == corrected


def test_a_missing_link_is_an_error_only_where_it_is_needed(store: Store, add_run: Any) -> None:
    october = add_run("2025-10-31")
    november = add_run("2025-11-30", previous=october)
    december = add_run("2025-12-31", previous=november)
    shutil.rmtree(store.runs / october)
    assert published_before(store, date(2026, 1, 31)) == december
    assert published_before(store, date(2025, 12, 31)) == november
    for ask in (lambda: published_before(store, date(2025, 11, 30)), lambda: chain(store)):
        with pytest.raises(StoreError) as caught:
            ask()
        assert code_of(caught) == "CT5308" and october in caught.value.problems[0].what
    assert [row.status for row in list_runs(store)] == ["current", "earlier"]


def test_runs_in_a_circle_are_an_error_and_not_an_endless_walk(store: Store, add_run: Any) -> None:
    november = add_run("2025-11-30")
    december = add_run("2025-12-31", previous=november)
    path = store.runs / november / "manifest.json"
    path.write_text(path.read_text().replace('"previous": null', f'"previous": {{"run": "{december}"}}'))
    with pytest.raises(StoreError) as caught:
        chain(store)
    assert code_of(caught) == "CT5308"


def test_every_run_is_listed_with_what_became_of_it(store: Store, add_run: Any) -> None:
    october = add_run("2025-10-31")
    wrong = add_run("2025-11-30", key="wrong", previous=october)
    november = add_run("2025-11-30", previous=october)
    held = add_run("2025-12-31", key="held", status="held", previous=november)
    failed = add_run("2025-12-31", key="failed", status="failed", previous=november)
    unpublished = add_run("2025-12-31", key="unpublished", status="unpublished", previous=november)
    assert [(row.run_id, row.status) for row in list_runs(store)] == [
        (unpublished, "unpublished"),
        (failed, "failed"),
        (held, "held"),
        (november, "current"),
        (wrong, "replaced"),
        (october, "earlier"),
    ]
    first = list_runs(store)[0]
    assert (first.as_of, first.customers, first.moved) == (date(2025, 12, 31), 7, 3)
    assert first.created is not None and first.created.isoformat() == "2026-01-05T07:00:00+00:00"


def test_a_damaged_run_is_listed_and_hides_no_other(store: Store, add_run: Any) -> None:
    first = add_run("2025-11-30")
    second = add_run("2025-12-31", previous=first)
    (store.runs / first / "manifest.json").write_text("{")
    (store.runs / second / "summary.json").unlink()
    (store.runs / "notes").mkdir()
    (store.runs / "2025-99-99-aaaaaaaaaaaa").mkdir()
    current, damaged = list_runs(store)
    assert (current.run_id, current.status, current.customers, current.moved) == (second, "current", None, None)
    assert astuple(damaged) == (first, date(2025, 11, 30), "damaged", None, None, None, ())


def test_runs_are_listed_even_when_current_is_broken(store: Store, add_run: Any) -> None:
    add_run("2025-12-31")
    store.pointer.write_text("garbage")
    assert [row.status for row in list_runs(store)] == ["replaced"]


def test_a_run_may_be_named_by_its_beginning(store: Store, add_run: Any) -> None:
    november = add_run("2025-11-30")
    december = add_run("2025-12-31", previous=november)
    assert resolve_run(store) == december
    assert resolve_run(store, november) == november
    assert resolve_run(store, "2025-11") == november


def test_a_beginning_that_fits_two_runs_is_answered_with_both(store: Store, add_run: Any) -> None:
    november = add_run("2025-11-30", key="a")
    december = add_run("2025-12-31", key="b", previous=november)
    with pytest.raises(NotFoundError) as caught:
        resolve_run(store, "2025-1")
    assert code_of(caught) == "CT5504" and caught.value.problems[0].help == f"there is {november}, {december}"


def test_of_several_runs_that_begin_so_the_one_that_counts_is_meant(store: Store, add_run: Any) -> None:
    add_run("2025-11-30", key="wrong")
    november = add_run("2025-11-30")
    assert resolve_run(store, "2025-11-30") == november
    add_run("2025-11-30", key="held", status="held")
    december = add_run("2025-12-31", previous=november)
    assert resolve_run(store, "2025-11-30") == november and resolve_run(store, "2025-12") == december
    with pytest.raises(NotFoundError) as caught:
        resolve_run(store, "2025-11-30", prefer_published=False)
    assert code_of(caught) == "CT5504"


def test_of_several_runs_of_which_none_counts_none_is_taken(store: Store, add_run: Any) -> None:
    for key in ("a", "b"):
        add_run("2025-12-31", key=key, status="held")
    with pytest.raises(NotFoundError) as caught:
        resolve_run(store, "2025-12-31")
    assert code_of(caught) == "CT5504"


def published_by_hand(store: Store, add_run: Any) -> str:
    """A held run that a person published and that was replaced since."""
    held: str = add_run("2025-11-30", key="held", status="held")
    publish(store, held, base=None, reason="checked", who="li", at=START)
    add_run("2025-11-30", key="corrected")
    return held


def status(store: Store, run: str) -> str:
    return next(row.status for row in list_runs(store) if row.run_id == run)


def test_a_held_run_that_a_person_published_is_replaced_and_no_longer_held(store: Store, add_run: Any) -> None:
    assert status(store, published_by_hand(store, add_run)) == "replaced"


@pytest.mark.parametrize(
    "log", [b"", b"\xff\n", b"[]\n3\n{}\n", b'{"event": "publish", "run": {}}\n', b"[" * 100_000, b'{"event": "publish"']
)
def test_a_log_that_cannot_be_read_is_as_if_it_were_not_there(store: Store, add_run: Any, log: bytes) -> None:
    held = published_by_hand(store, add_run)
    replaced = add_run("2025-11-30", key="replaced")
    add_run("2025-11-30", key="now")
    store.publications.write_bytes(log)
    assert (status(store, held), status(store, replaced)) == ("held", "replaced")


def test_a_torn_line_of_the_log_hides_no_other(store: Store, add_run: Any) -> None:
    held = published_by_hand(store, add_run)
    store.publications.write_bytes(b"torn\n" + store.publications.read_bytes() + b'{"event"')
    assert status(store, held) == "replaced"


def test_the_log_makes_no_failed_run_a_published_one(store: Store, add_run: Any) -> None:
    failed = add_run("2025-12-31", status="failed")
    store.publications.write_text(f'{{"event": "publish", "run": "{failed}"}}\n')
    assert status(store, failed) == "failed"


@pytest.mark.parametrize("text", ["", "2026", "../runs", "x" * 5000])
def test_a_name_that_fits_no_run_is_not_found(store: Store, add_run: Any, text: str) -> None:
    add_run("2025-12-31")
    with pytest.raises(NotFoundError) as caught:
        resolve_run(store, text)
    assert code_of(caught) == "CT5501" and caught.value.exit_code == 8
