"""The few requests of the gate to etcd, over its JSON gateway."""
import base64, json, socket

# The members are asked one after the other, this site's own first.
ASK_LIMIT_S = 1.0


class Refused(Exception):
    """etcd does not take the token (401), or takes it for older than its list of users (400)."""


def encode(text):
    return base64.b64encode(text.encode()).decode()


def decode(text):
    return base64.b64decode(text).decode()


class Dcs:
    """`password` is that of etcd's user "patroni"; None where etcd asks for no credentials."""
    def __init__(self, members, password=None):
        self.members, self.password, self.token = members, password, None

    def ask(self, path, body):
        """Asks with the token that it has, because a new one takes a majority of etcd. A token that is refused is replaced."""
        if not self.password:
            return self.ask_members(path, body)
        if not self.token:
            self.token = self.authenticate()
        try:
            return self.ask_members(path, body, self.token)
        except Refused:
            self.token = self.authenticate()
            return self.ask_members(path, body, self.token)

    def authenticate(self):
        return self.ask_members("/v3/auth/authenticate", {"name": "patroni", "password": self.password})["token"]

    def ask_members(self, path, body, token=None):
        """Asks the members in turn until one answers; linearizable, so an answer proves that a majority of etcd is there."""
        problems = []
        for member in self.members:
            try:
                return self.post(member, path, json.dumps(body).encode(), token)
            except (OSError, ValueError) as error:
                problems.append(f"{member}: {error}")
        raise TimeoutError("no DCS member answers: " + "; ".join(problems))

    def post(self, member, path, body, token):
        """Written by hand: Python's own HTTP client takes longer to load than everything else here takes to run, and writes wait meanwhile."""
        host, port = member.rsplit(":", 1)
        authorization = f"Authorization: {token}\r\n" if token else ""
        with socket.create_connection((host, int(port)), timeout=ASK_LIMIT_S) as connection:
            connection.sendall(f"POST {path} HTTP/1.0\r\nHost: {member}\r\n{authorization}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            head, _, content = connection.makefile("rb").read().partition(b"\r\n\r\n")
        status = head.split(b" ", 2)[1:2]
        if status in ([b"401"], [b"400"]):
            raise Refused(f"answered {head[:100]!r}")
        if status != [b"200"]:
            raise ValueError(f"answered {head[:100]!r}")
        return json.loads(content)
