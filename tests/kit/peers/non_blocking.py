"""Runs a command whose standard output is a non-blocking pipe, read slowly.

Passes on all that comes through the pipe. The exit status is the command's.
"""

import fcntl
import os
import subprocess
import sys
import time

READ_BYTES = 3000
PAUSE_SECONDS = 0.0005
# What is read late fills the pipe first.
FIRST_PAUSE_SECONDS = 1

reading, writing = os.pipe()
flags = fcntl.fcntl(writing, fcntl.F_GETFL)
fcntl.fcntl(writing, fcntl.F_SETFL, flags | os.O_NONBLOCK)
command = subprocess.Popen(sys.argv[1:], stdout=writing)
os.close(writing)
time.sleep(FIRST_PAUSE_SECONDS)
while part := os.read(reading, READ_BYTES):
    os.write(1, part)
    time.sleep(PAUSE_SECONDS)
sys.exit(command.wait())
