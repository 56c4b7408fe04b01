"""Errors as the pages and Gradio's API give them: the code and the sentence that REST gives, too."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from skin.errors import Code, SkinError, error
from skin.ui.languages import ENGLISH, choose_language, gettext, speaking

log = logging.getLogger(__name__)


@contextmanager
def as_skin_errors() -> Iterator[None]:
    """Whatever goes wrong comes out as a SkinError: a bug is logged, and told in the one generic sentence."""
    try:
        yield
    except SkinError:
        raise
    except Exception as bug:
        log.exception("a page or API event broke")
        raise error(Code.INTERNAL_ERROR) from bug


@contextmanager
def as_gradio_errors(request: gr.Request | None = None) -> Iterator[None]:
    """Around every Gradio handler: what goes wrong comes out as `gr.Error("code: sentence")`.

    With its request a handler of a page speaks the person's language: an event runs outside of the request's context.
    """
    with speaking(choose_language(request.request) if request is not None and request.request else ENGLISH):
        try:
            with as_skin_errors():
                yield
        except SkinError as failure:
            raise _gradio_error(failure) from failure


def _gradio_error(failure: SkinError) -> gr.Error:
    return gr.Error(
        f"{failure.code.value}: {gettext(str(failure))}", title=gettext("That did not work"), print_exception=False
    )
