//! What a file is for, told by its path alone.
//!
//! Conventions of the ecosystems, in one place, so that every gate means the same by "a test".

use crate::layout::{file_name, is_foreign, parent};

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// Code of the product.
    Source,
    /// Code that tests, or helps tests.
    Test,
    /// What tests compare with or feed in: snapshots, golden files, fixtures.
    Fixture,
    /// What says which tests run, how, and what they count: settings of runners, linters, hooks, CI.
    Harness,
    /// Says what the project is made of, and often also how it is tested: `package.json`,
    /// `pyproject.toml`, `Cargo.toml`.
    Manifest,
    /// The resolved versions of what the project depends on.
    Lock,
    /// Prose for people.
    Docs,
    /// Somebody else's code in the tree.
    Foreign,
    /// Anything else.
    Other,
}

/// Endings of programs' sources.
const CODE: &[&str] = &[
    "py", "pyi", "js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "rs", "go", "java", "kt",
    "kts", "scala", "rb", "php", "cs", "fs", "swift", "c", "h", "cc", "cpp", "cxx", "hh", "hpp",
    "m", "mm", "sh", "bash", "zsh", "bats", "pl", "pm", "lua", "ex", "exs", "erl", "clj", "hs",
    "ml", "dart", "vue", "svelte", "sql", "zig", "r", "jl", "groovy",
];

/// Directories whose code is for tests.
const TEST_DIRS: &[&str] =
    &["test", "tests", "testing", "spec", "specs", "__tests__", "e2e", "integration-tests"];

/// Directories of what tests compare with or feed in.
const FIXTURE_DIRS: &[&str] = &[
    "fixtures",
    "fixture",
    "testdata",
    "test_data",
    "test-data",
    "__snapshots__",
    "snapshots",
    "golden",
    "goldens",
    "__fixtures__",
    "cassettes",
];

/// Names of files that say how tests run, wherever they are.
const HARNESS_NAMES: &[&str] = &[
    "conftest.py",
    "pytest.ini",
    ".pytest.ini",
    "tox.ini",
    "noxfile.py",
    "setup.cfg",
    ".coveragerc",
    "sitecustomize.py",
    "usercustomize.py",
    "makefile",
    "gnumakefile",
    "justfile",
    "taskfile.yml",
    "rakefile",
    ".rspec",
    "phpunit.xml",
    "phpunit.xml.dist",
    "bunfig.toml",
    "deno.json",
    "build.rs",
    "nextest.toml",
    "rustfmt.toml",
    "clippy.toml",
    ".clippy.toml",
    "deny.toml",
    "dockerfile",
    "codeowners",
    ".gitattributes",
    ".gitmodules",
    ".npmrc",
    ".yarnrc",
    ".yarnrc.yml",
    "lefthook.yml",
    ".pre-commit-config.yaml",
    ".lintstagedrc",
    "mypy.ini",
    ".mypy.ini",
    "ruff.toml",
    ".ruff.toml",
    ".flake8",
    ".pylintrc",
    "pyrightconfig.json",
    ".golangci.yml",
    ".golangci.yaml",
    ".swcrc",
    ".shellcheckrc",
    ".editorconfig",
    "codecov.yml",
    ".codecov.yml",
    "sonar-project.properties",
    ".gitlab-ci.yml",
    ".travis.yml",
    "azure-pipelines.yml",
    "jenkinsfile",
    ".env",
    "rust-toolchain",
    "rust-toolchain.toml",
    "checkstyle.xml",
    "build.gradle",
    "build.gradle.kts",
    "settings.gradle",
    "settings.gradle.kts",
    "gradle.properties",
    "cmakelists.txt",
    "go.work",
];

/// Beginnings of names of files that say how tests run.
const HARNESS_BEGINNINGS: &[&str] = &[
    "jest.config.",
    "vitest.config.",
    "vitest.workspace.",
    "vite.config.",
    "babel.config.",
    ".babelrc",
    ".mocharc.",
    "karma.conf.",
    "playwright.config.",
    "cypress.config.",
    "ava.config.",
    ".nycrc",
    ".c8rc",
    "tsconfig",
    "eslint.config.",
    ".eslintrc",
    ".prettierrc",
    "prettier.config.",
    "jest.setup.",
    "vitest.setup.",
    "setuptests.",
    "webpack.config.",
    "rollup.config.",
    ".taprc",
    "wdio.conf.",
    "biome.json",
    ".stylelintrc",
];

/// Directories of what guards the project from outside its code.
const HARNESS_DIRS: &[&str] =
    &[".github", ".circleci", ".husky", ".githooks", ".buildkite", ".cargo", ".config"];

const MANIFESTS: &[&str] = &[
    "package.json",
    "pyproject.toml",
    "setup.py",
    "cargo.toml",
    "go.mod",
    "pom.xml",
    "gemfile",
    "composer.json",
    "pipfile",
    "requirements.txt",
    "pubspec.yaml",
    "mix.exs",
    "package.swift",
];

const LOCKS: &[&str] = &[
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lock",
    "bun.lockb",
    "cargo.lock",
    "go.sum",
    "go.work.sum",
    "poetry.lock",
    "uv.lock",
    "pdm.lock",
    "pipfile.lock",
    "gemfile.lock",
    "composer.lock",
    "gradle.lockfile",
    "packages.lock.json",
];

