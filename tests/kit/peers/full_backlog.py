"""Listens on a free port and keeps its backlog full: nobody else gets in."""

import socket
import sys

BACKLOG = 0
# More than any system adds to a backlog of 0.
ATTEMPTS = 16

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(BACKLOG)
waiting = []
for _ in range(ATTEMPTS):
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex(listener.getsockname())
    waiting.append(client)
print("port", listener.getsockname()[1])
sys.stdin.read()
