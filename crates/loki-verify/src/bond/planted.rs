//! Table: the violation that each gate has to notice before its word counts.

/// Files by path and content.
type Files = &'static [(&'static str, &'static str)];

/// A change that a gate must not accept.
#[derive(Debug)]
pub(crate) struct Planted {
    /// A program without which it can not be judged.
    pub(crate) needs: Option<&'static str>,
    /// The files that it starts from.
    pub(crate) before: Files,
    /// The files that it writes.
    pub(crate) after: Files,
}

impl Planted {
    /// One sentence for the page of the gate.
    pub(crate) fn said(&self) -> &'static str {
        match self.needs {
            None => {
                "Before a pass counts, the gate has to notice a small violation that loki plants into a \
                 repository of its own, under the same settings."
            }
            Some(_) => {
                "Before a pass counts, the gate has to notice a small violation that loki plants into a \
                 repository of its own, under the same settings; where Python is installed, the result \
                 can be remembered, and no command is declared in place of what loki finds."
            }
        }
    }
}

/// What holds a gate of loki's own to its word.
pub(crate) fn planted(gate: &str) -> Option<&'static Planted> {
    PLANTED.iter().find(|(id, _)| *id == gate).map(|(_, planted)| planted)
}

const PLANTED: &[(&str, Planted)] = &[
    (
        "change",
        Planted {
            needs: None,
            before: &[("a.txt", "one\n")],
            after: &[("a.txt", "<<<<<<< HEAD\none\n=======\ntwo\n>>>>>>> other\n")],
        },
    ),
    (
        "spec-drift",
        Planted {
            needs: None,
            before: &[
                ("prd.md", "# A\n\n- Sums must be exact\n"),
                (
                    ".loki/spec/spec.lock",
                    "format = 1\n\n[source.\"prd.md\"]\ntitle = \"A\"\n\n[requirement.R-0a1b]\n\
                     text = \"Sums must be exact\"\npriority = \"must\"\nsource = \"prd.md\"\n",
                ),
            ],
            after: &[("prd.md", "# A\n\n- Sums must be about right\n")],
        },
    ),
    (
        "runner-tampering",
        Planted {
            needs: None,
            before: &[("package.json", "{\"scripts\":{\"test\":\"node --test\"}}\n")],
            after: &[("package.json", "{\"scripts\":{\"test\":\"node --test || true\"}}\n")],
        },
    ),
    (
        "test-integrity",
        Planted {
            needs: None,
            before: &[("test_a.py", "def test_a():\n    assert 1 + 1 == 2\n")],
            after: &[(
                "test_a.py",
                "import pytest\n\n\n@pytest.mark.skip\ndef test_a():\n    assert 1 + 1 == 2\n",
            )],
        },
    ),
    (
        "mock-integrity",
        Planted {
            needs: None,
            before: &[("a.py", "def send(to):\n    return to\n")],
            after: &[(
                "test_a.py",
                "from unittest import mock\n\nimport a\n\n\ndef test_a():\n    hook = mock.Mock()\n    \
                 a.send(hook)\n    hook.called_once_with(1)\n",
            )],
        },
    ),
    (
        "dependencies",
        Planted {
            needs: None,
            before: &[("package.json", "{\"name\":\"a\"}\n"), ("package-lock.json", LOCK)],
            after: &[("package.json", "{\"name\":\"a\",\"dependencies\":{\"b\":\"^1.0.0\"}}\n")],
        },
    ),
    (
        "substance",
        Planted {
            needs: None,
            before: &[("sums.py", "def add(a, b):\n    return a + b\n")],
            after: &[(
                "sums.py",
                "def add(a, b):\n    return a + b\n\n\ndef total(items):\n    raise NotImplementedError\n",
            )],
        },
    ),
    (
        "secrets",
        Planted {
            needs: None,
            before: &[("a.txt", "one\n")],
            // In two parts, so that no scanner takes this file for a leak.
            after: &[("a.txt", concat!("token = ghp_", "k3J9xQ2mV7wR4tY8uP1sD6fG5hZ0bN2cLqWe\n"))],
        },
    ),
    (
        "docs",
        Planted {
            needs: None,
            before: &[("README.md", "# A\n")],
            after: &[("README.md", "# A\n\nSee [the guide](guide.md).\n")],
        },
    ),
    (
        "static-analysis",
        Planted {
            needs: None,
            before: &[("sums.py", "def add(a, b):\n    return a + b\n")],
            after: &[("sums.py", "def add(a, b):\n    return a + c\n")],
        },
    ),
    (
        "build",
        Planted {
            needs: Some("python3"),
            before: &[("a.py", "x = 1\n")],
            after: &[("a.py", "def (:\n")],
        },
    ),
    (
        "tests",
        Planted {
            needs: Some("python3"),
            before: &[("sums.py", "def add(a, b):\n    return a + b\n"), ("test_sums.py", TEST)],
            after: &[("sums.py", "def add(a, b):\n    return a - b\n")],
        },
    ),
    (
        "base-tests",
        Planted {
            needs: Some("python3"),
            before: &[("sums.py", "def add(a, b):\n    return a + b\n"), ("test_sums.py", TEST)],
            after: &[
                ("sums.py", "def add(a, b):\n    return a - b\n"),
                ("test_sums.py", TEST_OF_ANOTHER),
            ],
        },
    ),
    (
        "new-tests",
        Planted {
            needs: Some("python3"),
            before: &[("sums.py", "def add(a, b):\n    return a + b\n")],
            after: &[
                ("sums.py", "def add(a, b, c=0):\n    return a + b + c\n"),
                ("test_sums.py", TEST),
            ],
        },
    ),
    (
        "mutants",
        Planted {
            needs: Some("python3"),
            before: &[("sums.py", "def one():\n    return 1\n")],
            after: &[
                (
                    "sums.py",
                    "def add(a, b):\n    if a > b:\n        return a + b\n    return b + a\n",
                ),
                ("test_sums.py", TEST_OF_NOTHING),
            ],
        },
    ),
];

/// A test of one sum.
const TEST: &str = "import unittest\n\nfrom sums import add\n\n\nclass AddTest(unittest.TestCase):\n    \
                    def test_add(self):\n        self.assertEqual(add(2, 3), 5)\n";

/// The same test of a sum that is another one.
const TEST_OF_ANOTHER: &str = "import unittest\n\nfrom sums import add\n\n\nclass AddTest(unittest.TestCase):\n    \
                    def test_add(self):\n        self.assertEqual(add(2, 3), -1)\n";

/// A test that runs what adds and looks at nothing.
const TEST_OF_NOTHING: &str = "import unittest\n\nfrom sums import add\n\n\nclass AddTest(unittest.TestCase):\n    \
                    def test_add(self):\n        add(2, 3)\n        add(3, 2)\n";

/// A lock of a package without dependencies.
const LOCK: &str = "{\"name\":\"a\",\"lockfileVersion\":3,\"requires\":true,\
                    \"packages\":{\"\":{\"name\":\"a\"}}}\n";
