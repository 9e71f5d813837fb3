"""Titles as they are found, the song that each names, and its version."""

# ruff: noqa: RUF001  letters and marks that look alike are what is tested

import doctest
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import titles
from workbench.titles import normal_title, version_of

CASES = [
    # no notes
    ("Song", "song", None),
    ("  Déjà   Vu ", "deja vu", None),
    ("Don’t Stop", "dont stop", None),
    ("Don't Stop", "dont stop", None),
    ("Rock & Roll", "rock and roll", None),
    ("Rock-and-Roll!", "rock and roll", None),
    ("ＳＯＮＧ　２", "song 2", None),
    ("Straße", "strasse", None),
    ("Bjørn Łódź Ægir", "bjorn lodz aegir", None),
    ("Ёлка", "елка", None),
    ("ﬁn²", "fin2", None),
    ("01 Song", "01 song", None),
    ("99 Luftballons", "99 luftballons", None),
    # what only looks like a note
    ("Live and Let Die", "live and let die", None),
    ("Paul McCartney - Live and Let Die", "paul mccartney live and let die", None),
    ("Live Forever", "live forever", None),
    ("Artist - Live for Today", "artist live for today", None),
    ("Remix Culture", "remix culture", None),
    ("Song (Remix Culture)", "song remix culture", None),
    ("Take On Me", "take on me", None),
    ("Take Five", "take five", None),
    ("Paul Desmond - Take Five", "paul desmond take five", None),
    ("Song (Take Cover)", "song take cover", None),
    ("Song (In the Mix)", "song in the mix", None),
    ("Demolition", "demolition", None),
    ("Monolith - Stereotype", "monolith stereotype", None),
    ("(I Can't Get No) Satisfaction", "i cant get no satisfaction", None),
    ("Song (Part 2)", "song part 2", None),
    ("Song (2011)", "song 2011", None),
    ("Re-Edit-Ed", "re edit ed", None),
    ("Letter (From the Heart)", "letter from the heart", None),
    ("Suite - II. Air", "suite ii air", None),
    # nothing but a note
    ("(Live)", "live", None),
    ("[Instrumental]", "instrumental", None),
    ("Reprise", "reprise", None),
    ("feat. X", "feat x", None),
    ("(Live) feat. X", "live", None),
    ("???", "???", None),
    ("÷", "÷", None),
    ("", "", None),
    # remasters
    ("Song (Remastered 2011)", "song", "remaster 2011"),
    ("Song - 2011 Remaster", "song", "remaster 2011"),
    ("Song – Remastered", "song", "remaster"),
    ("Song [2011 Digital Remaster]", "song", "remaster 2011"),
    ("Song (Digitally Re-Mastered)", "song", "remaster"),
    ("Song - Remastered Version 2009", "song", "remaster 2009"),
    ("Canción (Remasterizado 2010)", "cancion", "remaster 2010"),
    ("Chanson (Remasterisé en 2003)", "chanson", "remaster en 2003"),
    ("歌（2015 リマスター）", "歌", "remaster 2015"),
    # concerts
    ("Song [Live at X]", "song", "live at x"),
    ("Song (Live)", "song", "live"),
    ("Song (Live Version)", "song", "live"),
    ("Song - Live at Wembley, 1986", "song", "live at wembley 1986"),
    ("Song (live, 1998-12-14: Telewest Arena)", "song", "live at 1998 12 14 telewest arena"),
    ("Song (Live in Paris", "song", "live in paris"),
    ("Song (Live 1975)", "song", "live 1975"),
    ("Song (Acoustic Live from the BBC)", "song", "acoustic live from bbc"),
    ("Song (Recorded at Abbey Road)", "song", "recorded at abbey road"),
    ("Canção (Ao Vivo)", "cancao", "live"),
    ("Canção - Ao Vivo em Lisboa", "cancao", "live em lisboa"),
    ("Canción [En Vivo]", "cancion", "live"),
    ("Canción (En Directo)", "cancion", "live"),
    ("Chanson (Live à l'Olympia)", "chanson", "live at lolympia"),
    ("Chanson (en public)", "chanson", "live"),
    ("Canzone (Dal Vivo)", "canzone", "live"),
    ("Lied (Live aus Berlin)", "lied", "live aus berlin"),
    ("Песня (концертная запись)", "песня", "live"),
    ("歌 (现场版)", "歌", "live"),
    ("歌【北京现场】", "歌", "北京 live"),
    ("歌（ライブ）", "歌", "live"),
    ("ガラス (Live Ver.)", "ガラス", "live"),
    ("노래 (라이브)", "노래", "live"),
    # mixes and the rest
    ("Song (X Remix)", "song", "x remix"),
    ("Song (The X & Y Mix)", "song", "x and y mix"),
    ("Song - X Remix 2004", "song", "x remix 2004"),
    ('Song (12" Mix)', "song", "12 mix"),
    ("Song (Radio Edit)", "song", "radio edit"),
    ("Song - Edit", "song", "edit"),
    ("Song (Extended)", "song", "extended"),
    ("Song (Extended Version)", "song", "extended"),
    ("Song (Acoustic Version)", "song", "acoustic"),
    ("Canção (Versão Acústica)", "cancao", "acoustic"),
    ("Lied (Akustik)", "lied", "acoustic"),
    ("Song (Demo)", "song", "demo"),
    ("Song (Early Demo 1969)", "song", "early demo 1969"),
    ("Song (Instrumental)", "song", "instrumental"),
    ("Song [Karaoke Version]", "song", "karaoke"),
    ("歌 (伴奏)", "歌", "karaoke"),
    ("歌（カラオケ）", "歌", "karaoke"),
    ("Song - Mono", "song", "mono"),
    ("Song (2003 Stereo Mix)", "song", "2003 stereo mix"),
    ("Song (Beatles Cover)", "song", "beatles cover"),
    ("Song (Reprise)", "song", "reprise"),
    ("Song (Take 2)", "song", "take 2"),
    ("Song (Take Two)", "song take two", None),
    ("Song (Studio Take)", "song", "studio take"),
    ("Song (Alternate Take 3)", "song", "alternate take 3"),
    ("Song (Alternative Version)", "song", "alternate"),
    ("Song (Taylor’s Version)", "song", "taylors version"),
    ("Song -Acoustic-", "song", "acoustic"),
    ("Song ~Piano Version~", "song", "piano version"),
    # guests
    ("Song (feat. X)", "song", None),
    ("Song [ft. X & Y]", "song", None),
    ("Song feat. X", "song", None),
    ("Song ft X", "song", None),
    ("Song featuring X", "song", None),
    ("Song (feat. X) Part 2", "song part 2", None),
    ("Song feat. X (Live)", "song", "live"),
    ("Song (feat. X) - Y Remix", "song", "y remix"),
    ("Song (Y Remix feat. X)", "song", "y remix"),
    ("No Small Feat", "no small feat", None),
    ("A Feat of Strength", "a feat of strength", None),
    ("20 Ft. Below", "20 ft below", None),
    ("Aftermath", "aftermath", None),
    # notes that say nothing of the recording
    ("Song (Bonus Track)", "song", None),
    ("Song (Live) [Japanese Bonus Track]", "song", "live"),
    ("Song (Bonus Track, Live)", "song", "live"),
    ('Song (From "Frozen")', "song", None),
    ("Song - From “Frozen” / Single Version", "song", "single version"),
    ("Song (From the Motion Picture X)", "song", None),
    ("Song (Original Motion Picture Soundtrack)", "song", None),
    ("Song (Album Version)", "song", None),
    ("Song [Explicit]", "song", None),
    ("Song (Official Music Video)", "song", None),
    # more than one
    ("Song (Live) - 2011 Remaster", "song", "live, remaster 2011"),
    ("Song - Live at X - 2011 Remaster", "song", "live at x, remaster 2011"),
    ("Song - Live / 2011 Remaster", "song", "live, remaster 2011"),
    ("Song (Remastered, Live)", "song", "live, remaster"),
    ("Live and Let Die (Live (2011))", "live and let die", "live 2011"),
]


