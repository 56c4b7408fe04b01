# Serving only: no torch, no compilers, not root.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
RUN python -m venv /app/.venv
COPY requirements-serve.txt .
RUN /app/.venv/bin/pip install --no-cache-dir --no-deps -r requirements-serve.txt

FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 10001 skin \
 && install -d -o skin -m 0700 /data
WORKDIR /app
COPY --from=build /app/.venv /app/.venv
COPY app.py LICENSE NOTICE ./
COPY skin skin
COPY data data
USER skin
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 SKIN_HOST=0.0.0.0 SKIN_HOME=/data SKIN_LOG_FORMAT=json PORT=7860
VOLUME /data
EXPOSE 7860
HEALTHCHECK --interval=15s --timeout=3s --start-period=60s \
  CMD python -c "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/api/health', timeout=2)"
CMD ["python", "app.py"]
