"""Letters that tests of layout bring along, so that no page is measured with whatever a machine has.

Wide and narrow Latin letters come from matplotlib's own folder; Chinese ones are made here, each a square as wide as it is
high, as in every Chinese font.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import matplotlib

#: Where the fonts of matplotlib lie.
SHIPPED = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
#: Name -> family of text, of headings, of code. "wide" is what a Debian without fonts of its own gets.
FONTS = {
    "wide": ("DejaVu Sans", "DejaVu Serif", "DejaVu Sans Mono"),
    "narrow": ("STIXGeneral", "STIXGeneral", "cmtt10"),
}
_FILES = {"wide": "DejaVuS*.ttf", "narrow": "STIXGeneral*.ttf"}
#: Where a family has no letter: the marks of the report, and Chinese.
_FALLBACK = ("DejaVu Sans", "Full Width")
#: Chinese signs, their punctuation, and full-width forms of Latin ones.
_FULL_WIDTH = ((0x3000, 0x303F), (0x4E00, 0x9FFF), (0xFF01, 0xFF60))
_ALIAS = '<alias binding="same"><family>{}</family><prefer>{}</prefer></alias>'


def fonts_file(folder: Path, name: str) -> Path:
    """A configuration of fontconfig in `folder` that knows the fonts `name` and no other on this machine."""
    text, serif, mono = FONTS[name]
    found = sorted({*SHIPPED.glob(_FILES[name]), SHIPPED / "DejaVuSans.ttf", *SHIPPED.glob(f"{mono}.ttf")})
    assert len(found) > 2, f"matplotlib ships no fonts in {SHIPPED}"
    here = folder / "letters"
    here.mkdir(parents=True, exist_ok=True)
    for path in found:
        (here / path.name).write_bytes(path.read_bytes())
    (here / "full-width.ttf").write_bytes(_full_width())
    generic = {"sans-serif": text, "system-ui": text, "serif": serif, "monospace": mono, "ui-monospace": mono}
    aliases = [
        _ALIAS.format(of, "".join(f"<family>{f}</family>" for f in (family, *_FALLBACK))) for of, family in generic.items()
    ]
    made = folder / "fonts.conf"
    parts = [f"<dir>{here}</dir><cachedir>{folder / 'cache'}</cachedir>", *aliases]
    made.write_text(f"<?xml version='1.0'?><fontconfig>{''.join(parts)}</fontconfig>", encoding="utf-8")
    return made


@cache
def _full_width() -> bytes:
    """A font in which every Chinese sign is the same square of one em."""
    import io

    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen(None)
    for i, corner in enumerate(((80, -40), (80, 800), (920, 800), (920, -40))):
        (pen.lineTo if i else pen.moveTo)(corner)
    pen.closePath()
    square = pen.glyph()
    made = FontBuilder(1000, isTTF=True)
    made.setupGlyphOrder([".notdef", "square"])
    made.setupCharacterMap({code: "square" for first, last in _FULL_WIDTH for code in range(first, last + 1)})
    made.setupGlyf({".notdef": square, "square": square})
    made.setupHorizontalMetrics({".notdef": (1000, 80), "square": (1000, 80)})
    made.setupHorizontalHeader(ascent=880, descent=-120)
    made.setupNameTable({"familyName": "Full Width", "styleName": "Regular"})
    made.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=880, usWinDescent=120)
    made.setupPost()
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()
