"""A plugin for pytest that is loaded before anything of the project.

Writes one line of JSON for each thing that it sees, beside itself: how the body of each test ended
before a hook could say otherwise, which tests were collected and not run, and which functions that
tests rely on are no longer those of the beginning. Everything it needs later is bound while it is
loaded, since tests may replace it.
"""

import builtins
import json
import os
import sysconfig
import unittest

import pytest

OUT = os.path.abspath(__file__) + ".jsonl"
INSTALLED = tuple({sysconfig.get_paths()[kind] for kind in ("purelib", "platlib")})
HELPERS = (
    "abs all any bool callable dict float frozenset getattr hasattr hash id int isinstance issubclass"
    " iter len list max min next object repr round set sorted str sum tuple type zip"
    " AssertionError BaseException Exception"
).split()


def _kept(label, owner, names):
    found = [name for name in names if name in owner.__dict__]
    return [(label + "." + name, owner, name, owner.__dict__[name]) for name in found]


CASE = unittest.TestCase
KEPT = (
    _kept("unittest.TestCase", CASE, [n for n in CASE.__dict__ if n.startswith(("assert", "fail"))])
    + _kept("builtins", builtins, HELPERS)
    + _kept("pytest", pytest, ["raises", "approx", "fail", "warns"])
)


def say(_open=os.open, _write=os.write, _close=os.close, _dumps=json.dumps,
        _flags=os.O_WRONLY | os.O_APPEND | os.O_CREAT, **event):
    try:
        file = _open(OUT, _flags, 0o600)
        try:
            _write(file, (_dumps(event) + "\n").encode())
        finally:
            _close(file)
    except Exception:
        pass


def _is_installed(value):
    """Whether a function belongs to an installed package, and is not the project's."""
    code = getattr(value, "__code__", None)
    return code is not None and code.co_filename.startswith(INSTALLED)


def patched():
    now = ((label, owner.__dict__.get(name), kept) for label, owner, name, kept in KEPT)
    return [label for label, value, kept in now if value is not kept and not _is_installed(value)]


def _failed(kind):
    """The name of an exception that makes a test fail; nothing for one that skips it."""
    if kind is None or issubclass(kind, (pytest.skip.Exception, pytest.xfail.Exception, unittest.SkipTest)):
        return None
    return kind.__name__


def _place(item):
    return {"id": item.nodeid, "file": str(getattr(item, "path", None) or item.fspath)}


def _tell(what, item, kind):
    try:
        say(event=what, raised=_failed(kind), **_place(item))
    except Exception:
        pass


@pytest.hookimpl(hookwrapper=True, trylast=True)
def pytest_pyfunc_call(pyfuncitem):
    outcome = yield
    error = outcome.excinfo
    _tell("body", pyfuncitem, error[0] if error else None)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    # Cases of unittest keep their exception to themselves until later.
    held = [call.excinfo] if call.excinfo else list(getattr(item, "_excinfo", None) or [])
    _tell(call.when, item, held[0].type if held else None)
    yield


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_collection_modifyitems(session, config, items):
    before = list(items)
    yield
    kept = set(map(id, items))
    for item in before:
        if id(item) not in kept:
            _tell("deselected", item, None)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_sessionfinish(session, exitstatus):
    say(event="end", status=int(exitstatus), patched=patched())
    yield