@pytest.mark.parametrize(("title", "name", "version"), CASES)
def test_a_title_is_split(title, name, version):
    assert (normal_title(title), version_of(title)) == (name, version)


@pytest.mark.parametrize(("title", "name", "version"), CASES)
def test_the_form_of_the_text_does_not_matter(title, name, version):
    decomposed = unicodedata.normalize("NFD", title)
    assert (normal_title(decomposed), version_of(decomposed)) == (name, version)


def test_marks_that_make_another_letter_stay():
    assert normal_title("ガラス") != normal_title("カラス")
    assert normal_title("किताब") == unicodedata.normalize("NFC", "किताब")


WORDS = st.sampled_from(
    [*"()[]{}-–~&'/,;:.\"【】 ", *" ".join(title for title, _, _ in CASES).split(), " - ", " feat. ", "fe'at "]
)


@given(st.text() | st.lists(WORDS).map("".join) | st.lists(WORDS).map(" ".join))
def test_every_title_has_a_name_that_stays(title):
    name = normal_title(title)
    assert normal_title(name) == name
    assert bool(name) == bool(title.strip())
    assert version_of(title) != ""


@given(st.text())
def test_case_and_spaces_do_not_matter(title):
    assert normal_title(f"  {title}\t") == normal_title(title)


@given(st.text("abcdefg ", min_size=1).filter(str.strip), st.sampled_from(["(Live)", "[2011 Remaster]", "- Demo"]))
def test_a_note_behind_any_name_is_split_off(name, note):
    assert normal_title(f"{name} {note}") == normal_title(name)
    assert version_of(f"{name} {note}") is not None


@pytest.mark.parametrize(
    "part", ["(", "()", "(live ", "[x] ", " - live", " - ", "live at ", "from the ", "feat ", " / live"]
)
def test_the_cost_grows_with_the_length_only(part):
    start = time.process_time()
    normal_title("x" + part * 20_000)
    assert time.process_time() - start < 5


def test_examples_run():
    assert doctest.testmod(titles).failed == 0
