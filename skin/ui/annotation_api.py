"""The annotation queue as named Gradio endpoints, with the JSON that REST gives."""

from typing import Any

import gradio as gr
from pydantic import TypeAdapter

from skin.annotation.labels import Label
from skin.annotation.schemas import NextResponse, Seconds
from skin.annotation.service import Annotation
from skin.ui.api import Json, add_endpoint, valid
from skin.ui.errors import as_gradio_errors
from skin.ui.events import scan_id_of, visitor_id

LABEL: TypeAdapter[Label] = TypeAdapter(Label)
SECONDS: TypeAdapter[float] = TypeAdapter(Seconds)


class AnnotationApi:
    """Thin handlers over the same service as REST; the docstrings are what `view_api` shows."""

    def __init__(self, annotation: Annotation) -> None:
        self._annotation = annotation

    def annotation_next(self, request: gr.Request, project_id: Any) -> Json:
        """The task you hold in a project, else the next one, as `next`; null when nothing is left for you."""
        with as_gradio_errors():
            task = self._annotation.tasks.take(visitor_id(request), scan_id_of(project_id))
            return NextResponse(next=task).model_dump(mode="json")

    def annotation_submit(self, request: gr.Request, assignment_id: Any, label: Any, seconds_spent: Any) -> Json:
        """Submit your label of a task and take the next one, as `next`."""
        with as_gradio_errors():
            judged, seconds = valid(LABEL, label), valid(SECONDS, seconds_spent)
            task = self._annotation.tasks.submit(visitor_id(request), scan_id_of(assignment_id), judged, seconds)
            return NextResponse(next=task).model_dump(mode="json")

    def add_endpoints(self) -> None:
        """Within Blocks: hidden components give each endpoint its parameters and their descriptions."""
        project_id = gr.Textbox(label="The id of the project", visible=False)
        assignment_id = gr.Textbox(label="The assignment_id of the task", visible=False)
        label = gr.JSON(label="Your label, in the form of labels.v1", visible=False)
        seconds_spent = gr.Number(label="The seconds it took you", visible=False)
        add_endpoint(self.annotation_next, [project_id])
        add_endpoint(self.annotation_submit, [assignment_id, label, seconds_spent])
