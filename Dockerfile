# The container that builds the ISO image where there is no Nix (docs/iso.md). `make iso` makes it.
#
# No RUN: the image of a foreign platform is made without emulation. The digest is the one of the index of all platforms
# (linux/amd64 and linux/arm64); version and digest change together.
FROM ghcr.io/nixos/nix:2.35.2@sha256:7a007c766426c1877758ddc5cb87a965ac131fc78c582ce0083d922d51ae945c

LABEL org.opencontainers.image.title="nix-iso-builder" \
      org.opencontainers.image.description="Nix with flakes, to build NixOS ISO images" \
      org.opencontainers.image.base.name="ghcr.io/nixos/nix:2.35.2"

COPY scripts/iso/nix.conf /etc/nix-iso-builder/nix.conf

# Read after /etc/nix/nix.conf, which is a link into the store of the base.
ENV NIX_USER_CONF_FILES=/etc/nix-iso-builder/nix.conf

WORKDIR /build

# The container stays, since its store is what makes the next build short; what it does is started from outside.
CMD ["sleep", "infinity"]
