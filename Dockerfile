# Frontdesk in a container: one static program, nothing else, not as root. The database is yours:
#
#   docker build --build-arg VERSION=$(git describe --tags --always) -t frontdesk .
#   docker run -p 8080:8080 -v frontdesk:/data -e FRONTDESK_DATABASE_URL=postgres://... -e FRONTDESK_SECRET_KEY=... \
#     -e FRONTDESK_BASE_URL=https://desk.example.com frontdesk
#
# Checked without an engine: cmd/frontdesk/dockerfile_test.go holds the lines to the rest of the project, and the program was run in an empty root
# directory (chroot) with what the second stage copies. No image has been built from it on a build machine of ours.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=unknown
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /root-of-image/frontdesk ./cmd/frontdesk
# An empty directory that belongs to the user below, for the volume and for temporary files.
RUN mkdir -p /root-of-image/data /root-of-image/tmp /root-of-image/etc/ssl/certs \
 && cp /etc/ssl/certs/ca-certificates.crt /root-of-image/etc/ssl/certs/ \
 && printf 'frontdesk:x:65532:65532::/data:/frontdesk\n' >/root-of-image/etc/passwd \
 && chown -R 65532:65532 /root-of-image/data /root-of-image/tmp

FROM scratch
COPY --from=build /root-of-image /
# Behind a proxy that speaks https; FRONTDESK_BASE_URL must say its address.
ENV FRONTDESK_LISTEN=:8080 FRONTDESK_DATA_DIR=/data
USER 65532:65532
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
# /healthz says that the process lives, /readyz that it can serve. A graceful stop takes up to 30 seconds.
ENTRYPOINT ["/frontdesk"]
CMD ["serve"]
