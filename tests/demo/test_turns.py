import threading
import time

import pytest

from persimg_demo.turns import PATIENCE, Stopped, Turns


def order_of(turns: Turns, waiters: list[tuple[str, bool]]) -> list[str]:
    """Who waits while somebody computes, in the order in which they get their turn."""
    served: list[str] = []
    threads = []

    def wait(user: str, urgent: bool) -> None:
        with turns.turn(user, urgent):
            served.append(user)

    with turns.turn("somebody"):
        for user, urgent in waiters:
            threads.append(threading.Thread(target=wait, args=(user, urgent)))
            threads[-1].start()
            while len(turns._waiting) < len(threads):
                time.sleep(0.001)
    for thread in threads:
        thread.join(10)
    return served


def test_users_alternate_however_much_one_asks_for():
    assert order_of(Turns(), [("ann", False)] * 3 + [("ben", False)])[:2] == ["ann", "ben"]


def test_a_new_id_for_every_request_gains_nothing():
    turns = Turns()
    for user in ("ann", "ben"):
        with turns.turn(user):
            pass
    assert order_of(turns, [("ann", False), ("new 1", False), ("new 2", False), ("ben", False)])[:2] == ["ann", "ben"]


def test_urgent_turns_go_first():
    assert order_of(Turns(), [("trains", False), ("draws", True)]) == ["draws", "trains"]


def test_who_can_wait_is_not_passed_over_for_ever():
    served = order_of(Turns(), [("trains", False), *[(f"draws {i}", True) for i in range(PATIENCE + 5)]])
    assert served.index("trains") <= PATIENCE


def test_who_is_not_wanted_any_more_leaves_the_queue():
    turns = Turns()
    with turns.turn("ann"), pytest.raises(Stopped), turns.turn("ben", stopped=lambda: True):
        pass
    with turns.turn("ben"):
        assert not turns._waiting


def test_a_turn_ends_with_what_goes_wrong_in_it():
    turns = Turns()
    with pytest.raises(ValueError), turns.turn("ann"):
        raise ValueError
    with turns.turn("ben"):
        pass
