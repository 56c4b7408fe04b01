"""Errors as the pages and Gradio's API give them: the code and the sentence that REST gives, too."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from skin.errors import Code, SkinError, error

log = logging.getLogger(__name__)


@contextmanager
def as_gradio_errors() -> Iterator[None]:
    """Around every Gradio handler: what goes wrong comes out as `gr.Error("code: sentence")`."""
    try:
        yield
    except SkinError as failure:
        raise _gradio_error(failure) from failure
    except Exception as bug:
        log.exception("a page or API event broke")
        raise _gradio_error(error(Code.INTERNAL_ERROR)) from bug


def _gradio_error(failure: SkinError) -> gr.Error:
    return gr.Error(f"{failure.code.value}: {failure}", title="That did not work", print_exception=False)
