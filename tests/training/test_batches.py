"""Batches: every example once, about the same number of tokens in each, and little that fills up."""

from random import Random

from training.lora.batches import STEP, batches_of, width_of

EXAMPLES = ["x" * length for length in Random(3).choices(range(20, 900), k=2_000)]
MOST = 8_192


def test_every_example_is_in_one_batch():
    batches = batches_of(EXAMPLES, MOST, Random(1))

    assert sorted(one for batch in batches for one in batch) == sorted(EXAMPLES)


def test_no_batch_is_larger_than_it_may_be_and_little_of_it_is_filled_up():
    batches = batches_of(EXAMPLES, MOST, Random(1))

    sizes = [width_of(batch) * len(batch) for batch in batches]
    assert max(sizes) <= MOST
    assert sum(map(len, EXAMPLES)) > 0.9 * sum(sizes)


def test_an_example_that_is_longer_than_a_batch_has_one_of_its_own():
    assert batches_of(["x" * 10_000, "y"], MOST, Random(1)) in ([["x" * 10_000], ["y"]], [["y"], ["x" * 10_000]])


def test_the_same_seed_gives_the_same_batches_in_an_order_of_chance():
    batches = batches_of(EXAMPLES, MOST, Random(1))

    widths = [width_of(batch) for batch in batches]
    assert batches == batches_of(EXAMPLES, MOST, Random(1))
    assert widths != sorted(widths)
    assert all(width % STEP == 0 for width in widths)
