"""Runs a command on a terminal of its own: run_on_terminal.py COLUMNS ROWS COMMAND...

What the command writes comes out of standard output. Lines on standard input change the terminal's size
("resize COLUMNS ROWS") or type ("type TEXT", with escapes as in Python). The exit status is the command's.
"""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios


def resize(terminal, columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(columns), 0, 0))


def obey(terminal, line):
    word, _, rest = line.rstrip("\n").partition(" ")
    if word == "resize":
        resize(terminal, *rest.split())
    elif word == "type":
        os.write(terminal, rest.encode().decode("unicode_escape").encode())


def main(columns, rows, *command):
    child, terminal = pty.fork()
    if child == 0:
        # The size has to be there before the command looks at it.
        signal.sigwait([signal.SIGUSR1])
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])
        os.execvp(command[0], command)
    resize(terminal, columns, rows)
    os.kill(child, signal.SIGUSR1)
    sources = [terminal, sys.stdin.fileno()]
    pending = ""
    while True:
        ready, _, _ = select.select(sources, [], [])
        if sys.stdin.fileno() in ready:
            text = os.read(sys.stdin.fileno(), 4096).decode()
            if text == "":
                sources.remove(sys.stdin.fileno())
            *lines, pending = (pending + text).split("\n")
            for line in lines:
                obey(terminal, line)
        if terminal in ready:
            try:
                written = os.read(terminal, 65536)
            except OSError:
                written = b""
            if not written:
                break
            os.write(sys.stdout.fileno(), written)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


# Blocked before the fork, so that it cannot come too early.
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
sys.exit(main(*sys.argv[1:]) % 256)
