"""Many members of a room, of whom one speaks: how long until the last hears.

crowd.py PORT MEMBERS MESSAGES INTERVAL DOOR KIND: says "ready" when all are in and
waits for a line; then the delays in seconds, as JSON. INTERVAL is in seconds,
DOOR how many come at once, KIND `tcp` or `web`, for WebSockets. One loop over epoll costs little for each reading,
so that it is the server that is measured.
"""

import json
import select
import socket
import sys
import time

port, members, messages = (int(argument) for argument in sys.argv[1:4])
interval, door, is_web = float(sys.argv[4]), int(sys.argv[5]), sys.argv[6] == "web"
QUIET_SECONDS = 1.0
LIMIT_SECONDS = 60
READ_BYTES = 65536
MARK = b"^"

REQUEST = b"""GET / HTTP/1.1\r
Host: bench\r
Origin: http://bench\r
Upgrade: websocket\r
Connection: Upgrade\r
Sec-WebSocket-Version: 13\r
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
\r
"""
LENGTHS = {126: 4, 127: 10}

poll = select.epoll()
sockets = {}
welcomed = set()


frames = {}


def payload_of(descriptor, data):
    """What frames hold: a byte of a length must not be taken for a mark."""
    held, left = frames.get(descriptor, (b"", 0))
    data, parts = held + data, []
    while True:
        parts.append(data[:left])
        data, left = data[left:], max(0, left - len(data))
        size = LENGTHS.get(data[1], 2) if len(data) > 1 else 2
        if left > 0 or len(data) < size:
            break
        left = data[1] if size == 2 else int.from_bytes(data[2:size], "big")
        data = data[size:]
    frames[descriptor] = (data, left)
    return b"".join(parts)


def frame_of(text):
    """A short message as a client sends it, under a mask of nothing."""
    return bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text


def read_all(timeout):
    """What came, by socket, after waiting for anything."""
    for descriptor, _ in poll.poll(timeout):
        data = sockets[descriptor].recv(READ_BYTES)
        if not data:
            sys.exit("a member was dropped")
        if is_web and descriptor not in frames:
            # The answer to the request is small enough to come at once.
            data = data.partition(b"\r\n\r\n")[2]
        if is_web:
            data = payload_of(descriptor, data)
        if data:
            welcomed.add(descriptor)
        yield descriptor, data


speaker = None
while len(sockets) < members:
    for _ in range(min(door, members - len(sockets))):
        peer = socket.create_connection(("127.0.0.1", port))
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sockets[peer.fileno()] = peer
        poll.register(peer, select.EPOLLIN)
        speaker = speaker or peer
        if is_web:
            peer.sendall(REQUEST)
    while len(welcomed) < len(sockets):
        for _ in read_all(LIMIT_SECONDS):
            pass
# What is told of the last who came must not be taken for slowness.
while list(read_all(QUIET_SECONDS)):
    pass
print("ready", flush=True)
sys.stdin.readline()

missing = [members - 1] * messages
heard = [0.0] * messages
sent = []
received = dict.fromkeys(sockets, 0)
start = time.monotonic()
while missing[-1] > 0:
    now = time.monotonic()
    if now > start + messages * interval + LIMIT_SECONDS:
        sys.exit(f"{missing[-1]} have not heard the last message")
    due = start + len(sent) * interval
    if len(sent) < messages and now >= due:
        sent.append(now)
        text = f"{len(sent)} Hello, how are you all?{MARK.decode()}\n".encode()
        speaker.sendall(frame_of(text) if is_web else text)
        continue
    wait = due - now if len(sent) < messages else 1
    for descriptor, data in read_all(wait):
        first = received[descriptor]
        received[descriptor] = first + data.count(MARK)
        for number in range(first, received[descriptor]):
            missing[number] -= 1
            if missing[number] == 0:
                heard[number] = time.monotonic()
if any(missing) or received[speaker.fileno()] > 0:
    sys.exit("not all heard each message once")
print(json.dumps([end - begin for begin, end in zip(sent, heard)]))
