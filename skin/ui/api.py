"""The scan lifecycle as named Gradio endpoints, with the JSON that REST gives."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

import gradio as gr
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from skin.errors import Code, error
from skin.scans.service import HISTORY_LIMIT, Scans
from skin.ui.errors import as_gradio_errors
from skin.ui.events import scan_id_of, visitor_id
from skin.ui.scanning import Scanning

LIMIT: TypeAdapter[int] = TypeAdapter(Annotated[int, Field(ge=1, le=HISTORY_LIMIT)])
CURSOR: TypeAdapter[str | None] = TypeAdapter(str | None)
METADATA: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])

PHOTO_TEXT = "Photo: JPEG, PNG, WebP or HEIC; at most 15 MB and 50 megapixels"
SCAN_ID_TEXT = "The scan_id that scan_init gave"

Json = dict[str, Any]
T = TypeVar("T")


class ScanApi:
    """Thin handlers over the same service as REST; the docstrings are what `view_api` shows."""

    def __init__(self, scans: Scans, scanning: Scanning) -> None:
        self._scans = scans
        self._scanning = scanning

    def scan_init(self, request: gr.Request, metadata: Any = None) -> Json:
        """Begin a scan; it waits for its photo. Metadata is an optional JSON object of at most 4 kB."""
        with as_gradio_errors():
            user_id = visitor_id(request)
            return _dump(self._scans.init(user_id, valid(METADATA, metadata or {})))

    def scan_upload(self, request: gr.Request, scan_id: Any, photo: Any) -> Json:
        """Send the photo of a scan; its analysis begins at once."""
        with as_gradio_errors():
            user_id = visitor_id(request)
            taken = self._scanning.take(user_id, _path_of(photo))
            return _dump(self._scans.upload(user_id, scan_id_of(scan_id), *taken))

    def scan_status(self, request: gr.Request, scan_id: Any) -> Json:
        """How far a scan is: pending, processing, completed, or failed with a code."""
        with as_gradio_errors():
            return _dump(self._scans.get_status(visitor_id(request), scan_id_of(scan_id)))

    def scan_results(self, request: gr.Request, scan_id: Any) -> Json:
        """The result of a completed scan."""
        with as_gradio_errors():
            return _dump(self._scans.get_results(visitor_id(request), scan_id_of(scan_id)))

    def scan_compare(self, request: gr.Request, scan_id: Any, other_id: Any) -> Json:
        """What changed for real between two of your completed scans, whichever comes first."""
        with as_gradio_errors():
            user_id = visitor_id(request)
            return _dump(self._scans.compare(user_id, scan_id_of(scan_id), scan_id_of(other_id)))

    def scan_history(self, request: gr.Request, limit: Any = 20, cursor: Any = None) -> Json:
        """Your scans, the newest first, a page at a time; give `next_cursor` back as cursor for the next page."""
        with as_gradio_errors():
            user_id = visitor_id(request)
            page = self._scans.list_history(user_id, limit=valid(LIMIT, limit), cursor=valid(CURSOR, cursor))
            return _dump(page)

    def scan_timeline(self, request: gr.Request) -> Json:
        """Every field over your scans that were taken alike, with its error, and why other scans are left out."""
        with as_gradio_errors():
            return _dump(self._scans.get_timeline(visitor_id(request)))

    async def scan(self, request: gr.Request, photo: Any) -> Json:
        """Photo in, finished result out: the whole lifecycle in one call, for at most a minute."""
        with as_gradio_errors():
            user_id = visitor_id(request)
            scan_id = await self._scanning.begin(user_id, [_path_of(photo)])
            return _dump(await self._scanning.finish(user_id, scan_id))

    def add_endpoints(self) -> None:
        """Within Blocks: hidden components give each endpoint its parameters and their descriptions."""
        scan_id = gr.Textbox(label=SCAN_ID_TEXT, visible=False)
        other_id = gr.Textbox(label="The scan_id of the scan to compare it with", visible=False)
        photo = gr.File(label=PHOTO_TEXT, visible=False)
        metadata = gr.JSON(label="A JSON object of at most 4 kB, kept with the scan", visible=False)
        limit = gr.Number(20, label=f"Scans on a page, 1 to {HISTORY_LIMIT}", precision=0, visible=False)
        cursor = gr.Textbox(label="next_cursor of the page before; none for the newest", visible=False)
        add_endpoint(self.scan_init, [metadata])
        add_endpoint(self.scan_upload, [scan_id, photo])
        add_endpoint(self.scan_status, [scan_id])
        add_endpoint(self.scan_results, [scan_id])
        add_endpoint(self.scan_compare, [scan_id, other_id])
        add_endpoint(self.scan_history, [limit, cursor])
        add_endpoint(self.scan_timeline, [])
        add_endpoint(self.scan, [photo])


def add_endpoint(handler: Callable[..., Any], inputs: Sequence[Any]) -> None:
    """Without Gradio's preprocessing: it would answer bad arguments in its own words, and copy files."""
    gr.Button(visible=False).click(
        handler,
        inputs=list(inputs),
        outputs=gr.JSON(label=handler.__name__, visible=False),
        api_name=handler.__name__,
        api_visibility="public",
        preprocess=False,
        concurrency_limit=None,
        show_progress="hidden",
    )


def _path_of(photo: Any) -> str | None:
    path = photo.get("path") if isinstance(photo, dict) else None
    return path if isinstance(path, str) else None


def valid(kind: TypeAdapter[T], value: Any) -> T:
    try:
        return kind.validate_python(value)
    except ValidationError as wrong:
        raise error(Code.INVALID_REQUEST) from wrong


def _dump(answer: BaseModel) -> Json:
    return answer.model_dump(mode="json")
