"""Says hello, takes one message and resets the connection.

reset.py connect PORT | listen
"""

import socket
import struct
import sys

if sys.argv[1] == "listen":
    listener = socket.create_server(("127.0.0.1", 0))
    print("port", listener.getsockname()[1])
    peer, _ = listener.accept()
else:
    peer = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
peer.sendall(b"hello\n")
peer.recv(1024)
# To linger for no time at all is to reset.
peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
peer.close()
