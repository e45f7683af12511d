"""A server as beginners write it: prints a message, sends the answer.

raw_server.py ANSWER...
"""

import socket
import sys

listener = socket.create_server(("127.0.0.1", 0))
print("port", listener.getsockname()[1])
peer, _ = listener.accept()
for answer in sys.argv[1:]:
    print(peer.recv(1024).decode())
    peer.send(answer.encode())
peer.close()
