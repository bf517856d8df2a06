# Builds Tocsin from locked and hashed requirements. Only the build stage has a compiler.
#   docker build -t tocsin . && docker run --rm -p 8000:8000 -e TOCSIN_OPEN=1 tocsin
ARG BASE=python:3.12-slim-bookworm

FROM ${BASE} AS build
RUN command -v gcc >/dev/null || (apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev)
WORKDIR /build
COPY requirements-build.txt requirements.txt ./
RUN python3 -m venv /opt/tocsin \
 && /opt/tocsin/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements-build.txt \
 && /opt/tocsin/bin/pip install --no-cache-dir --require-hashes --no-build-isolation \
      --only-binary :all: --no-binary durable-rules -r requirements.txt
COPY pyproject.toml LICENSE ./
COPY schemas schemas
COPY service service
RUN /opt/tocsin/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
 && /opt/tocsin/bin/pip uninstall --yes pip setuptools wheel

# The server listens at 0.0.0.0, so it starts only with TOCSIN_TOKENS or TOCSIN_OPEN=1.
FROM ${BASE}
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin tocsin \
 && install -d -o tocsin -m 0700 /var/lib/tocsin
COPY --from=build /opt/tocsin /opt/tocsin
WORKDIR /srv/tocsin
COPY gunicorn.conf.py ./
COPY rules rules
ENV PATH=/opt/tocsin/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 TOCSIN_BIND=0.0.0.0:8000
USER tocsin
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
  CMD ["tocsin", "health"]
ENTRYPOINT ["gunicorn", "-c", "gunicorn.conf.py", "service:create_app()"]
