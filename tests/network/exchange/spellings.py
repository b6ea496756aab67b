"""Addresses that lead inside, in every spelling that a parser may read otherwise than a resolver; `{p}` is a port."""

from itertools import product

_LOOPBACK = (127, 0, 0, 1)
_WHOLE = 0x7F000001


def _numbers() -> list[str]:
    """127.0.0.1, each part in decimal, octal or hexadecimal, in four parts, three, two or one."""
    ways = (str, lambda n: f"0{n:o}", lambda n: f"0x{n:x}", lambda n: f"0X{n:04X}", lambda n: f"000{n:o}")
    four = [".".join(way(n) for way, n in zip(pick, _LOOPBACK, strict=True)) for pick in product(ways[:3], repeat=4)]
    short = [f"{first(127)}.{last(1)}" for first, last in product(ways, repeat=2)]
    three = [f"{first(127)}.0.{last(1)}" for first, last in product(ways[:3], repeat=2)]
    return [*four, *short, *three, *(way(_WHOLE) for way in ways), "0177.1", "0x7f.1", "127.0.1", "00000177.0.0.1"]


HOSTS = [
    *_numbers(),
    *("127.0.0.2", "127.1.2.3", "127.255.255.254", "0", "0.0.0.0", "0x0", "00", "0.0", "0.0.0", "127.0.0.1."),
    *("localhost", "LOCALHOST", "LocalHost", "localhost.", "localhost.localdomain", "ip6-localhost", "ip6-loopback"),
    *("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[0000:0000:0000:0000:0000:0000:0000:0001]", "[::0001]", "[0::1]"),
    *("[::ffff:127.0.0.1]", "[::FFFF:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[::7f00:1]"),
    *("[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]"),
    *("[2001:0:7f00:1::]", "[fe80::1]", "[fe80::1%25lo]", "[fe80::1%lo]", "[fec0::1]", "[fc00::1]", "[fd00::1]"),
    *("[::1%25lo]", "[::1%lo]", "[ff02::1]", "[100::1]", "[2001:db8::1]", "[::ffff:169.254.169.254]"),
    *("①②⑦.⓪.⓪.①", "127。0。0。1", "127．0．0．1", "１２７.0.0.1", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "ｌocalhost", "loc\u00adalhost"),
    *("169.254.169.254", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "169.254.43518", "169.16689662"),
    *("10.0.0.1", "012.0.0.1", "172.16.0.1", "192.168.1.1", "192.168.257", "100.64.0.1", "198.18.0.1", "192.0.0.1"),
    *("224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.51.100.1", "203.0.113.1", "100.100.100.200"),
]
WHOLE = [
    *("http://exemple.fr@127.0.0.1:{p}/", "http://127.0.0.1:{p}@127.0.0.1:{p}/", "http://moi:secret@127.0.0.1:{p}/"),
    *("http://@127.0.0.1:{p}/", "http://:@127.0.0.1:{p}/", "http://127.0.0.1:{p}#@exemple.fr/"),
    *("http://127.0.0.1:{p}?@exemple.fr/", "http://127.0.0.1:{p}\\@exemple.fr/", "http://exemple.fr\\@127.0.0.1:{p}/"),
    *(
        "http://127.0.0.1%2f:{p}/",
        "http://127.0.0.1%00:{p}/",
        "http://127.0.0.1%09:{p}/",
        "http://%6c%6f%63alhost:{p}/",
    ),
    *("http://127.0.0.1:{p}\t/", "http://127.0.0.1\r\n:{p}/", "http://127.0.\t0.1:{p}/", " http://127.0.0.1:{p}/"),
    *("http://127.0.0.1:0{p}/", "http://127.0.0.1:+{p}/", "http://127.0.0.1: {p}/", "http://127.0.0.1:{p}:80/"),
    *("http:127.0.0.1:{p}/", "http:/127.0.0.1:{p}/", "http:///127.0.0.1:{p}/", "http:\\\\127.0.0.1:{p}/"),
    *("//127.0.0.1:{p}/", "127.0.0.1:{p}/", "HTTP://127.0.0.1:{p}/", "hTtP://127.0.0.1:{p}/", "https://127.0.0.1:{p}/"),
    *("ftp://127.0.0.1:{p}/", "gopher://127.0.0.1:{p}/_x", "dict://127.0.0.1:{p}/", "ldap://127.0.0.1:{p}/"),
    *("file:///etc/passwd", "file://127.0.0.1/etc/passwd", "jar:http://127.0.0.1:{p}/!/", "url:http://127.0.0.1:{p}/"),
    *("data:text/csv,nom", "javascript:alert(1)", "unix:///run/docker.sock", "http+unix://%2Frun%2Fdocker.sock/"),
    *(
        "http://[127.0.0.1]:{p}/",
        "http://[::1:{p}/",
        "http://::1:{p}/",
        "http://[v1.x]:{p}/",
        "http://127.0.0.1,a:{p}/",
    ),
    *("http://127.0.0.1:{p}/?http://exemple.fr", "http://127.0.0.1:{p}/../x", "http://127.0.0.1:22/", "http://x:6379/"),
    *("", "http://", "http://:{p}/", "http://./", "http://../", "http://\x00/", "http://127.0.0.1\x00.exemple.fr:{p}/"),
]
ALL = [*(f"http://{host}:{{p}}/canari" for host in HOSTS), *WHOLE]
