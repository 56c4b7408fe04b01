"""The annotator's screen by keyboard, by mouse and without a connection, down to what the database holds."""

import base64
import io
import json
import re
from typing import Any
from uuid import uuid4

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, expect

from skin.core.concerns import Concern
from tests.browser.conftest import Open
from tests.browser.studio import (
    BASE,
    GRADES,
    Studio,
    await_desk,
    build_studio,
    enter,
    grade_all,
    open_desk,
    press,
    suggest,
)
from tests.conftest import LiveServer

PASSWORD = "correct horse battery"


def decode(mask: dict[str, Any]) -> NDArray[np.bool_]:
    """COCO's uncompressed run lengths, as (H, W) bool."""
    height, width = mask["size_hw"]
    values = np.arange(len(mask["counts"])) % 2 == 1
    return np.repeat(values, mask["counts"]).reshape(width, height).T


def test_a_picture_is_labelled_submitted_and_corrected_by_keyboard_alone(
    open_visit: Open, live_server: LiveServer
) -> None:
    studio = build_studio(live_server, pictures=2)
    email, page = f"{uuid4().hex}@example.org", (visit := open_visit()).page
    httpx.post(f"{visit.url}/api/auth/register", json={"email": email, "password": PASSWORD}).raise_for_status()
    studio.query("UPDATE users SET role = 'annotator' WHERE email = :email", email=email)
    page.goto(f"{visit.url}/signin")
    page.get_by_label("E-mail address").first.focus()
    page.keyboard.type(email)
    press(page, "Tab")
    page.keyboard.type(PASSWORD)
    press(page, "Enter")
    page.get_by_role("link", name="Annotate").focus()
    press(page, "Enter")
    page.locator(f"a[href$='{studio.project_id}']").focus()
    press(page, "Enter")
    await_desk(page)
    press(page, "4", "3", "Shift+4", "j")
    press(page, "b", *["Shift+ArrowLeft"] * 3, "Enter", *["Shift+ArrowRight", "Shift+ArrowDown"] * 2, "Enter")
    press(page, "Shift+6", *map(str, GRADES), "2", "3")
    visit.keep("desktop-60-workbench")
    press(page, "Enter")
    expect(page.locator("#position")).to_have_text(re.compile("^1 done"))
    [label] = studio.answers()
    assert [label["concerns"][concern.value]["grade"] for concern in Concern] == GRADES
    assert (label["skin_type"], label["monk"], label["monk_second"], label["sure"]) == ("normal", 3, 4, None)
    assert label["quality_flags"] == ["bad_light", "makeup"]
    assert label["concerns"]["acne"]["zones"] == ["cheek_left"]
    [box] = label["regions"]
    assert (box["kind"], box["concern"], box["origin"]) == ("box", "acne", "annotator")
    left, top, right, bottom = box["xyxy_norm"]
    assert right - left == pytest.approx(bottom - top, abs=0.002)
    assert 0.05 < right - left < 0.2

    press(page, ",")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.locator("#earlier li button").first.focus()
    press(page, "Enter")
    expect(page.get_by_text("You are correcting an earlier answer")).to_be_visible()
    press(page, "j", "j", "3", "Enter")
    expect(page.get_by_text("You are correcting an earlier answer")).to_be_hidden()
    expect(page.locator("#position")).to_have_text(re.compile("^1 done"))
    [corrected] = studio.answers()
    assert corrected["concerns"]["acne"]["grade"] == 3
    assert [before["concerns"]["acne"]["grade"] for before in revisions(studio)] == [1]
    assert visit.outside() == set()


def revisions(studio: Studio) -> list[dict[str, Any]]:
    return studio.query(
        "SELECT revision.label FROM annotation_revisions revision JOIN annotation_answers answer"
        " ON answer.id = revision.answer_id JOIN annotation_assignments one ON one.id = answer.assignment_id"
        " WHERE one.project_id = :id",
        id=studio.project_id,
    )


