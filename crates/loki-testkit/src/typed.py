"""Runs a command on a terminal of its own, on which somebody types: KEYS PROGRAM [ARGUMENT...]"""
import os
import pty
import sys

keys, command = sys.argv[1].encode(), sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(command[0], command)
os.write(terminal, keys)
while True:
    try:
        shown = os.read(terminal, 65536)
    except OSError:  # Linux says so when the last one has hung up.
        break
    if not shown:
        break
    os.write(1, shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
