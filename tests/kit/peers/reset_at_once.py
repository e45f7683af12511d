"""Connects to a port so many times, and resets each connection at once."""

import socket
import struct
import sys

port, count = int(sys.argv[1]), int(sys.argv[2])
for _ in range(count):
    peer = socket.create_connection(("127.0.0.1", port))
    # To linger for no time at all is to reset.
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()
