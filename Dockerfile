# One image for api, worker, beat and flower; docker-compose.yml says what each of them runs.

FROM python:3.11-slim AS build
WORKDIR /app
COPY supply/installer.lock requirements-app.lock ./
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --require-hashes -r installer.lock
RUN VIRTUAL_ENV=/venv /venv/bin/uv pip sync --no-cache --require-hashes --compile-bytecode requirements-app.lock

FROM python:3.11-slim
RUN useradd --create-home --uid 10001 backbone \
 && install --directory --owner backbone --group backbone /data
COPY --from=build /venv /venv
WORKDIR /app
COPY pyproject.toml README.md ./
COPY api api
COPY workers workers
COPY common common
COPY backbone backbone
# From what is here alone: the build backend came with the lock.
RUN VIRTUAL_ENV=/venv /venv/bin/uv pip install --offline --no-cache --no-deps \
      --no-build-isolation --editable . \
 && python -m compileall -q /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 DATA_DIR=/data API_HOST=0.0.0.0
USER backbone
EXPOSE 8000
HEALTHCHECK NONE
CMD ["python", "-m", "api.server"]
