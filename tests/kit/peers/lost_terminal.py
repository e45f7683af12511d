"""Runs a command at a terminal that it loses, without a signal.

Shows what the terminal shows. A line on standard input says how it is lost:
"close" closes it, "take" gives it to another, so that reading it is an error.
The exit status is the command's.
"""

import fcntl
import os
import pty
import select
import signal
import sys
import termios

READ_BYTES = 4096
# Where tcgetattr has them.
LOCAL_MODES = 3

os.setsid()
screen, terminal = pty.openpty()
fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
for unwanted in (signal.SIGHUP, signal.SIGTTOU):
    signal.signal(unwanted, signal.SIG_IGN)

command = os.fork()
if command == 0:
    os.setpgid(0, 0)
    os.tcsetpgrp(terminal, os.getpgrp())
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    # Without this, reading a terminal that is another's stops it.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTIN])
    os.dup2(terminal, 0)
    os.dup2(terminal, 1)
    os.close(screen)
    os.close(terminal)
    os.execvp(sys.argv[1], sys.argv[1:])

while sys.stdin not in select.select([screen, sys.stdin], [], [])[0]:
    os.write(1, os.read(screen, READ_BYTES))
if sys.stdin.readline() == "take\n":
    os.tcsetpgrp(terminal, os.getpgrp())
    # A reader that already waits for a line is not woken by less.
    lines = termios.tcgetattr(terminal)[LOCAL_MODES] & termios.ICANON
    os.write(screen, b"x\n" if lines else b"x")
else:
    os.close(screen)
_, status = os.waitpid(command, 0)
sys.exit(os.waitstatus_to_exitcode(status))
