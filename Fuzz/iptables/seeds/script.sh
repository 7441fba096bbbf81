#! /bin/bash -e
ip46tables() {
  iptables -w "$@"
  ip6tables -w "$@"
}
for chain in a 'b c'; do
  ip46tables -F "$chain" 2> /dev/null || true
done
X=5; iptables -A INPUT -p tcp --dport $X -m comment --comment "a b" -j ACCEPT \
  -i eth1 && iptables -I INPUT 2 ! -s 10.0.0.0/8 -j DROP
