//! Table: the violation that each gate has to notice before its word counts.

/// Files by path and content.
type Files = &'static [(&'static str, &'static str)];

/// What holds a gate to its word.
pub(crate) enum Bond {
    /// A violation that it has to notice.
    Planted(Planted),
    /// Nothing, and why.
    None(&'static str),
}

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

impl Bond {
    /// One sentence for the page of the gate.
    pub(crate) fn said(&self) -> &'static str {
        match self {
            Bond::Planted(Planted { needs: None, .. }) => {
                "Before a pass counts, the gate has to notice a small violation that loki plants into a \
                 repository of its own, under the same settings."
            }
            Bond::Planted(_) => {
                "Before a pass counts, the gate has to notice a small violation that loki plants into a \
                 repository of its own, under the same settings; where Python is installed, the result \
                 can be remembered, and no command is declared in place of what loki finds."
            }
            Bond::None(why) => why,
        }
    }
}

/// The bond of a gate of loki's own.
pub(crate) fn bond(gate: &str) -> Option<&'static Bond> {
    BONDS.iter().find(|(id, _)| *id == gate).map(|(_, bond)| bond)
}

/// What is said where a bond would take several runs of a suite.
const TOO_DEAR: &str =
    "No violation is planted for it: to notice one takes several runs of a whole suite.";

const BONDS: &[(&str, Bond)] = &[
    (
        "change",
        Bond::Planted(Planted {
            needs: None,
            before: &[("a.txt", "one\n")],
            after: &[("a.txt", "<<<<<<< HEAD\none\n=======\ntwo\n>>>>>>> other\n")],
        }),
    ),
    (
        "spec-drift",
        Bond::Planted(Planted {
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
        }),
    ),
    (
        "runner-tampering",
        Bond::Planted(Planted {
            needs: None,
            before: &[("package.json", "{\"scripts\":{\"test\":\"node --test\"}}\n")],
            after: &[("package.json", "{\"scripts\":{\"test\":\"node --test || true\"}}\n")],
        }),
    ),
    (
        "test-integrity",
        Bond::Planted(Planted {
            needs: None,
            before: &[("test_a.py", "def test_a():\n    assert 1 + 1 == 2\n")],
            after: &[(
                "test_a.py",
                "import pytest\n\n\n@pytest.mark.skip\ndef test_a():\n    assert 1 + 1 == 2\n",
            )],
        }),
    ),
    (
        "mock-integrity",
        Bond::Planted(Planted {
            needs: None,
            before: &[("a.py", "def send(to):\n    return to\n")],
            after: &[(
                "test_a.py",
                "from unittest import mock\n\nimport a\n\n\ndef test_a():\n    hook = mock.Mock()\n    \
                 a.send(hook)\n    hook.called_once_with(1)\n",
            )],
        }),
    ),
    (
        "dependencies",
        Bond::None(
            "No violation is planted for it: what is wrong depends on the locks and registries of each \
             ecosystem.",
        ),
    ),
    (
        "substance",
        Bond::Planted(Planted {
            needs: None,
            before: &[("sums.py", "def add(a, b):\n    return a + b\n")],
            after: &[(
                "sums.py",
                "def add(a, b):\n    return a + b\n\n\ndef total(items):\n    raise NotImplementedError\n",
            )],
        }),
    ),
    (
        "secrets",
        Bond::Planted(Planted {
            needs: None,
            before: &[("a.txt", "one\n")],
            // In two parts, so that no scanner takes this file for a leak.
            after: &[("a.txt", concat!("token = ghp_", "k3J9xQ2mV7wR4tY8uP1sD6fG5hZ0bN2cLqWe\n"))],
        }),
    ),
    (
        "docs",
        Bond::Planted(Planted {
            needs: None,
            before: &[("README.md", "# A\n")],
            after: &[("README.md", "# A\n\nSee [the guide](guide.md).\n")],
        }),
    ),
    (
        "static-analysis",
        Bond::None(
            "No violation is planted for it: which tools there are is the project's own choice.",
        ),
    ),
    (
        "build",
        Bond::Planted(Planted {
            needs: Some("python3"),
            before: &[("a.py", "x = 1\n")],
            after: &[("a.py", "def (:\n")],
        }),
    ),
    (
        "tests",
        Bond::Planted(Planted {
            needs: Some("python3"),
            before: &[("sums.py", "def add(a, b):\n    return a + b\n"), ("test_sums.py", TEST)],
            after: &[("sums.py", "def add(a, b):\n    return a - b\n")],
        }),
    ),
    ("base-tests", Bond::None(TOO_DEAR)),
    ("new-tests", Bond::None(TOO_DEAR)),
    ("mutants", Bond::None(TOO_DEAR)),
];

/// A test of one sum.
const TEST: &str = "import unittest\n\nfrom sums import add\n\n\nclass AddTest(unittest.TestCase):\n    \
                    def test_add(self):\n        self.assertEqual(add(2, 3), 5)\n";
