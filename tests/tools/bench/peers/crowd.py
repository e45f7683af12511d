"""Many members of a room, of whom one speaks: how long until the last hears.

crowd.py PORT MEMBERS MESSAGES INTERVAL DOOR: says "ready" when all are in and
waits for a line; then the delays in seconds, as JSON. INTERVAL is in seconds,
DOOR how many come at once. One loop over epoll costs little for each reading,
so that it is the server that is measured.
"""

import json
import select
import socket
import sys
import time

port, members, messages = (int(argument) for argument in sys.argv[1:4])
interval, door = float(sys.argv[4]), int(sys.argv[5])
QUIET_SECONDS = 1.0
LIMIT_SECONDS = 60
READ_BYTES = 65536
MARK = b"^"

poll = select.epoll()
sockets = {}
welcomed = set()


def read_all(timeout):
    """What came, by socket, after waiting for anything."""
    for descriptor, _ in poll.poll(timeout):
        data = sockets[descriptor].recv(READ_BYTES)
        if not data:
            sys.exit("a member was dropped")
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
        speaker.sendall(f"{len(sent)} Hello, how are you all?{MARK.decode()}\n".encode())
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
