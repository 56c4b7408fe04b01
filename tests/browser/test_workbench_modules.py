"""The workbench's modules for masks, places and keys, called in the browser and held against numpy."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page

from tests.browser.conftest import Open

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def page(open_visit: Open) -> Page:
    visit = open_visit()
    visit.page.goto(f"{visit.url}/signin")
    return visit.page


def call(page: Page, module: str, body: str, value: Any = None) -> Any:
    """What `body`, a function of the module and the value, returns."""
    return page.evaluate(
        f"async (value) => {{ const it = await import('/annotate/assets/{module}.js'); return ({body})(it, value); }}",
        value,
    )


def count_runs(mask: NDArray[np.bool_]) -> list[int]:
    """COCO's uncompressed run lengths of (H, W), pixel by pixel."""
    counts, value, run = [], False, 0
    for pixel in mask.T.ravel().tolist():
        if pixel is not value:
            counts.append(run)
            value, run = pixel, 0
        run += 1
    return [*counts, run]


ENCODE = """({ Bitmap }, { width, height, columns }) => {
    const mask = new Bitmap(width, height, Uint8Array.from(columns)).encode();
    return { mask, again: [...Bitmap.decode(mask).bits] };
}"""


@pytest.mark.parametrize("seed", range(4))
def test_run_lengths_are_cocos_and_come_back_as_the_same_mask(page: Page, seed: int) -> None:
    random = np.random.default_rng(seed)
    mask = random.random((13, 7)) < (0.0, 1.0, 0.3, 0.8)[seed]
    columns = mask.T.ravel().astype(int).tolist()
    made = call(page, "bitmap", ENCODE, {"width": 7, "height": 13, "columns": columns})
    assert made["mask"] == {"size_hw": [13, 7], "counts": count_runs(mask)}
    assert made["again"] == columns


SWEEP = """({ Bitmap }, strokes) => {
    const bitmap = new Bitmap(60, 40);
    for (const [from, to, radius, value] of strokes) bitmap.sweep(from, to, radius, value);
    return [...bitmap.bits];
}"""


def test_a_stroke_covers_exactly_the_pixels_within_its_radius(page: Page) -> None:
    random = np.random.default_rng(5)
    strokes = [
        [random.uniform(-5, 65, 2).tolist(), random.uniform(-5, 45, 2).tolist(), float(random.uniform(0.6, 9)), value]
        for value in (1, 1, 1, 0, 1, 0)
    ]
    strokes.append([[30.0, 10.0], [30.0, 30.0], 3.0, 1])  # straight down
    strokes.append([[12.5, 20.5], [12.5, 20.5], 4.0, 1])  # a dab
    truth = np.zeros((40, 60), bool)
    xs, ys = np.meshgrid(np.arange(60) + 0.5, np.arange(40) + 0.5)
    for start, end, radius, value in strokes:
        (ax, ay), (bx, by) = start, end
        along = np.clip(
            ((xs - ax) * (bx - ax) + (ys - ay) * (by - ay)) / max((bx - ax) ** 2 + (by - ay) ** 2, 1e-12), 0, 1
        )
        truth[np.hypot(xs - ax - along * (bx - ax), ys - ay - along * (by - ay)) <= radius] = bool(value)
    swept = np.array(call(page, "bitmap", SWEEP, strokes), bool).reshape(60, 40).T
    assert np.array_equal(swept, truth)


def test_a_place_on_the_screen_is_the_same_place_on_the_face_after_zoom_and_pan(page: Page) -> None:
    moved = """({ View }) => {
        const view = new View();
        view.fit(640, 600, 1024);
        const before = view.toFace([400, 220]);
        view.zoom(7, [400, 220]);
        const after = view.toFace([400, 220]);
        view.pan(-35, 20);
        const round = view.toScreen(view.toFace([123, 456]));
        view.zoom(1e9);
        return { before, after, round, scale: view.scale };
    }"""
    seen = call(page, "geometry", moved)
    assert seen["before"] == pytest.approx(seen["after"])
    assert seen["round"] == pytest.approx([123, 456])
    assert seen["scale"] == 40  # each pixel of the face is 40 of the screen, and no closer


