"""What Gradio hands to an event handler: who asks, and with what."""

from uuid import UUID

import gradio as gr

from skin.errors import Code, error


def visitor_id(request: gr.Request) -> UUID:
    """Who is behind an event; NotAuthenticated when nobody is, so that no event answers without the gate."""
    if not request.username:
        raise error(Code.NOT_AUTHENTICATED)
    return UUID(request.username)


def detail(event: gr.EventData, name: str) -> str | None:
    """A text that the page's script sent along; None when it is missing, as in an event that somebody made up."""
    try:
        value = getattr(event, name)
    except (AttributeError, TypeError):
        return None
    return value if isinstance(value, str) else None


def details(event: gr.EventData, name: str) -> list[str]:
    """Texts that the page's script sent along; none when they are missing or anything else."""
    try:
        values = getattr(event, name)
    except (AttributeError, TypeError):
        return []
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def scan_id_of(text: object) -> UUID:
    try:
        return UUID(str(text))
    except ValueError as wrong:
        raise error(Code.INVALID_REQUEST) from wrong
