# What a second machine reaches: open ports, closed ones, ICMP, forged addresses; by IPv4 and IPv6 (network.py).
#
# "server" is at standard, "fortress" at strict. Both listen on the same ports and open the same ones.
{ common, pkgs, ... }:
let
  inherit (common) lib;
  # Answers on a port by both protocols.
  pages = port: {
    description = "Pages on port ${toString port}";
    wantedBy = [ "multi-user.target" ];
    serviceConfig = {
      DynamicUser = true;
      ExecStart = "${pkgs.python3}/bin/python3 -m http.server --bind :: --directory ${
        pkgs.writeTextDir "index.html" "port ${toString port}\n"
      } ${toString port}";
    };
  };
  listener = level: number: {
    imports = [
      common.server
      (common.hardened level)
      (common.ipv6 number)
    ];
    systemd.services.pages-open = pages 8080;
    systemd.services.pages-closed = pages 9090;
    # Writes down what reaches it.
    systemd.services.datagrams = {
      wantedBy = [ "multi-user.target" ];
      serviceConfig.ExecStart = "${pkgs.socat}/bin/socat -u UDP4-RECVFROM:8081,fork OPEN:/run/datagrams,creat,append";
    };
    networking.firewall.allowedTCPPorts = [ 8080 ];
    networking.firewall.allowedUDPPorts = [ 8081 ];
    environment.systemPackages = [ pkgs.curl ];
  };
in
{
  name = "firn-network";

  nodes.server =
    { config, ... }:
    {
      imports = [ (listener "standard" 11) ];
      # In the words of the back end.
      networking.firewall.pingLimit =
        if config.networking.nftables.enable or false then
          "1/minute burst 5 packets"
        else
          "--limit 1/minute --limit-burst 5";
    };
  nodes.fortress = listener "strict" 12;
  nodes.client = {
    imports = [
      common.client
      (common.ipv6 13)
    ];
    environment.systemPackages = [ pkgs.socat ];
  };

  testScript =
    { nodes, ... }:
    let
      address = node: (common.configOf nodes.${node}).networking.primaryIPAddress;
    in
    common.script {
      values = {
        addresses = lib.genAttrs [ "server" "fortress" ] (node: {
          ipv4 = address node;
          ipv6 = if node == "server" then "fd00::11" else "fd00::12";
        });
        # Whether an echo request by IPv4 is answered at all is what the level made of it.
        answers_ping = lib.genAttrs [ "server" "fortress" ] (
          node: (common.configOf nodes.${node}).networking.firewall.allowPing
        );
      };
      file = ./network.py;
    };
}
