# The image of the server, and that of the Home Assistant add-on: the same files under another user.
#
#   docker build -t toposync-streaming .
#   docker build -t toposync-streaming-addon --target addon .
#   docker build --target package --output type=local,dest=package .    (what a release's tarball holds)

# Debian 12 with Swift.
ARG SWIFT_IMAGE=swift:6.3-bookworm
# What lies below the server; debian:bookworm-slim gives it a shell.
ARG RUNTIME_IMAGE=scratch

FROM ${SWIFT_IMAGE} AS build
WORKDIR /build
# What seldom changes first.
COPY Scripts/install-deps.sh Scripts/
COPY WebUI/fetch-*.sh WebUI/
RUN Scripts/install-deps.sh run
COPY . .
RUN Scripts/package.sh /package && Scripts/image-root.sh /package /image

FROM scratch AS package
COPY --from=build /package /

FROM ${RUNTIME_IMAGE} AS runtime
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="Toposync Streaming" \
    org.opencontainers.image.description="Watch your cameras live, raw or as rendered by pipelines, without a cloud" \
    org.opencontainers.image.url="https://github.com/toposync/toposync-streaming" \
    org.opencontainers.image.source="https://github.com/toposync/toposync-streaming" \
    org.opencontainers.image.licenses="Apache-2.0 AND GPL-2.0-or-later" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
COPY --from=build /image /
# In a container, what others reach is decided by the ports that it is given.
ENV TOPOSYNC_DATA_DIR=/data \
    TOPOSYNC_STREAMING_HOST=0.0.0.0 \
    TOPOSYNC_STREAMING_EXPOSE_TO_LAN=true \
    TOPOSYNC_STREAMING_WEBRTC_LOCAL_UDP_ADDRESS=:18762 \
    TOPOSYNC_STREAMING_WEBRTC_LOCAL_TCP_ADDRESS=:18762
VOLUME /data
EXPOSE 1935 8100 8322 8554 8888 8889 8890/udp 18762 18762/udp
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s CMD ["/usr/bin/toposync-streaming", "healthcheck"]
ENTRYPOINT ["/usr/bin/toposync-streaming"]
CMD ["serve"]

# Supervisor's files belong to root and nobody else may read them.
FROM runtime AS addon
ARG VERSION=0.1.0
# As Home Assistant calls them: amd64 or aarch64.
ARG HASS_ARCH=amd64
LABEL io.hass.type="app" \
    io.hass.name="Toposync Streaming" \
    io.hass.description="Watch your cameras live, raw or as rendered by pipelines, without a cloud" \
    io.hass.version="${VERSION}" \
    io.hass.arch="${HASS_ARCH}"
# hadolint ignore=DL3002
USER 0:0

# The last one is what is built when no target is named.
FROM runtime AS server
USER 1000:1000
