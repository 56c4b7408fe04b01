"""The application: `python app.py` serves it, and `app` is what an ASGI server loads."""

from skin.bootstrap import build_app, serve
from skin.config import Settings

settings = Settings()
app = build_app(settings)

if __name__ == "__main__":
    serve(app, settings)
