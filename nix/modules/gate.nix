# The image build gate of a system: `system.build.hardeningGate`.
{ ... }:
{ }
