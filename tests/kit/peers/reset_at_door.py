"""Asks for the password, reads some of it and resets the connection."""

import socket
import struct

listener = socket.create_server(("127.0.0.1", 0))
print("port", listener.getsockname()[1])
peer, _ = listener.accept()
peer.sendall(b"* password:\n")
peer.recv(1)
# To linger for no time at all is to reset.
peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
peer.close()
