"""Stands between a client and a server as a bad network would.

chaos_proxy.py PORT SEED ENDING LIMIT: passes one connection on to PORT;
delays, stalls, merges and splits what goes either way, down to single bytes.
ENDING is "none", or what happens once LIMIT bytes have come from the client:
"reset" breaks both sides, "half-close" ends what goes to the server and breaks
the client's side.
"""

import os
import random
import socket
import struct
import sys
import threading
import time

PIECE_BYTES = [1, 7, 100, 4096, 65536]
# Up to so many bytes single ones are sent, so that it does not take for ever.
SINGLE_BYTES = 200
DELAY_SECONDS = 0.002
STALL_SECONDS = 0.1

port, seed, ending, limit = (
    int(sys.argv[1]),
    int(sys.argv[2]),
    sys.argv[3],
    int(sys.argv[4]),
)


def reset_at_close(peer):
    # To linger for no time at all is to reset.
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def deliver(sink, data, rng):
    how = rng.random()
    if how < 0.02:
        time.sleep(STALL_SECONDS)
    elif how < 0.3:
        time.sleep(rng.random() * DELAY_SECONDS)
    single = data[:SINGLE_BYTES] if how > 0.9 else b""
    for index in range(len(single)):
        sink.sendall(single[index : index + 1])
    sink.sendall(data[len(single) :])


def pump(source, sink, rng, left):
    held = b""
    try:
        while data := source.recv(rng.choice(PIECE_BYTES)):
            held += data[:left]
            left -= len(data)
            # What is held back is merged with what comes next.
            if left > 0 and rng.random() < 0.2:
                continue
            deliver(sink, held, rng)
            held = b""
            if left <= 0:
                end(source, sink)
                return
        deliver(sink, held, rng)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        # One side is gone: so that the other hears of it, both are.
        reset_at_close(source)
        reset_at_close(sink)
        os._exit(0)


def end(source, sink):
    reset_at_close(source)
    if ending == "half-close":
        sink.shutdown(socket.SHUT_WR)
        source.close()
    else:
        reset_at_close(sink)
        os._exit(0)


listener = socket.create_server(("127.0.0.1", 0))
print("port", listener.getsockname()[1])
client, _ = listener.accept()
server = socket.create_connection(("127.0.0.1", port))
for peer in (client, server):
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
never = sys.maxsize
pumps = [
    threading.Thread(
        target=pump,
        args=(client, server, random.Random(seed), never if ending == "none" else limit),
    ),
    threading.Thread(
        target=pump, args=(server, client, random.Random(seed + 1), never)
    ),
]
for thread in pumps:
    thread.start()
for thread in pumps:
    thread.join()
