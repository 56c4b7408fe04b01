"""Labels of every form, for tests of what is done with them."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from skin.annotation.labels import Label, Origin, QualityFlag
from skin.annotation.mask import trace
from skin.core.concerns import Concern, SkinType
from skin.core.zones import Zone
from skin.datasets.record import LabelKind, Record, Split

MILLION = 1_000_000
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
concerns = st.sampled_from([concern.value for concern in Concern])
origins = st.sampled_from([origin.value for origin in Origin])
places = st.integers(0, MILLION).map(lambda number: number / MILLION)
spans = st.tuples(places, places).filter(lambda pair: pair[0] != pair[1]).map(sorted)


@st.composite
def masks(draw: st.DrawFn) -> dict[str, Any]:
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    return trace(rng.random((height, width)) < draw(st.sampled_from([0.0, 0.1, 0.5, 1.0])))


regions = st.one_of(
    st.fixed_dictionaries(
        {
            "kind": st.just("box"),
            "concern": concerns,
            "origin": origins,
            "xyxy_norm": st.tuples(spans, spans).map(lambda xy: [xy[0][0], xy[1][0], xy[0][1], xy[1][1]]),
        }
    ),
    st.fixed_dictionaries(
        {"kind": st.just("point"), "concern": concerns, "origin": origins, "xy_norm": st.tuples(places, places)}
    ),
    st.fixed_dictionaries({"kind": st.just("mask"), "concern": concerns, "origin": origins, "mask": masks()}),
)
judged = st.fixed_dictionaries(
    {
        "grade": st.none() | st.integers(0, 3),
        "zones": st.lists(st.sampled_from([zone.value for zone in Zone]), unique=True, max_size=3),
    }
).filter(lambda one: one["grade"] is not None or one["zones"])
labels = st.builds(
    lambda **fields: Label.model_validate(fields),
    skin_type=st.none() | st.sampled_from([kind.value for kind in SkinType]),
    monk=st.none() | st.integers(1, 10),
    monk_second=st.none() | st.integers(1, 10),
    concerns=st.dictionaries(concerns, judged),
    regions=st.lists(regions, max_size=4),
    quality_flags=st.lists(st.sampled_from([flag.value for flag in QualityFlag]), unique=True, max_size=3),
    sure=st.none() | st.integers(1, 3),
    note=texts,
)


def make_record(label: Label, *, item: int = 1, number: int = 1, **changes: Any) -> Record:
    """An answer with this label."""
    values: dict[str, Any] = {
        "kind": LabelKind.ANSWER,
        "label_id": f"00000000-0000-0000-0000-{number:012d}",
        "item_id": f"10000000-0000-0000-0000-{item:012d}",
        "picture": f"images/{item}.jpg",
        "sha256": f"{item:064x}",
        "person": f"person-{item}",
        "source": "interfaces",
        "licence": "CC0",
        "split": Split.TRAIN,
        "annotator": "f3a9c1d2b4e5",
        "task": "regular",
        "mode": "blind",
        "suggestion_shown": False,
        "seconds_spent": 12.5,
        "created_at": "2026-11-22T10:00:00+00:00",
        "label": label.model_dump(mode="json"),
    }
    return Record(**values | changes)
