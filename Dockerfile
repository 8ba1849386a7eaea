# corsproxy as an image: not root, no shell needed, content with a read-only root file system.
# docs/container.md says how to run it, and how to build it on another BASE.
ARG BASE=pinned

# Stands in a FROM of its own, unread where BASE is another image: Dependabot renews no ARG
# (https://github.com/dependabot/dependabot-core/issues/2057).
FROM docker.io/library/python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS pinned

FROM ${BASE} AS build
# pip's own settings, for a build behind a mirror or without a network; empty otherwise.
ARG PIP_INDEX_URL
ARG PIP_FIND_LINKS
ARG PIP_NO_INDEX
ARG PIP_DISABLE_PIP_VERSION_CHECK=1
ARG PIP_NO_CACHE_DIR=1
WORKDIR /src
# For the one module that is written in C. Without a compiler Python does the same, more slowly.
RUN command -v cc || { apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev; } \
 || echo "no C compiler: corsproxy is built as pure Python"
# What stays is made without pip; the pip of /build fills it from outside.
RUN ["python3", "-m", "venv", "/build"]
RUN ["python3", "-m", "venv", "--without-pip", "/opt/corsproxy"]
RUN ["python3", "-m", "venv", "/sbom"]
COPY requirements.lock requirements-build.lock requirements-sbom.lock ./
RUN /build/bin/pip install --require-hashes -r requirements-build.lock \
 && /build/bin/pip --python /opt/corsproxy/bin/python install --require-hashes -r requirements.lock \
 && /sbom/bin/pip install --require-hashes -r requirements-sbom.lock
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY man man
COPY corsproxy corsproxy
# Where the authority of `tls: auto` is kept; a volume takes its owner from here.
RUN ["mkdir", "/data"]
RUN /build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheel . \
 && /build/bin/pip --python /opt/corsproxy/bin/python install --no-deps --no-index /wheel/*.whl
# What the lock has put there, for whoever asks whether a vulnerability concerns this image.
RUN mkdir -p /opt/corsproxy/share \
 && /sbom/bin/cyclonedx-py environment --output-reproducible --output-format JSON \
    --output-file /opt/corsproxy/share/corsproxy.cdx.json /opt/corsproxy/bin/python

FROM ${BASE}
LABEL org.opencontainers.image.title="corsproxy" \
      org.opencontainers.image.description="CORS, from localhost to production, from one policy file" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/corsproxy /opt/corsproxy
COPY --from=build --chown=65532:65532 /data /data
# Inside a container loopback is of no use to anyone outside: the one place where every address
# is listened on unasked. The admin listener stays on loopback, where the health check finds it and
# no other container does, until CORSPROXY_ADMIN says otherwise.
ENV PATH=/opt/corsproxy/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    XDG_DATA_HOME=/data \
    CORSPROXY_LISTEN=0.0.0.0:8080
USER 65532:65532
WORKDIR /
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s --retries=3 \
  CMD ["/opt/corsproxy/bin/corsproxy", "healthcheck"]
ENTRYPOINT ["/opt/corsproxy/bin/corsproxy"]
