"""The command track."""

import pandas as pd

import fanpin_risk as fr

DAYS = ("2023-06-30", "2023-12-31")


def test_track_writes_what_the_library_finds(succeed, county, model, tmp_path):
    """A row for each household and day, a picture, and no whole id on the screen."""
    shown = succeed(
        "track", county, "--model", model, "--as-of", DAYS[0], "--as-of", DAYS[1], "--out", tmp_path / "s.parquet",
        "--picture", tmp_path / "s.png", "--lang", "en",
    ).output  # fmt: skip
    written = pd.read_parquet(tmp_path / "s.parquet")
    found = fr.risk_series(fr.load_model(model), fr.read_register(county), days=DAYS)
    pd.testing.assert_frame_equal(written, found, check_dtype=False)
    assert f"{found['household_id'].nunique():,} households on 2 days" in shown
    assert found["household_id"].iloc[0] not in shown
    assert (tmp_path / "s.png").read_bytes().startswith(b"\x89PNG")


def test_a_wrong_ending_is_told_before_anything_is_read(run, county, model, tmp_path):
    """Wrong usage, for the table as for the picture; no file is left."""
    for wrong in (
        ("--out", tmp_path / "s.txt"),
        ("--out", tmp_path / "s.csv", "--picture", tmp_path / "s.bmp"),
    ):
        result = run("track", county, "--model", model, *wrong, "--lang", "en")
        assert result.exit_code == 2
        assert "expected a file that ends in" in result.stderr
    assert list(tmp_path.glob("s.*")) == []
