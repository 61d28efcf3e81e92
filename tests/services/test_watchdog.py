"""The watchdog judges by silence, and only when it could have heard."""

import pytest

from services.supervise.watchdog import Watchdog


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Scene:
    """A watchdog whose seconds pass one by one, with the beats of those who live."""

    def __init__(self, *processes):
        self.clock = Clock()
        self.watchdog = Watchdog(processes, self.clock)

    def pass_seconds(self, seconds, alive, *, echo=True):
        """Return who was found stuck, in order."""
        stuck = []
        for _ in range(seconds):
            self.clock.now += 1.0
            if echo:
                self.watchdog.echo()
            for process in alive:
                self.watchdog.beat(process)
            for process in self.watchdog.tick():
                stuck.append(process)
                self.watchdog.left(process)
        return stuck


@pytest.fixture
def scene():
    return Scene("broker", "store", "web")


def test_processes_that_beat_are_left_alone(scene):
    assert scene.pass_seconds(100, ["store", "web"]) == []
    assert scene.watchdog.missing == []


def test_a_process_that_was_ready_is_stuck_after_ten_seconds_of_silence(scene):
    scene.pass_seconds(5, ["store", "web"])
    assert scene.pass_seconds(10, ["web"]) == []
    assert scene.pass_seconds(1, ["web"]) == ["store"]


def test_a_process_that_never_was_ready_is_stuck_after_twenty_seconds(scene):
    assert scene.pass_seconds(20, ["store"]) == []
    assert scene.watchdog.missing == ["web"]
    assert scene.pass_seconds(1, ["store"]) == ["web"]


def test_the_store_may_take_long_to_start_because_it_may_have_to_migrate(scene):
    assert scene.pass_seconds(500, ["web"]) == []


def test_without_our_own_echo_only_the_broker_is_stuck_and_all_others_get_time_anew(scene):
    scene.pass_seconds(5, ["store", "web"])
    assert scene.pass_seconds(12, [], echo=False) == ["broker"]
    assert scene.pass_seconds(11, []) == []
    assert scene.pass_seconds(1, []) == ["store", "web"]


def test_a_watchdog_that_slept_itself_judges_nobody(scene):
    scene.pass_seconds(5, ["store", "web"])
    scene.clock.now += 3600
    assert scene.watchdog.tick() == []
    assert scene.pass_seconds(5, []) == []
