# Values: addresses, answers_ping.

timed_out = 28  # curl's exit code when nothing answers; 7 when the port is refused
page = "curl --silent --show-error --max-time 8 --globoff"
listeners = {"server": server, "fortress": fortress}


def url(address: str, port: int) -> str:
    return f"http://[{address}]:{port}/" if ":" in address else f"http://{address}:{port}/"


def send(text: str, source: str, target: str) -> None:
    client.succeed(f"echo {text} | socat -u - UDP4-SENDTO:{target}:8081,bind={source}")


def received(machine_name: str) -> str:
    return listeners[machine_name].succeed("cat /run/datagrams 2>/dev/null || true")


start_all()
client.wait_for_unit("multi-user.target")
for name, listener in listeners.items():
    listener.wait_for_unit("multi-user.target")
    listener.wait_for_open_port(8080)
    listener.wait_for_open_port(9090)

# Addresses of IPv6 are used once nobody else has them.
client.wait_until_succeeds("ip -6 address show dev eth1 | grep -q 'fd00::.* scope global'")
client.wait_until_fails("ip -6 address show dev eth1 | grep -q tentative")

for name, listener in listeners.items():
    for family in ("ipv4", "ipv6"):
        address = addresses[name][family]

        with subtest(f"{name}: an open port answers by {family}"):
            text = client.wait_until_succeeds(f"{page} {url(address, 8080)}")
            assert text.strip() == "port 8080", text

        with subtest(f"{name}: a closed port is dropped by {family}"):
            # Somebody listens there, so only the firewall keeps strangers out.
            text = listener.succeed(f"{page} {url(address, 9090)}")
            assert text.strip() == "port 9090", text
            code, text = client.execute(f"{page} {url(address, 9090)}")
            assert code == timed_out, f"curl ended with {code} and got {text!r}"

    with subtest(f"{name}: the refused connection is in the log"):
        listener.wait_until_succeeds(
            "journalctl --dmesg --grep 'refused connection.*DPT=9090' --quiet | grep -q DPT=9090"
        )

    with subtest(f"{name}: forged sources do not get through"):
        target = addresses[name]["ipv4"]
        own = client.succeed(f"ip route get {target} | grep -oE 'src [0-9.]+'").split()[1]
        send("honest", own, target)
        listener.wait_until_succeeds("grep -q honest /run/datagrams")
        client.succeed("ip address replace 10.99.0.1/32 dev lo")
        send("forged", "10.99.0.1", target)
        # What was sent before this one has been decided on when it is there.
        send("honest again", own, target)
        listener.wait_until_succeeds("grep -q 'honest again' /run/datagrams")
        arrived = received(name)
        assert "forged" not in arrived, arrived

    with subtest(f"{name}: echo requests are limited or unanswered"):
        target = addresses[name]["ipv4"]
        # Each is a flow of its own: later ones of a flow are let through as its answer was.
        answered = int(
            client.succeed(
                f"for i in $(seq 20); do ping -c 1 -W 1 {target} >/dev/null && echo yes;"
                " done | wc -l"
            )
        )
        if answers_ping[name]:
            assert 1 <= answered <= 7, f"{answered} of 20 were answered"
        else:
            assert answered == 0, f"{answered} of 20 were answered"

    with subtest(f"{name}: redirects and routes from strangers are not taken"):
        for switch in ("all", "default"):
            for protocol in ("ipv4", "ipv6"):
                place = f"/proc/sys/net/{protocol}/conf/{switch}/accept_redirects"
                value = listener.succeed(f"cat {place}").strip()
                assert value == "0", f"{place} is {value}"
        sources = "/proc/sys/net/ipv4/conf/all/accept_source_route"
        assert listener.succeed(f"cat {sources}").strip() == "0", sources

with subtest("The machines are apart: nobody forwards"):
    for name, listener in listeners.items():
        for place in ("ipv4/conf/all/forwarding", "ipv6/conf/all/forwarding"):
            value = listener.succeed(f"cat /proc/sys/net/{place}").strip()
            assert value == "0", f"{name}: {place} is {value}"
