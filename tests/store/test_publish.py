from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from custier.errors import BusyError, NotFoundError, OutputError, StoreError, UsageError
from custier.store import Store, chain, current_run, publish, rollback, undone


def code_of(caught: pytest.ExceptionInfo[Any]) -> str:
    return str(caught.value.problems[0].code)


def events(store: Store) -> list[dict[str, Any]]:
    return [json.loads(line) for line in store.publications.read_text().splitlines()]


def test_publishing_writes_one_line_and_notes_who_and_why(store: Store, add_run: Any, swap_note: dict[str, Any]) -> None:
    first = add_run("2025-11-30")
    held = add_run("2025-12-31", status="held", previous=first)
    assert store.pointer.read_bytes() == f"{first}\n".encode()
    assert publish(store, held, base=first, **swap_note) == []
    assert store.pointer.read_bytes() == f"{held}\n".encode()
    noted = {"event": "publish", "run": held, "before": first, "reason": "checked by hand", "by": "li", "at": "2026-01-05T02:00:00+00:00"}
    assert events(store)[-1] == noted


def test_a_run_is_not_published_over_a_base_that_changed(store: Store, add_run: Any, swap_note: dict[str, Any]) -> None:
    first = add_run("2025-11-30")
    held = add_run("2025-12-31", key="held", status="held", previous=first)
    other = add_run("2025-12-31", key="other", previous=first)
    with pytest.raises(BusyError) as caught:
        publish(store, held, base=first, **swap_note)
    assert code_of(caught) == "CT5201" and caught.value.exit_code == 5
    assert caught.value.problems[0].help == "run `custier classify` again on the same files"
    assert current_run(store) == other


def test_a_first_run_is_not_published_over_another_first_run(store: Store, add_run: Any, swap_note: dict[str, Any]) -> None:
    waiting = add_run("2025-12-31", key="waiting", status="unpublished")
    first = add_run("2025-12-31", key="first")
    with pytest.raises(BusyError):
        publish(store, waiting, base=None, **swap_note)
    assert current_run(store) == first


