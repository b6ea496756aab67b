"""A map as one SVG document that carries its own colours, for paper."""

from html import escape

from maillage.diagnosis.views.maps import Drawing

COLOURS = ("#0b5c4c", "#3f9c86", "#a9d8c4", "#f0c069", "#c2621b", "#e2ded2")
"""The classes of minutes, as in `diagnosis.css`."""
_NO_AREA = 'fill="none" stroke-linecap="round" stroke-linejoin="round"'


def engraved(drawing: Drawing) -> str:
    """Write the drawing for paper: no link, no style sheet, its hatching and its names included."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawing.width} {drawing.height}">',
        '<defs><pattern id="h" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<path d="M0 4.5h9" stroke="#3b1c05" stroke-width="1.3" opacity=".45"/></pattern></defs>',
    ]
    if drawing.near:
        parts.append(f'<path fill="#f1eee4" fill-rule="evenodd" d="{drawing.near}"/>')
    for area in drawing.areas:
        colour = COLOURS[area.kind]
        if area.width:
            parts.append(f'<path {_NO_AREA} stroke="{colour}" stroke-width="{area.width:g}" d="{area.path}"/>')
        else:
            parts.append(f'<path fill="{colour}" fill-rule="evenodd" d="{area.path}"/>')
    for shape in drawing.shapes:
        look = f'fill="{COLOURS[shape.kind]}" stroke="#fff" stroke-width="1.4"'
        if shape.path:
            parts.append(f'<path {look} fill-rule="evenodd" d="{shape.path}"/>')
        else:
            parts.append(f'<circle {look} cx="{shape.x}" cy="{shape.y}" r="{shape.r}"/>')
    if drawing.far:
        parts.append(f'<path fill="url(#h)" fill-rule="evenodd" d="{drawing.far}"/>')
    if drawing.edge:
        parts.append(f'<path fill="none" stroke="#14302a" stroke-width="3" d="{drawing.edge}"/>')
    parts += _names(drawing)
    for mark in drawing.marks:
        look = "#e39a1b" if mark.kind in ("tried", "best") else "#fff" if mark.kind == "shut" else "#14302a"
        edge = "#14302a" if mark.kind != "open" else "#fffdf7"
        parts.append(f'<circle fill="{look}" stroke="{edge}" stroke-width="4" cx="{mark.x}" cy="{mark.y}" r="10"/>')
    return "".join([*parts, "</svg>"])


def _names(drawing: Drawing) -> list[str]:
    """The names, each over a pale copy of itself that keeps it readable on any colour."""
    drawn = []
    for label in (*drawing.labels, *drawing.insets):
        place = (
            f'x="{label.x}" y="{label.y}" text-anchor="{label.anchor}" font-family="Libertinus Serif" font-size="25"'
        )
        text = escape(label.text)
        drawn.append(f'<text {place} fill="none" stroke="#fff" stroke-width="7" stroke-linejoin="round">{text}</text>')
        drawn.append(f'<text {place} fill="#14302a">{text}</text>')
    return drawn
