# One image for every role: `serve`, `work`, `run`, `migrate`… are arguments of its entry point.

FROM python:3.11-slim-bookworm AS builder
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1
WORKDIR /src
RUN python -m venv /opt/venv
# The locked dependencies first: they change less often than our own source.
COPY requirements/build.lock requirements/runtime.lock requirements/
RUN /opt/venv/bin/pip install --require-hashes -r requirements/build.lock \
    && /opt/venv/bin/pip install --require-hashes --use-pep517 --no-build-isolation -r requirements/runtime.lock
COPY . .
RUN /opt/venv/bin/pip install --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
ENV PATH="/opt/venv/bin:$PATH" PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 XIAOER__SERVER__HOST=0.0.0.0
RUN groupadd --gid 10001 xiaoer \
    && useradd --uid 10001 --gid xiaoer --create-home --shell /usr/sbin/nologin xiaoer \
    && install --directory --owner xiaoer --group xiaoer /app /app/var
WORKDIR /app
COPY --from=builder /opt/venv /opt/venv
COPY --chown=xiaoer:xiaoer examples examples
USER 10001:10001
VOLUME /app/var
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/healthz', timeout=4).close()"]
ENTRYPOINT ["xiaoer"]
CMD ["run"]
