# Definitions that belong to a rule's fix and that its one path in the catalogue cannot say. Each is set with its rule,
# at the priority of a fix that replaces.
{
  # The value of an option by its dotted name, or a default where the release has none.
  get,
}:
[
  # The strict rule also asks the pattern of systemd's own file (50-default.conf: 2), which decides for each interface.
  {
    rule = "sysctl.net.ipv4.conf.all.rp_filter";
    path = [
      "boot"
      "kernel"
      "sysctl"
      "net.ipv4.conf.*.rp_filter"
    ];
    value = 1;
    levels = [ "strict" ];
    isWanted = true;
  }
  # Without rules, what is plugged in at the start would be blocked: the keyboard too.
  {
    rule = "boot.usbguard";
    path = [
      "services"
      "usbguard"
      "presentDevicePolicy"
    ];
    value = "keep";
    levels = [ "strict" ];
    isWanted = get "services.usbguard.rules" null == null;
  }
]
