FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY toque toque
COPY dialer dialer
COPY ivr_flows ivr_flows
COPY audio audio
COPY webhooks webhooks
COPY console console
COPY local_carrier local_carrier
RUN python -m venv /opt/toque \
 && /opt/toque/bin/pip install --no-cache-dir -c constraints.txt '.[postgres,redis,voices]'

FROM python:3.12-slim
RUN useradd --system --create-home --home-dir /var/lib/toque --uid 10001 toque
COPY --from=build /opt/toque /opt/toque
ENV PATH=/opt/toque/bin:$PATH TOQUE_HOME=/var/lib/toque PYTHONUNBUFFERED=1
USER toque
WORKDIR /var/lib/toque
VOLUME /var/lib/toque
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["toque", "serve", "--host", "0.0.0.0", "--port", "8000"]
