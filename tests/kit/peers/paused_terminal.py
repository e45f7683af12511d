"""Runs a command at a terminal that can be paused: then it takes nothing.

Shows what the terminal shows. Of the lines on standard input "pause" and
"resume" do that, and are answered with "[pause]" and "[resume]"; all else is
typed, without the line ending. Signals go to the command. The exit status is
the command's, or 1 when it left the terminal in another mode.
"""

import fcntl
import os
import pty
import select
import signal
import sys
import termios

READ_BYTES = 4096
ACTIONS = {b"pause": termios.TCOOFF, b"resume": termios.TCOON}

os.setsid()
screen, terminal = pty.openpty()
fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
mode = termios.tcgetattr(terminal)


def finish(*_):
    _, status = os.waitpid(command, 0)
    restored = termios.tcgetattr(terminal) == mode
    os._exit(os.waitstatus_to_exitcode(status) if restored else 1)


# Not before its process id is known.
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
signal.signal(signal.SIGCHLD, finish)
command = os.fork()
if command == 0:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    os.setpgid(0, 0)
    os.tcsetpgrp(terminal, os.getpgrp())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.dup2(terminal, 0)
    os.dup2(terminal, 1)
    os.close(screen)
    os.close(terminal)
    os.execvp(sys.argv[1], sys.argv[1:])
for passed in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(passed, lambda number, _: os.kill(command, number))
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])

inputs = [screen, 0]
unread = b""
while True:
    readable = select.select(inputs, [], [])[0]
    if screen in readable:
        os.write(1, os.read(screen, READ_BYTES))
    if 0 not in readable:
        continue
    chunk = os.read(0, READ_BYTES)
    if chunk == b"":
        inputs.remove(0)
    *lines, unread = (unread + chunk).split(b"\n")
    for line in lines:
        if line in ACTIONS:
            termios.tcflow(terminal, ACTIONS[line])
            os.write(1, b"[%s]\n" % line)
        else:
            os.write(screen, line)
