# Docker under the standard level: the daemon, a container of an image made here, and who may talk to it (docker-services.py).
{ common, pkgs, ... }:
{
  name = "firn-docker-services";

  nodes.machine =
    { pkgs, ... }:
    {
      imports = [
        common.server
        (common.hardened "standard")
      ];
      virtualisation.docker.enable = true;
      virtualisation.memorySize = 1024;
      virtualisation.diskSize = 2048;
      environment.systemPackages = [ pkgs.curl ];
      users.users.carol = {
        isNormalUser = true;
        extraGroups = [ "docker" ];
      };
    };

  testScript = common.script {
    values = {
      # Made with the test, so nothing is pulled.
      image = "${pkgs.dockerTools.buildImage {
        name = "firn-test";
        tag = "made-here";
        # The argument copyToRoot came with 22.11.
        ${if pkgs.lib.versionAtLeast pkgs.lib.trivial.release "22.11" then "copyToRoot" else "contents"} = [
          pkgs.pkgsStatic.busybox
        ];
        config.Cmd = [
          "/bin/echo"
          "a container spoke"
        ];
      }}";
    };
    file = ./docker-services.py;
  };
}
