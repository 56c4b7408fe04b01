"""Label Studio's labelling screen for our schema: names shared by export, import and the screen."""

from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree import ElementTree as Xml

from skin.annotation.labels import QualityFlag
from skin.core.concerns import ZONES_OF, Concern, SkinType

IMAGE = "image"
MONK_VALUES = tuple(str(value) for value in range(1, 11))
GRADE_VALUES = ("0", "1", "2", "3")
SURE_VALUES = ("1", "2", "3")


def zones_name(concern: Concern) -> str:
    return f"{concern.value}_zones"


def point_value(concern: Concern) -> str:
    """Unlike the boxes' names: Label Studio's COCO converter takes equal names for keypoints of one category."""
    return f"{concern.value}_point"


POINT_CONCERNS = {point_value(concern): concern.value for concern in Concern}


def build_config(words: Mapping[str, Any]) -> str:
    """The screen's XML from the words of data/scales/labels.v1.yaml."""
    view = Xml.Element("View")
    Xml.SubElement(view, "Header", value=words["rule"])
    Xml.SubElement(view, "Image", name=IMAGE, value=f"${IMAGE}", zoom="true", zoomControl="true")
    for tag, name, values in (
        ("RectangleLabels", "box", [concern.value for concern in Concern]),
        ("KeyPointLabels", "point", list(POINT_CONCERNS)),
        ("BrushLabels", "mask", [concern.value for concern in Concern]),
    ):
        control = Xml.SubElement(view, tag, name=name, toName=IMAGE)
        for number, value in enumerate(values):
            order = {"model_index": str(number)} if tag == "KeyPointLabels" else {}  # its COCO converter asks for one
            Xml.SubElement(control, "Label", {"value": value} | order)
    _add_choices(view, "skin_type", [(kind.value, words["skin_type"][kind.value]) for kind in SkinType])
    _add_choices(view, "monk", [(value, "") for value in MONK_VALUES], hint=words["monk"]["rule"])
    _add_choices(view, "monk_second", [(value, "") for value in MONK_VALUES])
    for concern in Concern:
        says = words["concerns"][concern.value]
        grades = says.get("grades", words["grades"])
        _add_choices(view, concern.value, zip(GRADE_VALUES, grades, strict=True), hint=says["rule"])
        zones = [(zone.value, "") for zone in ZONES_OF[concern]]
        _add_choices(view, zones_name(concern), zones, several=True)
    flags = [(flag.value, words["quality_flags"][flag.value]) for flag in QualityFlag]
    _add_choices(view, "quality_flags", flags, several=True)
    _add_choices(view, "sure", [(value, "") for value in SURE_VALUES])
    Xml.SubElement(view, "TextArea", name="note", toName=IMAGE, maxSubmissions="1")
    Xml.indent(view)
    return Xml.tostring(view, encoding="unicode")


def _add_choices(
    view: Xml.Element, name: str, values: Iterable[tuple[str, str]], *, hint: str = "", several: bool = False
) -> None:
    Xml.SubElement(view, "Header", value=f"{name.replace('_', ' ')}{': ' if hint else ''}{hint}", size="5")
    how = "multiple" if several else "single"
    control = Xml.SubElement(view, "Choices", name=name, toName=IMAGE, choice=how, showInline="true")
    for value, says in values:
        Xml.SubElement(control, "Choice", {"value": value} | ({"hint": says} if says else {}))