def test_a_machines_map_is_taken_over_painted_on_and_kept_to_the_pixel(
    open_visit: Open, live_server: LiveServer
) -> None:
    studio = build_studio(live_server, pictures=1, mode="assisted")
    strength = suggest(studio)
    page = open_desk(visit := open_visit(), studio, studio.hire())
    redness = page.locator("[data-field=redness]")
    expect(redness.get_by_text("machine")).to_be_visible()
    expect(redness.get_by_role("button", name="1, Mild")).to_have_attribute("aria-pressed", "true")
    redness.get_by_role("button", name="2, Moderate").click()
    expect(redness.get_by_text("machine")).to_be_hidden()
    press(page, "m")
    expect(page.locator("[data-run=map]")).to_have_attribute("aria-pressed", "true")
    visit.keep("desktop-61-workbench-map")
    press(page, "Shift+m")
    expect(page.locator(".guide-marks li")).to_have_text("Mask 1 (the machine's)×")
    accepted = painted_mask(page)
    assert accepted[strength > 120].all()
    assert not accepted[strength < 70].any()
    press(page, "r")
    face = page.locator(".wb-face").bounding_box()
    assert face is not None
    page.mouse.move(face["x"] + 0.3 * face["width"], face["y"] + 0.6 * face["height"])
    page.mouse.down()
    page.mouse.move(face["x"] + 0.4 * face["width"], face["y"] + 0.66 * face["height"], steps=7)
    page.mouse.up()
    painted = painted_mask(page)
    assert painted.sum() > accepted.sum()
    visit.keep("desktop-62-workbench-brush")
    press(page, "Control+z")
    assert np.array_equal(painted_mask(page), accepted)
    press(page, "Control+Shift+z", "Enter")
    expect(page.get_by_role("heading", name="Nothing left for you here")).to_be_visible()
    [label] = studio.answers()
    [mask] = label["regions"]
    assert (mask["kind"], mask["concern"], mask["origin"]) == ("mask", "redness", "machine_changed")
    assert np.array_equal(decode(mask["mask"]), painted)
    assert label["concerns"]["redness"]["grade"] == 2
    shown = studio.query(
        "SELECT prediction_shown FROM annotation_answers WHERE label = CAST(:l AS jsonb)", l=json.dumps(label)
    )
    assert shown[0]["model"] == "painted.v0"


def painted_mask(page: Page) -> NDArray[np.bool_]:
    """The only mask on the desk, read from the layer that is drawn."""
    address = page.evaluate(
        """async () => {
            const { desk } = await import("/annotate/assets/main.js");
            return desk.stage.layerOf(desk.label.regions[0].mask).toDataURL();
        }"""
    )
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))))
    return np.asarray(pixels[..., 3] > 0)


def test_what_was_begun_is_there_again_after_a_reload(open_visit: Open, live_server: LiveServer) -> None:
    studio = build_studio(live_server, pictures=1)
    page = open_desk(open_visit(), studio, studio.hire())
    press(page, "2", "5", "j", "Shift+1", "3", "n")
    page.keyboard.type("Hat on the forehead")
    expect(page.locator("#saved")).to_have_text("Saved")
    [draft] = studio.query("SELECT draft FROM annotation_assignments WHERE project_id = :id", id=studio.project_id)
    assert draft["label"]["note"] == "Hat on the forehead"
    page.reload()
    await_desk(page)
    expect(page.get_by_role("button", name="Monk 5")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-field=acne] [data-value='3']")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("textarea")).to_have_value("Hat on the forehead")
    expect(page.locator("[data-field=redness]")).to_have_class("field is-chosen")


def test_without_a_connection_nothing_is_lost_and_everything_is_sent_later(
    open_visit: Open, live_server: LiveServer
) -> None:
    studio = build_studio(live_server, pictures=1)
    page = open_desk(open_visit(), studio, studio.hire())
    page.route("**/api/annotation/**", lambda route: route.abort())
    grade_all(page)
    press(page, "Enter")
    expect(page.get_by_text("The server cannot be reached")).to_be_visible()
    page.unroute("**/api/annotation/**")
    page.reload()
    await_desk(page)
    expect(page.locator("[data-field=wrinkles] [data-value='3']")).to_have_attribute("aria-pressed", "true")
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Nothing left for you here")).to_be_visible()
    assert len(studio.answers()) == 1


