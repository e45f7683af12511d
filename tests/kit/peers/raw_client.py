"""A client as beginners write it: sends a message, prints the answer.

raw_client.py PORT MESSAGE...
"""

import socket
import sys

peer = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
for message in sys.argv[2:]:
    peer.send(message.encode())
    if message == "n":
        break
    print(peer.recv(1024).decode())
peer.close()
