"""The watchdog finds silent processes, but only while it could have heard them."""

import pytest

from services.supervise.watchdog import Watchdog


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Simulation:
    """A watchdog whose seconds pass one by one, with the beats of the processes that are alive."""

    def __init__(self, *processes):
        self.clock = Clock()
        self.watchdog = Watchdog(processes, self.clock)

    def pass_seconds(self, seconds, alive, *, echo=True):
        """Return the processes that were found stuck, in order."""
        stuck = []
        for _ in range(seconds):
            self.clock.now += 1.0
            if echo:
                self.watchdog.echo()
            for process in alive:
                self.watchdog.beat(process)
            for process in self.watchdog.tick():
                stuck.append(process)
                self.watchdog.reset(process)
        return stuck


@pytest.fixture
def simulation():
    return Simulation("broker", "store", "web")


def test_processes_that_beat_are_left_alone(simulation):
    assert simulation.pass_seconds(100, ["store", "web"]) == []
    assert simulation.watchdog.missing == []


def test_a_process_that_was_ready_is_stuck_after_ten_seconds_of_silence(simulation):
    simulation.pass_seconds(5, ["store", "web"])
    assert simulation.pass_seconds(10, ["web"]) == []
    assert simulation.pass_seconds(1, ["web"]) == ["store"]


def test_a_process_that_never_was_ready_is_stuck_after_twenty_seconds(simulation):
    assert simulation.pass_seconds(20, ["store"]) == []
    assert simulation.watchdog.missing == ["web"]
    assert simulation.pass_seconds(1, ["store"]) == ["web"]


def test_the_store_may_take_long_to_start_because_it_may_have_to_migrate(simulation):
    assert simulation.pass_seconds(500, ["web"]) == []


def test_without_our_own_echo_only_the_broker_is_stuck_and_all_others_get_their_time_again(simulation):
    simulation.pass_seconds(5, ["store", "web"])
    assert simulation.pass_seconds(12, [], echo=False) == ["broker"]
    assert simulation.pass_seconds(11, []) == []
    assert simulation.pass_seconds(1, []) == ["store", "web"]


def test_a_watchdog_that_was_suspended_itself_finds_nobody_stuck(simulation):
    simulation.pass_seconds(5, ["store", "web"])
    simulation.clock.now += 3600
    assert simulation.watchdog.tick() == []
    assert simulation.pass_seconds(5, []) == []