def test_publishing_what_is_current_changes_nothing(store: Store, add_run: Any, swap_note: dict[str, Any]) -> None:
    run = add_run("2025-12-31")
    before = store.pointer.stat()
    assert publish(store, run, base=None, **swap_note) == []
    assert (store.pointer.stat().st_ino, store.pointer.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert len(events(store)) == 1


def test_a_failed_run_is_never_published(store: Store, add_run: Any, swap_note: dict[str, Any]) -> None:
    failed = add_run("2025-12-31", status="failed")
    with pytest.raises(UsageError) as caught:
        publish(store, failed, base=None, **swap_note)
    assert code_of(caught) == "CT5401"
    assert current_run(store) is None


def test_a_damaged_run_is_never_published(store: Store, add_run: Any, swap_note: dict[str, Any]) -> None:
    held = add_run("2025-12-31", status="held")
    (store.runs / held / "labels.csv").write_text("edited")
    with pytest.raises(StoreError) as caught:
        publish(store, held, base=None, **swap_note)
    assert code_of(caught) == "CT5301"
    assert current_run(store) is None


def test_a_run_that_is_not_there_cannot_be_published(store: Store, swap_note: dict[str, Any]) -> None:
    with pytest.raises(NotFoundError):
        publish(store, "2025-12-31-aaaaaaaaaaaa", base=None, **swap_note)


def test_nothing_is_published_over_a_broken_current(store: Store, add_run: Any, swap_note: dict[str, Any]) -> None:
    add_run("2025-11-30")
    held = add_run("2025-12-31", status="held")
    store.pointer.write_text("garbage")
    with pytest.raises(StoreError) as caught:
        publish(store, held, base=None, **swap_note)
    assert code_of(caught) == "CT5307"
    assert store.pointer.read_text() == "garbage"


def test_rolling_back_goes_to_the_run_before(store: Store, add_run: Any, swap_note: dict[str, Any]) -> None:
    first = add_run("2025-11-30")
    second = add_run("2025-12-31", previous=first)
    assert rollback(store, **swap_note) == []
    assert current_run(store) == first
    assert events(store)[-1]["event"] == "rollback" and events(store)[-1]["before"] == second


def test_rolling_back_a_correction_brings_back_what_it_replaced_then_the_month_before(
    store: Store, add_run: Any, swap_note: dict[str, Any]
) -> None:
    first = add_run("2025-11-30")
    wrong = add_run("2025-12-31", key="wrong", previous=first)
    add_run("2025-12-31", key="corrected", previous=first)
    rollback(store, **swap_note)
    assert chain(store) == [wrong, first]
    rollback(store, **swap_note)
    assert current_run(store) == first


@pytest.mark.parametrize("log", ["kept", "lost"])
def test_rolling_back_undoes_a_publication_by_hand_with_or_without_the_log(
    store: Store, add_run: Any, swap_note: dict[str, Any], log: str
) -> None:
    held = add_run("2025-12-31", key="held", status="held", previous=add_run("2025-11-30"))
    publish(store, held, base=current_run(store), **swap_note)
    corrected = add_run("2025-12-31", key="corrected", previous=chain(store)[-1])
    if log == "lost":
        store.publications.unlink()
    rollback(store, **swap_note)
    assert current_run(store) == held
    rollback(store, corrected, **swap_note)
    assert current_run(store) == corrected


def test_rolling_back_a_run_that_was_published_anew_brings_back_what_it_replaced(
    store: Store, add_run: Any, swap_note: dict[str, Any]
) -> None:
    wrong = add_run("2025-12-31", key="wrong", previous=add_run("2025-11-30"))
    corrected = add_run("2025-12-31", key="corrected", previous=chain(store)[-1])
    publish(store, wrong, base=corrected, **swap_note)
    rollback(store, **swap_note)
    assert current_run(store) == corrected


@pytest.mark.parametrize("before", ["2025-10-31-aaaaaaaaaaaa", "failed", 3, None])
def test_a_log_that_names_no_published_run_is_not_followed(store: Store, add_run: Any, swap_note: dict[str, Any], before: Any) -> None:
    first = add_run("2025-11-30")
    failed = add_run("2025-12-31", key="failed", status="failed")
    second = add_run("2025-12-31", previous=first)
    line = {"event": "publish", "run": second, "before": failed if before == "failed" else before}
    store.publications.write_text(json.dumps(line) + "\n")
    rollback(store, **swap_note)
    assert current_run(store) == first


def test_a_named_run_that_a_person_published_and_a_later_one_replaced_is_gone_to(
    store: Store, add_run: Any, swap_note: dict[str, Any]
) -> None:
    held = add_run("2025-11-30", key="held", status="held")
    publish(store, held, base=None, **swap_note)
    add_run("2025-11-30", key="corrected")
    add_run("2025-11-30", key="corrected again")
    rollback(store, held, **swap_note)
    assert current_run(store) == held


def test_a_published_run_whose_base_changed_is_cured_by_going_back_to_it(store: Store, add_run: Any, swap_note: dict[str, Any]) -> None:
    first = add_run("2025-11-30")
    wrong = add_run("2025-12-31", key="wrong", previous=first)
    add_run("2025-12-31", key="corrected", previous=first)
    with pytest.raises(BusyError) as caught:
        publish(store, wrong, base=first, **swap_note)
    assert (
        code_of(caught) == "CT5201" and f"`custier rollback {wrong} --store {store.root} --rubric grade`" in caught.value.problems[0].help
    )
    rollback(store, wrong, **swap_note)
    assert current_run(store) == wrong


def test_a_rollback_can_be_undone(store: Store, add_run: Any, swap_note: dict[str, Any]) -> None:
    second = add_run("2025-12-31", previous=add_run("2025-11-30"))
    rollback(store, **swap_note)
    rollback(store, second[:10], **swap_note)
    assert current_run(store) == second


@pytest.mark.parametrize("status", ["held", "failed", "unpublished"])
def test_rollback_never_goes_forward_to_a_run_that_did_not_pass(store: Store, add_run: Any, swap_note: dict[str, Any], status: str) -> None:
    first = add_run("2025-11-30")
    other = add_run("2025-12-31", status=status, previous=first)
    with pytest.raises(UsageError) as caught:
        rollback(store, other, **swap_note)
    assert code_of(caught) == "CT5402" and caught.value.exit_code == 2
    assert current_run(store) == first


def test_rollback_goes_to_a_held_run_that_a_person_published(store: Store, add_run: Any, swap_note: dict[str, Any]) -> None:
    held = add_run("2025-11-30", status="held")
    publish(store, held, base=None, **swap_note)
    add_run("2025-12-31", previous=held)
    rollback(store, **swap_note)
    assert current_run(store) == held


def test_rollback_never_goes_to_a_damaged_run(store: Store, add_run: Any, swap_note: dict[str, Any]) -> None:
    first = add_run("2025-11-30")
    second = add_run("2025-12-31", previous=first)
    (store.runs / first / "labels.csv").write_text("edited")
    with pytest.raises(StoreError) as caught:
        rollback(store, **swap_note)
    assert code_of(caught) == "CT5301"
    assert current_run(store) == second


def test_there_is_nothing_before_the_first_run(store: Store, add_run: Any, swap_note: dict[str, Any]) -> None:
    with pytest.raises(NotFoundError) as caught:
        rollback(store, **swap_note)
    assert code_of(caught) == "CT5501"
    add_run("2025-12-31")
    with pytest.raises(NotFoundError) as caught:
        rollback(store, **swap_note)
    there = f"--store {store.root} --rubric grade"
    assert code_of(caught) == "CT5503" and caught.value.problems[0].help == f"name a run: `custier rollback RUN {there}`"


@pytest.mark.parametrize("broken", [b"", b"garbage\n", b"2025-11-30-aaaaaaaaaaaa\n"])
def test_a_broken_current_is_cured_by_naming_the_run(store: Store, add_run: Any, swap_note: dict[str, Any], broken: bytes) -> None:
    run = add_run("2025-11-30")
    store.pointer.write_bytes(broken)
    with pytest.raises(StoreError) as caught:
        rollback(store, **swap_note)
    assert "custier rollback RUN" in caught.value.problems[0].help and run in caught.value.problems[0].help
    rollback(store, run, **swap_note)
    assert current_run(store) == run


def test_a_log_that_cannot_be_written_is_told_and_not_fatal(store: Store, add_run: Any, swap_note: dict[str, Any]) -> None:
    run = add_run("2025-12-31", status="unpublished")
    store.publications.mkdir()
    assert [problem.code for problem in publish(store, run, base=None, **swap_note)] == ["CT5007"]
    assert current_run(store) == run


def test_a_link_planted_as_the_log_or_as_current_is_not_followed(
    store: Store, add_run: Any, swap_note: dict[str, Any], tmp_path: Path
) -> None:
    run = add_run("2025-12-31", status="unpublished")
    (tmp_path / "precious").write_text("kept")
    store.publications.symlink_to(tmp_path / "precious")
    assert [problem.code for problem in publish(store, run, base=None, **swap_note)] == ["CT5007"]
    store.pointer.unlink()
    store.pointer.symlink_to(tmp_path / "precious")
    with pytest.raises(StoreError):
        current_run(store)
    publish_again = {"base": None} | swap_note
    with pytest.raises(StoreError):
        publish(store, run, **publish_again)
    assert (tmp_path / "precious").read_text() == "kept"


def test_a_swap_the_disk_did_not_confirm_says_that_the_run_is_published(
    store: Store, add_run: Any, swap_note: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = add_run("2025-12-31", status="unpublished")

    def broken(_: Path) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr("custier.store.pointer.sync_directory", broken)
        with pytest.raises(OutputError) as caught:
            publish(store, run, base=None, **swap_note)
    assert code_of(caught) == "CT5003" and caught.value.state.startswith(f"{run} is published")
    assert current_run(store) == run
    assert publish(store, run, base=None, **swap_note) == []


def test_a_rollback_undoes_every_run_down_to_where_it_goes_until_one_is_current_again(
    store: Store, add_run: Any, swap_note: dict[str, Any]
) -> None:
    runs = [add_run("2025-10-31")]
    for day in ("2025-11-30", "2025-12-31"):
        runs.append(add_run(day, previous=runs[-1]))
    assert [undone(store, run) for run in runs] == [None] * 3
    rollback(store, runs[0], **swap_note)
    told = (swap_note["at"].isoformat()[:10], swap_note["who"])
    assert [undone(store, run) for run in runs] == [None, told, told]
    rollback(store, runs[1], **swap_note)
    assert [undone(store, run) for run in runs] == [None, None, told]
    store.publications.unlink()
    assert [undone(store, run) for run in runs] == [None] * 3, "without its log nothing is known of it"
