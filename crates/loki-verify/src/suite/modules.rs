//! Which file of the project an import means.

use std::collections::{BTreeMap, BTreeSet};

use crate::layout::{Layout, file_name, join, parent};
use crate::syntax::{Import, Language};

/// Endings under which a script is found without one.
const SCRIPT_ENDINGS: &[&str] = &["js", "ts", "tsx", "jsx", "mjs", "cjs", "mts", "cts"];

/// The project's own files, to be found by their names.
#[derive(Debug, Default)]
pub(crate) struct Files {
    all: BTreeSet<String>,
    by_name: BTreeMap<String, Vec<String>>,
    by_dir: BTreeMap<String, Vec<String>>,
    /// Directories with a manifest of cargo.
    crates: Vec<String>,
}

impl Files {
    /// The own files of a layout.
    pub(crate) fn of(layout: &Layout) -> Files {
        let mut files = Files { crates: layout.all_roots("Cargo.toml"), ..Files::default() };
        for path in layout.own_files() {
            files.all.insert(path.to_owned());
            files.by_name.entry(file_name(path).to_owned()).or_default().push(path.to_owned());
            files.by_dir.entry(parent(path).to_owned()).or_default().push(path.to_owned());
        }
        files
    }

    fn has(&self, path: &str) -> bool {
        self.all.contains(path)
    }

    /// Files with this name, wherever they are.
    pub(super) fn named(&self, name: &str) -> &[String] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// Files in this directory, none below it.
    pub(super) fn in_dir(&self, dir: &str) -> &[String] {
        self.by_dir.get(dir).map_or(&[], Vec::as_slice)
    }

    /// The file at this path, if it is one of them.
    pub(super) fn named_at(&self, path: &str) -> Option<String> {
        self.has(path).then(|| path.to_owned())
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(String::as_str)
    }

    /// Own files that an import of the file at `from` may mean; none for a module of somebody else.
    pub(crate) fn meant(&self, language: Language, from: &str, import: &Import) -> Vec<String> {
        match language {
            Language::Python => self.python(from, import),
            Language::JavaScript | Language::TypeScript | Language::Tsx => {
                self.script(from, &import.module).into_iter().collect()
            }
            Language::Rust => self.rust(from, import),
            Language::Go => self.go(&import.module),
            Language::Ruby => self.ruby(from, &import.module),
            _ => self.by_class(language, &import.module),
        }
    }

    /// Own files that a file at `from` with this text reaches without an import: of its own package in Go, and in
    /// languages that find types by their names those that are called like a type that it names.
    pub(crate) fn without_import(&self, language: Language, from: &str, text: &str) -> Vec<String> {
        let ending = match language {
            Language::Go => {
                let beside = self.in_dir(parent(from)).iter();
                return beside.filter(|path| path.ends_with(".go")).cloned().collect();
            }
            Language::Java => "java",
            Language::Kotlin => "kt",
            Language::CSharp => "cs",
            Language::Php => "php",
            Language::Swift => "swift",
            Language::Ruby => "rb",
            _ => return Vec::new(),
        };
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        let types: BTreeSet<&str> =
            words.filter(|word| word.starts_with(char::is_uppercase)).collect();
        let file = |name: &str| match language {
            Language::Ruby => format!("{}.{ending}", snake(name)),
            _ => format!("{name}.{ending}"),
        };
        types.into_iter().flat_map(|name| self.named(&file(name)).to_vec()).collect()
    }

    fn python(&self, from: &str, import: &Import) -> Vec<String> {
        let dots = import.module.chars().take_while(|c| *c == '.').count();
        let path = import.module.trim_start_matches('.').replace('.', "/");
        // `from a import b` may mean the module `a.b`.
        let mut modules = vec![path.clone()];
        modules.extend(import.names.iter().map(|name| join(&path, name)));
        let modules = modules.into_iter().filter(|module| !module.is_empty() || dots > 0);
        let mut found = Vec::new();
        for module in modules {
            let candidates = [format!("{module}.py"), join(&module, "__init__.py")];
            for candidate in candidates {
                if dots > 0 {
                    let mut dir = parent(from);
                    for _ in 1..dots {
                        dir = parent(dir);
                    }
                    let path = join(dir, &candidate);
                    if self.has(&path) {
                        found.push(path);
                    }
                    continue;
                }
                let named = self.named(file_name(&candidate)).iter();
                let is_meant = |path: &&String| {
                    let dir = path.strip_suffix(candidate.as_str());
                    dir.is_some_and(|dir| {
                        (dir.is_empty() || dir.ends_with('/'))
                            && self.is_root(from, dir.trim_end_matches('/'))
                    })
                };
                found.extend(named.filter(is_meant).cloned());
            }
        }
        found
    }

    /// Whether modules are found in a directory: the root, `src`, the file's own, or one that is no
    /// package itself.
    fn is_root(&self, from: &str, dir: &str) -> bool {
        dir.is_empty()
            || file_name(dir) == "src"
            || dir == parent(from)
            || !self.has(&join(dir, "__init__.py"))
    }

    fn script(&self, from: &str, module: &str) -> Option<String> {
        let base = if module.starts_with('.') {
            normal(&join(parent(from), module))
        } else if let Some(path) = module.strip_prefix("@/").or_else(|| module.strip_prefix("~/")) {
            join("src", path)
        } else {
            return None;
        };
        let stem = match base.rsplit_once('.') {
            Some((stem, ending)) if SCRIPT_ENDINGS.contains(&ending) => stem,
            _ => base.as_str(),
        };
        let mut candidates = vec![base.clone()];
        for ending in SCRIPT_ENDINGS {
            // TypeScript is imported by the name that it will have.
            candidates.push(format!("{stem}.{ending}"));
            candidates.push(format!("{base}.{ending}"));
            candidates.push(join(&base, &format!("index.{ending}")));
        }
        candidates.into_iter().find(|path| self.has(path))
    }

