"""How far long work is: counted before every step, and once more at the end."""

from fanpin_risk.progress import Steps


def test_steps_are_counted_up_to_the_end():
    """The last call says that all is done, and no later one says more than all."""
    calls = []
    steps = Steps(lambda *told: calls.append(told), 2)
    for what in ("read", "score", "", ""):
        steps.next(what)
    assert calls == [(0, 2, "read"), (1, 2, "score"), (2, 2, ""), (2, 2, "")]


def test_nobody_needs_to_listen():
    """Without a callback the work goes on."""
    Steps(None, 1).next("read")
