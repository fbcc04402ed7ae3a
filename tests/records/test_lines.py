"""Lines of a text are those that splitting it gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanpin_risk.records.read import lines as module
from fanpin_risk.records.read.lines import Lines, is_whole_utf8

TEXTS = st.text(st.sampled_from('a,户\n\r\0"\u2028\x85\ufeff\U00020000\ud800'), max_size=20)


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.integers(-4, 9), st.integers(-4, 9))
def test_lines_and_slices_are_those_of_the_text(text, first, last):
    """Each line, and any run of lines, is that of the decoded text."""
    lines, whole = Lines.of_text(text)
    expected = text.split("\n")
    assert list(lines) == expected
    assert [lines[at] for at in range(-len(lines), len(lines))] == [*expected, *expected]
    assert list(lines[first:last]) == expected[first:last]
    assert whole == ("\ud800" not in text)


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.integers(0, 5), st.integers(0, 9))
def test_what_is_told_of_lines_is_true_of_each_of_them(text, first, last):
    """Of a slice, too, which shares the bytes of all."""
    lines, expected = Lines.of_text(text)[0][first:last], text.split("\n")[first:last]
    assert lines.n_signs(",").tolist() == [line.count(",") for line in expected]
    assert lines.n_bytes.tolist() == [len(line.encode("utf-8", "surrogatepass")) for line in expected]
    assert bytes(lines.data) == "\n".join(expected).encode("utf-8", "surrogatepass")
    for pattern, sign in (("户", "户"), (r"\x00", "\0"), ("\ufeff", "\ufeff")):
        assert lines.holding(pattern).tolist() == [at for at, line in enumerate(expected) if sign in line]
    assert lines.holding("\r[^\n]").tolist() == [at for at, line in enumerate(expected) if "\r" in line[:-1]]
    assert lines.has("户") == any("户" in line for line in expected)


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.integers(0, 4), st.integers(0, 4), st.integers(0, 9))
def test_what_was_ruled_out_changes_no_answer(text, ruled_out, first, last):
    """Nor of lines above those that were asked."""
    lines, _ = Lines.of_text(text)
    patterns = ("户", "(?im)^A", '"|\x00')
    expected = [lines[first:last].holding(pattern).tolist() for pattern in patterns]
    lines[ruled_out:].rule_out(*patterns)
    assert [lines[first:last].holding(pattern).tolist() for pattern in patterns] == expected


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_ends_of_lines_are_found_wherever_the_bytes_are_parted(size, monkeypatch):
    """Also where a line's end of two bytes lies across two blocks."""
    monkeypatch.setattr(module, "BYTES_AT_A_TIME", size)
    lines = Lines("\ufeff户,1\n\n2\n".encode(), 3)
    assert list(lines) == ["户,1", "", "2", ""]
    assert np.array_equal(lines.n_bytes, [5, 0, 1, 0])


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=8) | TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_whole_utf8_is_what_decodes(content):
    """Damage is seen without decoding line by line."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        assert not is_whole_utf8(content)
    else:
        assert is_whole_utf8(content)
