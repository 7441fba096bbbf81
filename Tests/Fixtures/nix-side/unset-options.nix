# Options that throw when they are read, in the shape of an evaluated NixOS, made by hand: removed ones, ones that nobody
# set, and ones that are defined. `metaless` leaves out what the module system tells of values since 25.11.
{
  metaless ? false,
  serviceOn ? false,
}:
let
  gone = throw "it has been removed";
  option = value: {
    _type = "option";
    isDefined = true;
    highestPrio = 100;
    definitions = [ ];
    inherit value;
  };
  byDefault = value: option value // { highestPrio = 1500; };
  removed = option gone // {
    isDefined = false;
    visible = false;
    highestPrio = 1500;
  };
  unset = option gone // {
    isDefined = false;
    highestPrio = 1500;
    type.name = "str";
  };
  element = {
    burst = removed;
    limit = unset;
    password = byDefault "pass-by-default-1";
    what = option "";
  };
  submodule = {
    name = "submodule";
    getSubOptions = _: element;
  };
  value = what: {
    inherit what;
    burst = gone;
    limit = gone;
    password = "pass-by-default-1";
  };
  meta = given: { configuration.options = element // given; };
  withMeta = valueMeta: if metaless then { } else { inherit valueMeta; };
  breaks = option gone;
in
{
  options = {
    _module.args = {
      value.pkgs.config = {
        allowBroken = false;
        allowInsecurePredicate = _: true;
        permittedInsecurePackages = [ "openssl-1.1.1w" ];
        packageOverrides = _: { };
      };
    };
    boot.consoleLogLevel = removed;
    boot.isContainer = option false;
    # An empty list is what it would be: nothing says that it is not set.
    boot.kernelModules = unset // {
      type = {
        name = "listOf";
        emptyValue.value = [ ];
      };
    };
    boot.kernelParams = removed // {
      isDefined = true;
    };
    systemd.mounts =
      option [ (value "one") (value "two") ]
      // {
        type = {
          name = "listOf";
          nestedTypes.elemType = submodule;
        };
        definitions = [ [ { what = "one"; } ] [ { what = "two"; } ] ];
      }
      // withMeta { list = [ (meta { }) (meta { }) ]; };
    systemd.automounts =
      option [ (value "one") (value "two") ]
      // {
        type = {
          name = "listOf";
          nestedTypes.elemType = submodule;
        };
        definitions = [ [ { what = "one"; } ] [ { limit = gone; } ] ];
      }
      // withMeta { list = [ (meta { }) (meta { limit = breaks; }) ]; };
    systemd.services =
      option {
        a = value "a";
        b = value "b";
        c = value "c";
      }
      // {
        type = {
          name = "attrsOf";
          nestedTypes.elemType = submodule;
        };
        definitions = [
          { a.what = "a"; }
          {
            b = {
              _type = "if";
              condition = true;
              content.burst = gone;
            };
            # What a function defines cannot be seen.
            c = { ... }: { limit = gone; };
          }
        ];
      }
      // withMeta {
        attrs = {
          a = meta { };
          b = meta { burst = breaks; };
          c = meta { limit = breaks; };
        };
      };
    # Replaced by others: nobody set the first, the owner set the second.
    security.firstPassword = byDefault "_mkMergedOptionModule" // {
      visible = false;
      default = "_mkMergedOptionModule";
    };
    security.secondPassword = option "pass-by-owner-44" // {
      visible = false;
      default = "_mkMergedOptionModule";
    };
    services.grafana = {
      enable = option serviceOn;
      adminPassword = byDefault "pass-by-default-2";
      secretKey = option "pass-by-owner-33";
    };
  };
  config = {
    system.nixos.release = "26.11";
    boot.isContainer = false;
  };
}
