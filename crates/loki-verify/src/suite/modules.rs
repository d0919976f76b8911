//! Which file of the project an import means.

use crate::layout::{Layout, file_name, is_foreign, join, parent};
use crate::syntax::{Import, Language};

/// Endings under which a script is found without one.
const SCRIPT_ENDINGS: &[&str] = &["js", "ts", "tsx", "jsx", "mjs", "cjs", "mts", "cts"];

/// Own files that an import of the file at `from` may mean; none for a module of somebody else.
pub(crate) fn first_party(
    layout: &Layout,
    language: Language,
    from: &str,
    import: &Import,
) -> Vec<String> {
    match language {
        Language::Python => python(layout, from, import),
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            script(layout, from, &import.module).into_iter().collect()
        }
        Language::Rust => rust(layout, from, import),
        Language::Go => go(layout, &import.module),
        Language::Ruby => ruby(layout, from, &import.module),
        _ => by_name(layout, language, &import.module),
    }
}

fn python(layout: &Layout, from: &str, import: &Import) -> Vec<String> {
    let dots = import.module.chars().take_while(|c| *c == '.').count();
    let path = import.module.trim_start_matches('.').replace('.', "/");
    let mut candidates = Vec::new();
    // `from a import b` may mean the module `a.b`.
    let mut modules = vec![path.clone()];
    modules.extend(
        import
            .names
            .iter()
            .map(|name| if path.is_empty() { name.clone() } else { format!("{path}/{name}") }),
    );
    if dots > 0 {
        let mut dir = parent(from);
        for _ in 1..dots {
            dir = parent(dir);
        }
        for module in modules {
            candidates.push(join(dir, &format!("{module}.py")));
            candidates.push(join(dir, &format!("{module}/__init__.py")));
        }
        candidates.retain(|path| layout.is_own(path));
        return candidates;
    }
    let endings: Vec<String> = modules
        .iter()
        .filter(|module| !module.is_empty())
        .flat_map(|module| [format!("{module}.py"), format!("{module}/__init__.py")])
        .collect();
    let is_meant = |path: &str| {
        endings.iter().any(|ending| {
            path.strip_suffix(ending.as_str()).is_some_and(|dir| is_root(layout, from, dir))
        })
    };
    layout.own_files().filter(|path| is_meant(path)).map(str::to_owned).collect()
}

/// Whether modules are found in a directory: the root, `src`, the file's own, or one that is no
/// package itself.
fn is_root(layout: &Layout, from: &str, dir: &str) -> bool {
    let dir = dir.trim_end_matches('/');
    dir.is_empty()
        || file_name(dir) == "src"
        || dir == parent(from)
        || !layout.has(&format!("{dir}/__init__.py"))
}

fn script(layout: &Layout, from: &str, module: &str) -> Option<String> {
    let module = module.strip_prefix("node:").unwrap_or(module);
    let base = if module.starts_with('.') {
        normal(&join(parent(from), module))
    } else if let Some(path) = module.strip_prefix("@/").or_else(|| module.strip_prefix("~/")) {
        join("src", path)
    } else if let Some(path) = module.strip_prefix('/') {
        path.to_owned()
    } else {
        return None;
    };
    let stem = base.rsplit_once('.').map_or(base.as_str(), |(stem, _)| stem);
    let mut candidates = vec![base.clone()];
    for ending in SCRIPT_ENDINGS {
        candidates.push(format!("{base}.{ending}"));
        candidates.push(format!("{base}/index.{ending}"));
        // TypeScript is imported by the name that it will have.
        candidates.push(format!("{stem}.{ending}"));
    }
    candidates.into_iter().find(|path| layout.is_own(path))
}

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

/// Crates of the standard library.
const RUST_STANDARD: &[&str] = &["std", "core", "alloc", "proc_macro", "test"];

fn rust(layout: &Layout, from: &str, import: &Import) -> Vec<String> {
    let parts: Vec<&str> = import.module.split("::").collect();
    let Some(first) = parts.first().copied().filter(|first| !RUST_STANDARD.contains(first)) else {
        return Vec::new();
    };
    if matches!(first, "super" | "self" | "crate") {
        // The file itself, or one beside it.
        let last = parts.iter().rev().find(|part| !matches!(**part, "super" | "self" | "crate"));
        let Some(last) = last else { return vec![from.to_owned()] };
        return module_files(layout, last);
    }
    let name = first.replace('-', "_");
    let is_crate = layout.all_roots("Cargo.toml").iter().any(|dir| {
        let dir_name = file_name(dir).replace('-', "_");
        dir_name == name || dir.is_empty()
    });
    let mut found = parts.iter().skip(1).rev().map(|part| module_files(layout, part));
    let inner = found.find(|files| !files.is_empty()).unwrap_or_default();
    let own = module_files(layout, first);
    match (own.is_empty(), is_crate) {
        (false, _) => own.into_iter().chain(inner).collect(),
        // A crate of the workspace, or the one whose tests these are.
        (true, true) if !inner.is_empty() => inner,
        (true, true) => crate_roots(layout, from),
        (true, false) => Vec::new(),
    }
}

fn module_files(layout: &Layout, name: &str) -> Vec<String> {
    let endings = [format!("{name}.rs"), format!("{name}/mod.rs"), format!("{name}/lib.rs")];
    let is_it = |path: &str| {
        endings.iter().any(|ending| path == ending || path.ends_with(&format!("/{ending}")))
    };
    layout.own_files().filter(|path| is_it(path)).map(str::to_owned).collect()
}

/// The root of the library beside which a test stands.
fn crate_roots(layout: &Layout, from: &str) -> Vec<String> {
    let mut dir = parent(from);
    loop {
        let root = join(dir, "src/lib.rs");
        if layout.is_own(&root) {
            return vec![root];
        }
        if dir.is_empty() {
            return Vec::new();
        }
        dir = parent(dir);
    }
}

fn go(layout: &Layout, module: &str) -> Vec<String> {
    // The path ends in the directory of the package.
    let parts: Vec<&str> = module.split('/').collect();
    for skipped in 0..parts.len() {
        let dir = parts.get(skipped..).unwrap_or_default().join("/");
        let found: Vec<String> = layout
            .own_files()
            .filter(|path| path.ends_with(".go") && parent(path) == dir)
            .map(str::to_owned)
            .collect();
        if !found.is_empty() && (skipped > 0 || parts.len() == 1) {
            return found;
        }
    }
    Vec::new()
}

fn ruby(layout: &Layout, from: &str, module: &str) -> Vec<String> {
    let near = normal(&join(parent(from), module));
    let candidates = [format!("{near}.rb"), format!("lib/{module}.rb"), format!("{module}.rb")];
    candidates.into_iter().filter(|path| layout.is_own(path)).collect()
}

/// Languages in which a class is in the file that has its name.
fn by_name(layout: &Layout, language: Language, module: &str) -> Vec<String> {
    let name = module.rsplit(['.', '\\', '/']).next().unwrap_or_default();
    let is_it = |path: &str| {
        let stem = file_name(path).rsplit_once('.').map_or("", |(stem, _)| stem);
        stem == name && Language::of(path) == Some(language) && !is_foreign(path)
    };
    layout.own_files().filter(|path| is_it(path)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::Source;

    fn meant(files: &[&str], from: &str, text: &str) -> Vec<String> {
        let layout = Layout::of(files.iter().map(|path| (*path).to_owned()));
        let source = Source::parse(from, text).unwrap();
        let imports = source.imports().into_iter();
        imports.flat_map(|import| first_party(&layout, source.language(), from, &import)).collect()
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