const DOC_ENDINGS: &[&str] = &["md", "mdx", "rst", "adoc", "markdown"];

/// What the file at `path` is for. Pure, and the same for every gate.
pub(crate) fn kind(path: &str) -> Kind {
    let name = file_name(path).to_ascii_lowercase();
    let dirs: Vec<&str> = parent(path).split('/').filter(|part| !part.is_empty()).collect();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    if is_foreign(path) || dirs.iter().any(|dir| matches!(*dir, "_vendor" | "vendored")) {
        return Kind::Foreign;
    }
    if LOCKS.contains(&name.as_str()) {
        return Kind::Lock;
    }
    let is_fixture_dir = dirs.iter().any(|dir| FIXTURE_DIRS.contains(dir));
    if is_fixture_dir || matches!(ending, "snap" | "golden" | "approved") {
        return Kind::Fixture;
    }
    if HARNESS_NAMES.contains(&name.as_str())
        || HARNESS_BEGINNINGS.iter().any(|begin| name.starts_with(begin))
        || dirs.first().is_some_and(|dir| HARNESS_DIRS.contains(dir))
        || dirs.iter().any(|dir| matches!(*dir, ".cargo" | ".husky"))
        || (name.starts_with("makefile.") || ending == "mk")
        || name.starts_with("dockerfile.")
    {
        return Kind::Harness;
    }
    if MANIFESTS.contains(&name.as_str())
        || (name.starts_with("requirements") && ending == "txt")
        || matches!(ending, "csproj" | "fsproj" | "gemspec")
    {
        return Kind::Manifest;
    }
    let is_code = CODE.contains(&ending);
    if is_code && is_test_code(&name, &dirs) {
        return Kind::Test;
    }
    if !is_code && dirs.iter().any(|dir| TEST_DIRS.contains(dir)) && ending != "md" {
        return Kind::Fixture;
    }
    if is_code {
        return Kind::Source;
    }
    let is_prose = DOC_ENDINGS.contains(&ending)
        || matches!(
            name.as_str(),
            "readme" | "changelog" | "license" | "licence" | "notice" | "authors"
        );
    if is_prose || (ending == "txt" && dirs.first() == Some(&"docs")) {
        return Kind::Docs;
    }
    Kind::Other
}

/// Whether a file of code is for tests: by its name, or by a directory that holds nothing else.
fn is_test_code(name: &str, dirs: &[&str]) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    let middle = name.contains(".test.") || name.contains(".spec.") || name.contains("-test.");
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let by_name = match ending {
        "py" => stem.starts_with("test_") || stem.ends_with("_test") || stem == "tests",
        "go" => stem.ends_with("_test"),
        "rb" => stem.ends_with("_spec") || stem.ends_with("_test") || stem.starts_with("test_"),
        "rs" => stem == "tests" || stem.ends_with("_tests"),
        "java" | "kt" | "cs" | "php" | "swift" | "scala" | "groovy" => {
            stem.ends_with("test") || stem.ends_with("tests") || stem.ends_with("spec")
        }
        "bats" => true,
        "exs" => stem.ends_with("_test"),
        "sh" | "bash" => stem.starts_with("test_") || stem.ends_with("_test") || stem == "test",
        "c" | "cc" | "cpp" | "cxx" => stem.starts_with("test_") || stem.ends_with("_test"),
        _ => middle,
    };
    by_name || middle || dirs.iter().any(|dir| TEST_DIRS.contains(dir))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ecosystem_calls_its_tests_by_its_own_names() {
        for path in [
            "tests/test_a.py",
            "pkg/a_test.go",
            "src/a.test.ts",
            "src/__tests__/a.js",
            "tests/cli.rs",
            "src/parser/tests.rs",
            "src/test/java/org/x/AppTest.java",
            "spec/a_spec.rb",
            "tests/run.sh",
            "tests/UserTest.php",
            "tests/helpers/util.py",
            "app/a.spec.tsx",
        ] {
            assert_eq!(kind(path), Kind::Test, "{path}");
        }
    }

    #[test]
    fn other_files_are_told_by_name_and_place() {
        for (path, expected) in [
            ("src/lib.rs", Kind::Source),
            ("src/contest.py", Kind::Source),
            ("lib/latest.js", Kind::Source),
            ("tests/golden/a.out", Kind::Fixture),
            ("src/__snapshots__/a.js.snap", Kind::Fixture),
            ("tests/data.json", Kind::Fixture),
            ("tests/conftest.py", Kind::Harness),
            (".github/workflows/ci.yml", Kind::Harness),
            ("jest.config.ts", Kind::Harness),
            ("Makefile", Kind::Harness),
            ("crates/a/build.rs", Kind::Harness),
            ("package.json", Kind::Manifest),
            ("pyproject.toml", Kind::Manifest),
            ("requirements-dev.txt", Kind::Manifest),
            ("Cargo.lock", Kind::Lock),
            ("README.md", Kind::Docs),
            ("tests/README.md", Kind::Docs),
            ("vendor/x/a.go", Kind::Foreign),
            ("ratelimit/_vendor/ordset.py", Kind::Foreign),
            ("data.bin", Kind::Other),
        ] {
            assert_eq!(kind(path), expected, "{path}");
        }
    }
}
