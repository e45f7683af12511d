"""A member of a room as beginners write it: sends text without line endings.

Each line of standard input is sent alone; what comes goes to standard output.

raw_member.py PORT
"""

import socket
import sys
import threading

peer = socket.create_connection(("127.0.0.1", int(sys.argv[1])))


def speak():
    for line in sys.stdin.buffer:
        peer.sendall(line.rstrip(b"\n"))


threading.Thread(target=speak, daemon=True).start()
while data := peer.recv(65536):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
