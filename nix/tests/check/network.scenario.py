"""network.py in good order: open ports answer, closed ones are dropped, forged sources stay away, pings are limited."""

script = "network.py"
_hosts = {
    "server": {"ipv4": "192.168.1.3", "ipv6": "fd00::11"},
    "fortress": {"ipv4": "192.168.1.2", "ipv6": "fd00::12"},
}
values = {"addresses": _hosts, "answers_ping": {"server": True, "fortress": False}}


def _listener():
    return [
        (r"^curl .*:9090/$", 0, "port 9090\n"),
        (r"^journalctl --dmesg", 0, ""),
        (r"^grep -q 'honest again' /run/datagrams", 0, ""),
        (r"^grep -q honest /run/datagrams", 0, ""),
        (r"^cat /run/datagrams", 0, "honest\nhonest again\n"),
        (r"^cat /proc/sys/net/", 0, "0\n"),
    ]


machines = {
    "server": _listener(),
    "fortress": _listener(),
    "client": [
        (r"grep -q 'fd00::", 0, ""),
        (r"grep -q tentative", 1, ""),
        (r"^curl .*:8080/$", 0, "port 8080\n"),
        (r"^curl .*:9090/$", 28, ""),
        (r"^ip route get ", 0, "src 192.168.1.1\n"),
        (r"^ip address replace", 0, ""),
        (r"^echo .* socat -u", 0, ""),
        (r"ping -c 1 -W 1 192.168.1.3 ", 0, "5\n"),
        (r"ping -c 1 -W 1 192.168.1.2 ", 0, "0\n"),
    ],
}
weak = [
    # A closed port that is open, one that is refused in place of dropped, one on which nobody listens.
    (r"--max-time 8 --globoff http://192.168.1.3:9090/", 0, "port 9090\n"),
    (r"--max-time 8 --globoff http://\[fd00::12\]:9090/", 0, "port 9090\n"),
    (r"--max-time 8 --globoff http://\[fd00::11\]:9090/", 7, ""),
    (r"--globoff http://192.168.1.2:8080/", 0, "another page\n"),
    (r"--globoff http://\[fd00::11\]:8080/", 0, ""),
    (r"^cat /run/datagrams", 0, "honest\nforged\nhonest again\n"),
    # Without a limit, with nobody answering, and with the fortress answering.
    (r"ping -c 1 -W 1 192.168.1.3 ", 0, "20\n"),
    (r"ping -c 1 -W 1 192.168.1.3 ", 0, "0\n"),
    (r"ping -c 1 -W 1 192.168.1.2 ", 0, "1\n"),
    (r"ipv4/conf/all/accept_redirects", 0, "1\n"),
    (r"ipv6/conf/default/accept_redirects", 0, "1\n"),
    (r"accept_source_route", 0, "1\n"),
    (r"ipv4/conf/all/forwarding", 0, "1\n"),
    (r"ipv6/conf/all/forwarding", 0, "1\n"),
]