def test_who_is_signed_out_signs_in_elsewhere_and_goes_on(open_visit: Open, live_server: LiveServer) -> None:
    studio = build_studio(live_server, pictures=1)
    annotator = studio.hire()
    page = open_desk(visit := open_visit(), studio, annotator)
    grade_all(page)
    expect(page.locator("#saved")).to_have_text("Saved")
    page.context.clear_cookies()
    press(page, "Enter")
    expect(page.get_by_role("alert")).to_contain_text("You are signed out")
    enter(visit, annotator)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("body")).to_have_attribute("data-state", "done")
    assert len(studio.answers()) == 1


def test_a_task_that_somebody_else_has_now_is_told_in_one_sentence_and_what_was_done_is_kept(
    open_visit: Open, live_server: LiveServer
) -> None:
    studio = build_studio(live_server, pictures=1)
    page = open_desk(open_visit(), studio, studio.hire())
    grade_all(page)
    expect(page.locator("#saved")).to_have_text("Saved")
    lapse = "UPDATE annotation_assignments SET leased_until = now() - interval '1 hour' WHERE project_id = :id"
    studio.query(lapse, id=studio.project_id)
    taken = studio.hire().post(f"{BASE}/projects/{studio.project_id}/next").raise_for_status().json()
    press(page, "Enter")
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("given to somebody else")
    expect(notice).to_contain_text("kept on this device")
    kept = page.evaluate("id => localStorage.getItem(`skin.annotate.${id}`)", taken["assignment_id"])
    assert json.loads(kept)["label"]["skin_type"] == "normal"
    notice.get_by_role("button", name="Take the next one").click()
    expect(page.locator("body")).to_have_attribute("data-state", "done")
    assert studio.answers() == []


def test_a_key_is_changed_on_the_sheet_unless_it_is_taken(open_visit: Open, live_server: LiveServer) -> None:
    studio = build_studio(live_server, pictures=1)
    page = open_desk(open_visit(), studio, studio.hire())
    press(page, "?")
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("button", name="Box: B. Change the key").click()
    press(page, "p")
    expect(sheet.get_by_role("status")).to_have_text("P is taken by “Point”: choose another key.")
    press(page, "Enter", "q")
    expect(sheet.get_by_role("status")).to_have_text("Q it is.")
    press(page, "Escape", "q")
    expect(page.get_by_role("button", name="Box", exact=True)).to_have_attribute("aria-pressed", "true")
    page.reload()
    await_desk(page)
    expect(page.locator(".wb-tools [data-run=tool_box] kbd")).to_have_text("Q")
    press(page, "?")
    page.get_by_role("button", name="All as at first").click()
    press(page, "Escape", "b")
    expect(page.get_by_role("button", name="Box", exact=True)).to_have_attribute("aria-pressed", "true")


def test_one_finger_draws_and_two_move_and_zoom(open_visit: Open, live_server: LiveServer) -> None:
    studio = build_studio(live_server, pictures=1)
    page = open_desk(open_visit(), studio, studio.hire())
    press(page, "j", "j", "b")
    face = page.locator(".wb-face").bounding_box()
    assert face is not None
    x, y = face["x"] + face["width"] / 2, face["y"] + face["height"] / 2
    touch = page.context.new_cdp_session(page)

    def put(kind: str, *points: tuple[float, float]) -> None:
        fingers = [{"x": px, "y": py, "id": at} for at, (px, py) in enumerate(points)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    put("touchStart", (x, y))
    put("touchMove", (x + 60, y + 40))
    put("touchEnd")
    expect(page.locator(".guide-marks li")).to_have_count(1)
    before = page.locator("#zoom").inner_text()
    put("touchStart", (x, y))
    put("touchStart", (x, y), (x + 50, y))
    for spread in (80, 120, 150):
        put("touchMove", (x - spread, y), (x + spread, y))
    put("touchEnd")
    expect(page.locator("#zoom")).not_to_have_text(before)
    expect(page.locator(".guide-marks li")).to_have_count(1)
    press(page, "f")
    expect(page.locator("#zoom")).to_have_text(before)
