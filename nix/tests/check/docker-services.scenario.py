"""docker-services.py in good order."""

script = "docker-services.py"
values = {"image": "/nix/store/image.tar.gz"}


def _page(command):
    return "served\n"


machines = {
    "machine": [
        (r"docker version", 0, "27.1.0\n"),
        (r"stat -c .*docker.sock", 0, "660 root docker\n"),
        (r"^ss ", 0, "LISTEN 0 128 *:22 users:((sshd))\n"),
        (r"docker load", 0, "Loaded image: firn-test:made-here\n"),
        (r"docker run --rm firn-test:made-here$", 0, "a container spoke\n"),
        (r"/bin/false", 1, ""),
        (r"/bin/hostname", 0, "inside\n"),
        (r"ls /home/alice", 1, ""),
        (r"Seccomp:", 0, "Seccomp:\t2\n"),
        (r"NoNewPrivs:", 0, "NoNewPrivs:\t1\n"),
        (r"--name web", 0, "0123\n"),
        (r"--max-time 5 http://127.0.0.1:8080/", 7, ""),
        (r"curl", 0, _page),
        (r"docker stop", 0, "web\n"),
        (r"echo still here", 0, ""),
        (r"cat /kept/note", 0, "still here\n"),
        (r"su -l carol", 0, "CONTAINER ID\n"),
        (r"su -l alice", 1, "permission denied while trying to connect\n"),
    ]
}
weak = [
    (r"stat -c .*docker.sock", 0, "666 root docker\n"),
    (r"^ss ", 0, "LISTEN 0 128 *:2375 users:((dockerd))\n"),
    (r"Seccomp:", 0, "Seccomp:\t0\n"),
    (r"NoNewPrivs:", 0, "NoNewPrivs:\t0\n"),
    (r"/bin/hostname", 0, "machine\n"),
    (r"su -l alice", 0, "CONTAINER ID\n"),
]