    fn rust(&self, from: &str, import: &Import) -> Vec<String> {
        let parts: Vec<&str> = import.module.split("::").collect();
        let first = parts.first().copied().unwrap_or_default();
        if RUST_STANDARD.contains(&first) {
            return Vec::new();
        }
        if matches!(first, "super" | "self" | "crate") {
            // The file itself, or one beside it.
            let is_word = |part: &&&str| !matches!(**part, "super" | "self" | "crate");
            return match parts.iter().rev().find(is_word) {
                Some(last) => self.module_files(last),
                None => vec![from.to_owned()],
            };
        }
        let own = self.module_files(first);
        let mut inner = parts.iter().skip(1).rev().map(|part| self.module_files(part));
        let inner = inner.find(|files| !files.is_empty()).unwrap_or_default();
        let is_crate = self.crates.iter().any(|dir| {
            dir.is_empty() || file_name(dir).replace('-', "_") == first.replace('-', "_")
        });
        match (own.is_empty(), is_crate) {
            (false, _) => own.into_iter().chain(inner).collect(),
            // A crate of the workspace, or the one whose tests these are.
            (true, true) if !inner.is_empty() => inner,
            (true, true) => self.crate_root(from).into_iter().collect(),
            (true, false) => Vec::new(),
        }
    }

    fn module_files(&self, name: &str) -> Vec<String> {
        let mut found = self.named(&format!("{name}.rs")).to_vec();
        for inner in ["mod.rs", "lib.rs"] {
            let named = self.named(inner).iter();
            found.extend(named.filter(|path| file_name(parent(path)) == name).cloned());
        }
        found
    }

    /// The root of the library beside which a test stands.
    fn crate_root(&self, from: &str) -> Option<String> {
        let mut dir = parent(from);
        loop {
            let root = join(dir, "src/lib.rs");
            if self.has(&root) {
                return Some(root);
            }
            if dir.is_empty() {
                return None;
            }
            dir = parent(dir);
        }
    }

    fn go(&self, module: &str) -> Vec<String> {
        // The path ends in the directory of the package.
        let parts: Vec<&str> = module.split('/').collect();
        for skipped in 0..parts.len() {
            let dir = parts.get(skipped..).unwrap_or_default().join("/");
            let files = self.in_dir(&dir).iter().filter(|path| path.ends_with(".go"));
            let found: Vec<String> = files.cloned().collect();
            if !found.is_empty() && (skipped > 0 || parts.len() == 1) {
                return found;
            }
        }
        Vec::new()
    }

    fn ruby(&self, from: &str, module: &str) -> Vec<String> {
        let near = normal(&join(parent(from), module));
        let candidates = [format!("{near}.rb"), format!("lib/{module}.rb"), format!("{module}.rb")];
        candidates.into_iter().filter(|path| self.has(path)).collect()
    }

    /// Languages in which a class is in the file that has its name.
    fn by_class(&self, language: Language, module: &str) -> Vec<String> {
        let name = module.rsplit(['.', '\\', '/']).next().unwrap_or_default();
        let endings = ["java", "kt", "cs", "php", "swift", "h", "hpp", "cpp", "c"];
        let named = endings.iter().flat_map(|ending| self.named(&format!("{name}.{ending}")));
        named.filter(|path| Language::of(path) == Some(language)).cloned().collect()
    }
}

/// Crates of the standard library.
const RUST_STANDARD: &[&str] = &["std", "core", "alloc", "proc_macro", "test"];

/// A path without `.` and `..`.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// `OrderLine` as Ruby calls its file: `order_line`.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for (at, c) in name.char_indices() {
        if c.is_uppercase() && at > 0 {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::Source;

    fn meant(files: &[&str], from: &str, text: &str) -> Vec<String> {
        let layout = Layout::of(files.iter().map(|path| (*path).to_owned()));
        let files = Files::of(&layout);
        let source = Source::parse(from, text).unwrap();
        let imports = source.imports().iter();
        imports.flat_map(|import| files.meant(source.language(), from, import)).collect()
    }

    #[test]
    fn own_modules_are_told_from_those_of_others() {
        let files = ["pkg/__init__.py", "pkg/a.py", "src/lib2/b.py", "tests/helpers.py"];
        let text = "import os\nimport requests\nfrom pkg.a import f\nfrom lib2 import b\nfrom helpers import g\n";
        assert_eq!(
            meant(&files, "tests/test_a.py", text),
            ["pkg/a.py", "src/lib2/b.py", "tests/helpers.py"]
        );
        let files = ["src/a.ts", "src/b/index.js", "test/util.js"];
        let text = "import x from '../src/a.js';\nimport y from '../src/b';\nimport z from 'lodash';\nconst u = require('./util');\n";
        assert_eq!(
            meant(&files, "test/a.test.js", text),
            ["src/a.ts", "src/b/index.js", "test/util.js"]
        );
        let files = ["Cargo.toml", "src/lib.rs", "src/scan.rs", "tests/common/mod.rs"];
        let text = "use std::fs;\nuse tool::scan::Scanner;\nmod common;\nuse common::temp;\n";
        assert_eq!(meant(&files, "tests/a.rs", text), ["src/scan.rs", "tests/common/mod.rs"]);
        let files = ["go.mod", "calc/calc.go", "calc/calc_test.go"];
        let text = "package x\nimport (\n\t\"fmt\"\n\t\"example.org/m/calc\"\n)\n";
        assert_eq!(meant(&files, "x/x_test.go", text), ["calc/calc.go", "calc/calc_test.go"]);
    }
}
