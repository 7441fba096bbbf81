# The service that asks whether the system's release and revision still get updates.
{ ... }:
{ }
