"""A chat peer as one writes it in Python: line by line, as text.

line_peer.py listen PORT | connect PORT
"""

import socket
import sys
import threading

HOST = "127.0.0.1"
port = int(sys.argv[2])
sys.stdin.reconfigure(encoding="utf-8")
sys.stdout.reconfigure(encoding="utf-8")

if sys.argv[1] == "listen":
    listener = socket.create_server((HOST, port))
    print("listening on", port, file=sys.stderr, flush=True)
    peer, _ = listener.accept()
else:
    peer = socket.create_connection((HOST, port))
peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def receive():
    with peer.makefile(encoding="utf-8") as lines:
        for line in lines:
            print(line, end="", flush=True)


receiver = threading.Thread(target=receive)
receiver.start()
for line in sys.stdin:
    peer.sendall(line.encode())
peer.shutdown(socket.SHUT_WR)
receiver.join()
