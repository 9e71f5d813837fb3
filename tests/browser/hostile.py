"""Text that attacks whoever shows it, a library full of it, and what tells that a script of it ran.

Each string that is a script says so by its number in ``top.__ran``. Tests compare what a page shows with what the
library holds, letter for letter, and look for what the strings would have made.
"""

import mutagen
import numpy as np
import soundfile

import workbench as wb

LONGEST = 100_000

STRINGS = (
    "<script>top.__ran=1</script>",
    '"><script>top.__ran=2</script>',
    "</script><script>top.__ran=3</script>",
    '<img src=x onerror="top.__ran=4">',
    "'><img src=x onerror=top.__ran=5>",
    "<svg onload=top.__ran=6>",
    '<iframe srcdoc="<script>top.__ran=7</script>">',
    '<a href="javascript:top.__ran=8">click</a>',
    "<a href='data:text/html,<script>opener.__ran=9</script>' target=_blank>data</a>",
    '" autofocus onfocus="top.__ran=10" x="',
    "' onmouseover='top.__ran=11' x='",
    "${top.__ran=12}",
    "`+(top.__ran=13)+`",
    "'-(top.__ran=14)-'",
    '";top.__ran=15;//',
    "]]><script>top.__ran=16</script>",
    "--><script>top.__ran=17</script><!--",
    "</style><script>top.__ran=18</script><style>*{display:none}",
    "</textarea></title><details open ontoggle=top.__ran=19>",
    "[markdown](javascript:top.__ran=20)",
    '![markdown](x"onerror="top.__ran=21) <http://evil.example/21>',
    "# **bold** <b onmouseover=top.__ran=22>b</b>\n\n***",
    "$\\href{javascript:top.__ran=23}{x}$ $$\\unicode{x41}$$ \\(\\style{display:none}{y}\\)",
    "\u2028top.__ran=24\u2029//",
    "\u202egnp.exe\u2066<b>25</b>",
    "null\x00byte<b>26</b>",
    "27 long <b>" + "x" * (LONGEST - 11),
    "%s %(x)s %{y} {0.__class__} %n 28",
    "{{7*7}}{% for x in y %}{#29#}",
    "\x1b[31mred\x1b]0;owned\x07\x9b2J\x1b]8;;http://evil.example/30\x07 30",
    "=cmd|' /C calc'!A0",
    '<link rel=stylesheet href=http://evil.example/32.css><style>@import "http://evil.example/32"</style>',
    "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=1 onerror=top.__ran=33>'>",
    '<meta http-equiv=refresh content="0;url=http://evil.example/34"><base href=http://evil.example/>',
    "&lt;script&gt;top.__ran=35&lt;/script&gt; &#60;img src=x onerror=top.__ran=35&#62;",
    "<extra>36</extra><b>b</b><br><sup>%{customdata}</sup>",
)

LIVE = """scope => [...scope.querySelectorAll('*')].flatMap(part => [...part.attributes]
    .filter(({name, value}) => /^on/i.test(name) || /^\\s*(javascript|data:text)/i.test(value)
        || /evil\\.example/.test(value) && 'href src content action srcset xlink:href style'.split(' ').includes(name)
        || name === 'srcdoc' || name === 'src' && ['x', '1'].includes(value))
    .map(({name, value}) => `${part.tagName} ${name}=${value.slice(0, 80)}`))
    .concat([...scope.querySelectorAll('iframe, base, mglyph, details[ontoggle], extra')].map(part => part.tagName))"""
"""What a part of a page holds that only came there by a string: handlers, scripts as links, frames."""

RAN = "window.__ran"


class Watch:
    """What a page does that it must not: dialogs, windows that open, requests to other hosts.

    Parameters
    ----------
    page : Page
        Playwright's page, before it is loaded.
    """

    def __init__(self, page):
        self.page, self.seen = page, []
        page.on("dialog", lambda dialog: (self.seen.append(dialog.message), dialog.dismiss()))
        page.on("popup", lambda popup: self.seen.append(popup.url))
        page.on("request", lambda request: self.seen.append(request.url) if is_foreign(request.url) else None)

    def scripts_run(self):
        """What was seen, and the number of a string that ran."""
        ran = self.page.evaluate(RAN)
        return [*self.seen, *([] if ran is None else [f"string {ran} ran"])]


def is_foreign(address):
    """It is neither this machine's nor a part of the page itself."""
    return not address.startswith(
        ("http://127.0.0.1", "ws://127.0.0.1", "http://localhost", "file:", "data:", "blob:", "about:")
    )


def letters(text):
    """What is drawn of a text, to compare it with a page: no white space, no controls."""
    return "".join(letter for letter in text if letter.isprintable() and not letter.isspace())


def rotated(number, by):
    """The string of a row in one of its fields, so that every field has all of them and no row has one twice."""
    return STRINGS[(number + 5 * by) % len(STRINGS)]


def make_hostile(folder):
    """An analysed library in which every text is one of `STRINGS`.

    Tags, corrections, names of files and folders, playlists, searches, findings, the name of the library's own file.
    """
    random = np.random.default_rng(0)
    music = folder / "music <img src=x onerror=top.__ran=100> {{7*7}} \"'"
    for number in range(len(STRINGS)):
        path = music / named(number, f"{number:02}.flac")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_tagged(path, number, random)
        (music / named(number, f"{number:02} junk.mp3")).write_text(STRINGS[number], encoding="utf-8")
    library = wb.Library(folder / "<svg onload=top.__ran=101> {{7*7}}.db")
    library.scan(music, progress=lambda *_: None)
    library.analyze(progress=lambda *_: None)
    keep_texts(library)
    return library


def named(number, ending):
    """A path that reads like a string: slashes in it make folders of its parts."""
    text = STRINGS[number].replace("\0", "")[:150]
    return f"./{text} {ending}".replace("/", "/.", 1) if text.startswith("/") else f"{text} {ending}"


def write_tagged(path, number, random):
    """Ten seconds of a sound, all texts of which are attacks; a notebook looks at the sixth to the ninth."""
    time = np.arange(10 * 22_050) / 22_050
    tone = sum(np.sin(2 * np.pi * f * time) for f in random.uniform(100, 2000, 3))
    noise = random.normal(size=len(time)) * (np.sin(2 * np.pi * (1 + number % 4) * time) > 0.9)
    soundfile.write(path, 0.1 * tone + 0.1 * noise, 22_050)
    file = mutagen.File(path)
    fields = ("title", "artist", "album", "albumartist", "genre", "composer", "comment", "initialkey", "grouping")
    for by, field in enumerate(fields):
        file[field] = rotated(number, by)
    file["date"] = f"{1990 + number} {STRINGS[number]}"
    file.save()


def keep_texts(library):
    """What a user could have written: corrections, of which no tag reader has seen the text, playlists, searches."""
    ids = library.tracks()["track_id"].sort().to_list()
    for number, track_id in enumerate(ids):
        library.correct(track_id, title=STRINGS[number % len(STRINGS)])
        library.correct(track_id, genres=[rotated(number, 2)], album=rotated(number, 1))
        library.save(wb.Playlist(STRINGS[number % len(STRINGS)], library.tracks().head(3 + number)))
    for text in STRINGS:
        library.save(library.smart_playlist(f"{text[:200]} sought", f"title:{quoted(text)} or year:1990.."))


def quoted(text):
    """A word of a search."""
    return '"' + text[:60].replace("\\", "").replace('"', "") + '"'
