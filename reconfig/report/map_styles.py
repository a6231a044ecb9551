"""Styles by which QGIS draws the layers of the GeoPackage as the still maps are drawn (QML).

The format is that of QGIS's own style files, as its versions from 3.20 read and write it; a table
`layer_styles` in the GeoPackage holds them, one of each layer marked as its default.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.colors import to_rgb

from reconfig.report.classes import Classes

# Ends of the outermost classes: no journey is as long, or as much shorter.
LEAST, MOST = -1e6, 1e6
DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
FILL, LINE, POINT = "fill", "line", "marker"
# Where labels go, in QGIS's numbers: level inside an area, on a line, around a marker.
PLACEMENTS = {
    FILL: {"placement": "4", "priority": "3"},
    LINE: {"placement": "2", "placementFlags": "1", "priority": "5"},
    POINT: {"placement": "6", "dist": "1.5", "distUnits": "MM", "priority": "9"},
}


@dataclass(frozen=True)
class Style:
    """A style of a layer. is_default: whether QGIS takes it when it opens the layer."""

    layer: str
    name: str
    qml: str
    is_default: bool = False


@dataclass(frozen=True)
class Part:
    """A symbol layer: its class in QGIS, its options, and options that come from the data.

    from_data: option -> an expression of QGIS.
    """

    kind: str
    options: Mapping[str, str]
    from_data: Mapping[str, str] | None = None


def fill(colour: str, *, edge: str | None = None, width: float = 0.2) -> Part:
    """Return a filled area; without an edge its outline is of its own colour, which closes gaps."""
    return Part(
        "SimpleFill",
        {
            "color": rgba(colour),
            "outline_color": rgba(edge or colour),
            "outline_width": f"{width:g}",
            "outline_style": "solid",
            "style": "solid",
        },
    )


def hollow(edge: str, width: float) -> Part:
    """Return an area of which the outline alone is drawn."""
    return Part(
        "SimpleFill",
        {"style": "no", "outline_color": rgba(edge), "outline_width": f"{width:g}"},
    )


def spot(
    shape: str, size: float, colour: str, *, edge: str = "#ffffff", width: float = 0.2
) -> Part:
    """Return a marker; shape: a name of QGIS; size in millimetres."""
    return Part(
        "SimpleMarker",
        {
            "name": shape,
            "size": f"{size:g}",
            "color": rgba(colour),
            "outline_color": rgba(edge),
            "outline_width": f"{width:g}",
        },
    )


def line(colour: str, width: float) -> Part:
    """Return a line; width in millimetres."""
    return Part("SimpleLine", {"line_color": rgba(colour), "line_width": f"{width:g}"})


def rgba(colour: str) -> str:
    """Return a colour as QGIS writes it: "255,0,0,255"."""
    return ",".join(str(round(255 * value)) for value in (*to_rgb(colour), 1.0))


def classified(
    column: str, classes: Classes, kind: str, symbols: Sequence[Sequence[Part]], label: str = ""
) -> str:
    """Return the QML of classes of a number, each with its symbol.

    QGIS takes the first class that a value is in, both bounds included: as `Classes` does.
    """
    root, renderer = _root("graduatedSymbol", label)
    renderer.set("attr", column)
    renderer.set("graduatedMethod", "GraduatedColor")
    edges = [LEAST, *classes.bounds, MOST]
    ranges = ET.SubElement(renderer, "ranges")
    for k, text in enumerate(classes.labels):
        lower, upper = (f"{edge:.6f}" for edge in edges[k : k + 2])
        one = {"symbol": str(k), "label": text, "render": "true", "lower": lower, "upper": upper}
        ET.SubElement(ranges, "range", one)
    _symbols(renderer, kind, symbols)
    return _text(root, kind, label)


def categorised(
    column: str, symbols: Mapping[str, tuple[str, Sequence[Part]]], kind: str, label: str = ""
) -> str:
    """Return the QML of categories: value -> what it is called, and its symbol."""
    root, renderer = _root("categorizedSymbol", label)
    renderer.set("attr", column)
    categories = ET.SubElement(renderer, "categories")
    for k, (value, (text, _)) in enumerate(symbols.items()):
        ET.SubElement(
            categories,
            "category",
            symbol=str(k),
            value=value,
            label=text,
            render="true",
            type="string",
        )
    _symbols(renderer, kind, [parts for _, parts in symbols.values()])
    return _text(root, kind, label)


def only_where(expression: str, text: str, kind: str, parts: Sequence[Part]) -> str:
    """Return the QML of one symbol, for the rows of which an expression of QGIS is true."""
    root, renderer = _root("RuleRenderer", "")
    rules = ET.SubElement(renderer, "rules", key="{all}")
    ET.SubElement(rules, "rule", key="{one}", filter=expression, label=text, symbol="0")
    _symbols(renderer, kind, [parts])
    return _text(root, kind, "")


def single(kind: str, parts: Sequence[Part], label: str = "") -> str:
    """Return the QML of one symbol for all rows."""
    root, renderer = _root("singleSymbol", label)
    _symbols(renderer, kind, [parts])
    return _text(root, kind, label)


def _root(renderer: str, label: str) -> tuple[ET.Element, ET.Element]:
    root = ET.Element(
        "qgis",
        version="3.20.0",
        styleCategories="Symbology|Labeling",
        labelsEnabled="1" if label else "0",
    )
    return root, ET.SubElement(root, "renderer-v2", type=renderer, symbollevels="0")


def _symbols(renderer: ET.Element, kind: str, symbols: Sequence[Sequence[Part]]) -> None:
    above = ET.SubElement(renderer, "symbols")
    for k, parts in enumerate(symbols):
        symbol = ET.SubElement(above, "symbol", type=kind, name=str(k), alpha="1")
        for part in parts:
            named = {"class": part.kind, "enabled": "1", "pass": "0"}
            layer = ET.SubElement(symbol, "layer", named)
            _options(layer, part.options)
            if part.from_data:
                _from_data(layer, part.from_data)
            if part.kind == "MarkerLine":
                head = ET.SubElement(layer, "symbol", type=POINT, name=f"@{k}@1", alpha="1")
                inner = ET.SubElement(head, "layer", {"class": "SimpleMarker", "enabled": "1"})
                _options(inner, {"name": "filled_arrowhead", **part.options})


def _options(above: ET.Element, options: Mapping[str, str]) -> ET.Element:
    table = ET.SubElement(above, "Option", type="Map")
    for name, value in options.items():
        ET.SubElement(table, "Option", type="QString", name=name, value=value)
    return table


def _from_data(layer: ET.Element, from_data: Mapping[str, str]) -> None:
    table = ET.SubElement(ET.SubElement(layer, "data_defined_properties"), "Option", type="Map")
    ET.SubElement(table, "Option", name="name", type="QString", value="")
    properties = ET.SubElement(table, "Option", name="properties", type="Map")
    for name, expression in from_data.items():
        one = ET.SubElement(properties, "Option", name=name, type="Map")
        ET.SubElement(one, "Option", name="active", type="bool", value="true")
        ET.SubElement(one, "Option", name="expression", type="QString", value=expression)
        ET.SubElement(one, "Option", name="type", type="int", value="3")  # an expression
    ET.SubElement(table, "Option", name="type", type="QString", value="collection")


def _text(root: ET.Element, kind: str, label: str) -> str:
    """Return the QML as text, with labels by an expression of QGIS if one is given."""
    if label:
        labelling = ET.SubElement(root, "labeling", type="simple")
        settings = ET.SubElement(labelling, "settings", calloutType="simple")
        look = {"fieldName": label, "isExpression": "1", "fontSize": "8", "fontSizeUnit": "Point"}
        style = ET.SubElement(settings, "text-style", look | {"textColor": "0,0,0,255"})
        halo = {"bufferDraw": "1", "bufferSize": "0.8", "bufferSizeUnits": "MM"}
        ET.SubElement(style, "text-buffer", halo | {"bufferColor": "255,255,255,255"})
        ET.SubElement(settings, "placement", PLACEMENTS[kind])
        ET.SubElement(settings, "rendering", obstacle="0")
    return DOCTYPE + ET.tostring(root, encoding="unicode")