def test_boxes_stay_boxes_within_the_face(page: Page) -> None:
    bodies = {
        "turned": "({ boxBetween }) => boxBetween([900, 800], [100, -50], 1000)",
        "moved": "({ moved }) => moved({ kind: 'box', xyxy_norm: [0.7, 0.1, 0.9, 0.3] }, 0.5, -0.5).xyxy_norm",
        "reshaped": "({ reshaped }) => reshaped({ xyxy_norm: [0.2, 0.2, 0.4, 0.4] }, 0, [0.6, 0.7]).xyxy_norm",
        "flat": "({ reshaped }) => reshaped({ xyxy_norm: [0.2, 0.2, 0.4, 0.4] }, 0, [0.4, 0.1]).xyxy_norm",
        "mirrored": "({ mirrored }) => mirrored([0.2, 0.3])",
    }
    made = {name: call(page, "geometry", body) for name, body in bodies.items()}
    assert made["turned"] == pytest.approx([0.1, 0, 0.9, 0.8])
    assert made["moved"] == pytest.approx([0.8, 0, 1, 0.2])
    assert made["reshaped"] == pytest.approx([0.4, 0.4, 0.6, 0.7])
    assert made["flat"] == pytest.approx([0.2, 0.2, 0.4, 0.4])
    assert made["mirrored"] == pytest.approx([0.8, 0.3])


def test_keys_are_told_apart_and_no_two_actions_share_one(page: Page) -> None:
    combos = call(
        page,
        "keys",
        """({ comboOf }) => [
            { key: "!", code: "Digit1", shiftKey: true }, { key: "Z", code: "KeyZ", ctrlKey: true, shiftKey: true },
            { key: "?", code: "Slash", shiftKey: true }, { key: " ", code: "Space" },
            { key: "Shift", code: "ShiftLeft", shiftKey: true },
            { key: "ArrowUp", code: "ArrowUp", shiftKey: true }, { key: "&", code: "Digit1" },
        ].map(comboOf)""",
    )
    assert combos == ["Shift+1", "Ctrl+Shift+z", "?", "Space", None, "Shift+ArrowUp", "1"]
    shared = call(
        page,
        "actions",
        "({ ACTIONS }) => ACTIONS.flatMap(({ keys }) => keys).filter((key, at, all) => all.indexOf(key) !== at)",
    )
    assert shared == []


def test_the_table_of_keys_in_the_documents_is_the_pages(page: Page) -> None:
    listed = call(
        page,
        "actions",
        """async ({ ACTIONS }) => {
            const { showCombo } = await import("/annotate/assets/keys.js");
            const single = ACTIONS.filter(({ name }) => !/^(value|second)_/.test(name));
            return single.map(({ keys, words }) => `| ${keys.map(showCombo).join(" or ")} | ${words} |`);
        }""",
    )
    documented = (ROOT / "docs" / "workbench.md").read_text(encoding="utf-8").splitlines()
    assert listed == [line for line in documented if line.startswith("| ")][4:]


def test_a_key_can_be_given_to_another_action_unless_it_is_taken(page: Page) -> None:
    told = call(
        page,
        "keys",
        """({ Keys }) => {
            localStorage.clear();
            const keys = new Keys();
            const taken = keys.choose("tool_box", "p")?.name;
            const free = keys.choose("tool_box", "q");
            const kept = new Keys();
            const found = [kept.find("q")?.name, kept.find("b"), kept.find("Shift+ArrowUp")];
            const freed = kept.choose("tool_point", "b");
            kept.reset();
            return { taken, free, found, freed, after: [new Keys().find("b").name, new Keys().find("p").name] };
        }""",
    )
    assert told["taken"] == "tool_point"
    assert told["free"] is None
    assert told["found"] == ["tool_box", None, {"name": "up", "isFar": True}]
    assert told["freed"] is None
    assert told["after"] == ["tool_box", "tool_point"]


def test_every_change_of_a_label_can_be_taken_back_and_done_again(page: Page) -> None:
    told = call(
        page,
        "work",
        """async ({ Work }) => {
            const label = await import("/annotate/assets/label.js");
            const work = new Work(label.emptyLabel(), { machine: { ...label.emptyLabel(), monk: 4 } });
            work.change(label.setGrade(work.label, "acne", 2), "Acne", { field: "acne" });
            work.change(label.setNote(work.label, "a"), "note", { merge: "note" });
            work.change(label.setNote(work.label, "ab"), "note", { merge: "note" });
            const undone = [work.undo(), work.label.note, work.undo(), label.gradeOf(work.label, "acne"), work.undo()];
            const redone = [work.redo(), label.gradeOf(work.label, "acne"), work.redo(), work.label.note, work.redo()];
            const machine = { ...label.emptyLabel(), monk: 4 };
            const machines = new Work(machine, { machine });
            const before = machines.isMachines("monk");
            machines.change(machines.label, "Monk", { field: "monk" });
            return { undone, redone, machines: [before, machines.isMachines("monk"), machines.isMachines("acne")] };
        }""",
    )
    assert told["undone"] == ["note", "", "Acne", None, None]
    assert told["redone"] == ["Acne", 2, "note", "ab", None]
    assert told["machines"] == [True, False, False]
