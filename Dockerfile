# lbcheck as an image: docker build --tag lbcheck .
# What it audits is mounted: docker run --rm --volume "$PWD:/work:ro" lbcheck audit
FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY lbcheck ./lbcheck
COPY profiles ./profiles
RUN python -m venv /opt/lbcheck \
    && /opt/lbcheck/bin/pip install --no-cache-dir --disable-pip-version-check .

FROM python:3.13-slim
COPY --from=build /opt/lbcheck /opt/lbcheck
ENV PATH=/opt/lbcheck/bin:$PATH
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/lbcheck lbcheck
USER 10001
WORKDIR /work
ENTRYPOINT ["lbcheck"]
CMD ["--help"]
