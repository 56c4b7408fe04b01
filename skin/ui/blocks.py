"""Gradio Blocks whose own texts, and whose page, are in the language of the visit.

Labels of Gradio's own components are left to its `I18n`. That goes by the browser's language, which the page says is
the person's choice, and cannot translate the HTML that we render, which has one configuration per language.
"""

from collections.abc import Callable
from typing import Any

import gradio as gr
from gradio import routes
from jinja2 import BaseLoader, FunctionLoader

from skin.ui.languages import LANGUAGES, get_language, gettext, speaking
from skin.ui.words import LABELS

PAGE = "frontend/index.html"
SPOKEN = '\tlang="{{ language() }}"\n'
# Before Gradio starts: its labels and what it says by itself (a lost connection) follow the page and not the browser.
FOLLOW = """<head>
<script>
{
  const spoken = document.documentElement.lang;
  const own = navigator.languages.find((one) => one.split("-")[0] === spoken) || spoken;
  Object.defineProperty(navigator, "language", { get: () => own });
}
</script>
"""


class SpokenBlocks(gr.Blocks):  # type: ignore[misc]
    """Keeps one configuration per language, made once all components are there, and hands out the one spoken."""

    def say_in_every_language(self) -> None:
        configs: dict[str, Any] = {}
        for language in reversed(LANGUAGES):  # English last, which the components then keep
            with speaking(language):
                for component in self.blocks.values():
                    for name, text in getattr(component, "spoken", {}).items():
                        _say(component, name, text())
                configs[language] = self.get_config_file()
        self._configs = configs

    @property
    def config(self) -> Any:
        return getattr(self, "_configs", {}).get(get_language(), self._config)

    @config.setter
    def config(self, config: Any) -> None:
        self._config = config


def label(name: str) -> Any:
    """One of LABELS, which the browser translates."""
    return gr.I18n()(LABELS[name])


def build_labels() -> gr.I18n:
    told = {}
    for language in LANGUAGES:
        with speaking(language):
            told[language] = {text: gettext(text) for text in LABELS.values()}
    return gr.I18n(**told)


def spoken_html(**texts: Callable[[], Any]) -> Callable[..., Any]:
    """HTML whose `texts` are asked anew for every language."""

    def build(*positional: Any, **settings: Any) -> Any:
        component = gr.HTML(*positional, **{name: text() for name, text in texts.items()}, **settings)
        component.__dict__["spoken"] = texts
        return component

    return build


def speak_page() -> None:
    """Give Gradio's page the language of the visit: its template says English whatever is on it."""
    loader = routes.templates.env.loader
    assert loader is not None
    routes.templates.env.globals["language"] = get_language
    if not isinstance(loader, FunctionLoader):
        routes.templates.env.loader = FunctionLoader(lambda name: _load(loader, name))


def _load(loader: BaseLoader, name: str) -> str:
    text = loader.get_source(routes.templates.env, name)[0]
    if name != PAGE:
        return text
    if text.count('\tlang="en"\n') != 1 or text.count("<head>") != 1:
        raise RuntimeError("Gradio's page is not the one we know: look at skin/ui/blocks.py")
    return text.replace('\tlang="en"\n', SPOKEN).replace("<head>", FOLLOW)


def _say(component: Any, name: str, text: Any) -> None:
    if name in getattr(component, "props", {}):
        component.props = {**component.props, name: text}  # the configurations made so far keep theirs
    else:
        setattr(component, name, text)
