"""What is done in which order and thread, and what errors and interruptions leave."""

import _thread
import threading
import time
from collections import defaultdict

import pytest

from liverseg.scans.overlapping import map_overlapping


def test_while_one_is_at_work_the_last_is_ended_then_the_next_is_read_and_never_more():
    events = []
    happened = {event: threading.Event() for event in ("end 1", "read 3")}

    def note(event):
        events.append(event)
        if event in happened:
            happened[event].set()

    def read(number):
        note(f"read {number}")
        return number

    def work(number):
        note(f"work {number}")
        if number == 2:
            assert all(event.wait(timeout=30) for event in happened.values())
            time.sleep(0.2)  # long enough for a fourth to be read, were it begun
            assert "read 4" not in events
        yield
        note(f"end {number}")
        return 10 * number

    assert list(map_overlapping(read, work, [1, 2, 3, 4], description="test")) == [10, 20, 30, 40]
    assert events.index("work 2") < events.index("read 3")
    assert events.index("end 1") < events.index("read 3")


def test_ends_and_reading_are_done_in_one_other_thread_and_work_in_this_one():
    threads = defaultdict(set)

    def note(part):
        threads[part].add(threading.get_ident())

    def read(item):
        note("read")
        return item

    def work(item):
        note("work")
        yield
        note("end")
        return item

    assert list(map_overlapping(read, work, "abc", description="test")) == ["a", "b", "c"]
    assert threads["work"] == {threading.get_ident()}
    assert threads["read"] == threads["end"] != threads["work"]
    assert len(threads["end"]) == 1


def test_work_may_return_before_its_yield_and_results_stay_in_their_order():
    def work(number):
        if number % 2:
            return "odd"
        yield
        return "even"

    results = map_overlapping(int, work, ["0", "1", "3", "4"], description="test")
    assert list(results) == ["even", "odd", "odd", "even"]


@pytest.mark.parametrize("fails", ["read", "work", "end"])
def test_an_error_is_raised_wherever_it_comes_from_and_what_is_ending_ends(fails):
    ended = []

    def fail(part, number):
        if (part, number) == (fails, 3):
            raise ValueError(part)

    def read(number):
        fail("read", number)
        return number

    def work(number):
        fail("work", number)
        yield
        time.sleep(0.1)
        fail("end", number)
        ended.append(number)
        return number

    with pytest.raises(ValueError, match=fails):
        list(map_overlapping(read, work, [1, 2, 3, 4, 5], description="test"))
    assert ended == [1, 2]


def test_an_interruption_waits_for_the_end_of_the_one_before_and_reads_no_more():
    is_ending, events = threading.Event(), []

    def read(number):
        events.append(f"read {number}")
        return number

    def work(number):
        if number == 2:
            assert is_ending.wait(timeout=30)
            raise KeyboardInterrupt
        yield
        is_ending.set()
        time.sleep(0.3)
        events.append(f"end {number}")

    with pytest.raises(KeyboardInterrupt):
        list(map_overlapping(read, work, [1, 2, 3], description="test"))
    assert events == ["read 1", "read 2", "end 1"]


def test_an_interruption_while_an_end_is_waited_for_waits_on():
    ended = []

    def work(number):
        yield
        if number == 2:
            _thread.interrupt_main()
        time.sleep(0.3)
        ended.append(number)

    with pytest.raises(KeyboardInterrupt):
        list(map_overlapping(int, work, [1, 2], description="test"))
    assert ended == [1, 2]


@pytest.mark.parametrize("stops", ["an error in the end before", "whoever takes the results"])
def test_what_is_at_work_when_all_ends_is_given_up_before_the_error_is_told(stops):
    given_up, is_at_work = [], threading.Event()

    def work(number):
        try:
            if number == 2:
                is_at_work.set()
            yield
            assert is_at_work.wait(timeout=30)
            if stops.startswith("an error"):
                raise OSError("disk full")
        except GeneratorExit:
            given_up.append(number)
            raise
        return number

    results = map_overlapping(int, work, [1, 2, 3], description="test")
    if stops.startswith("an error"):
        with pytest.raises(OSError, match="disk full") as told:
            next(results)
        assert told.tb is not None  # as whoever prints it has it
    else:
        assert next(results) == 1
        results.close()
    assert given_up == [2]


def test_the_bar_is_full_once_the_last_one_has_ended(capfd):
    def work(number):
        yield
        time.sleep(0.3)
        shown.append(capfd.readouterr().err)

    shown = []
    list(map_overlapping(int, work, [1, 2], description="test"))
    assert "2/2" not in "".join(shown)
    assert "2/2" in capfd.readouterr().err


def test_nothing_to_read_gives_no_results():
    assert list(map_overlapping(float, iter, [], description="test")) == []
