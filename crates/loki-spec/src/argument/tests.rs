use super::*;

/// What a small repository holds.
fn exists(path: &Path) -> FileKind {
    match path.to_str() {
        Some(
            "PRD.md" | "docs/my spec.md" | "spec" | "notes.org" | "openapi.yaml" | "tasks.json",
        ) => FileKind::File,
        Some("README" | "../other/PRD.markdown" | "#12" | "PROJ-1" | "做应用.md") => {
            FileKind::File
        }
        Some("docs" | "docs/" | "." | "src") => FileKind::Directory,
        _ => FileKind::Missing,
    }
}

/// What an argument is taken for, in one or two words.
fn classified(argument: &str) -> String {
    match classify(argument, exists) {
        Ok(Argument::File(path)) => format!("file {}", path.display()),
        Ok(Argument::Brief(text)) => format!("brief {text}"),
        Err(ClassifyError::Empty) => "empty".to_owned(),
        Err(ClassifyError::Directory { .. }) => "directory".to_owned(),
        Err(ClassifyError::Missing { .. }) => "missing".to_owned(),
        Err(ClassifyError::NotYet { what, .. }) => format!("not yet: {what}"),
        Err(ClassifyError::BareWord { .. }) => "bare word".to_owned(),
    }
}

#[test]
fn an_argument_means_what_a_person_would_think() {
    for (argument, expected) in [
        // Files that are there.
        ("PRD.md", "file PRD.md"),
        ("docs/my spec.md", "file docs/my spec.md"),
        ("spec", "file spec"),
        ("notes.org", "file notes.org"),
        ("README", "file README"),
        ("../other/PRD.markdown", "file ../other/PRD.markdown"),
        ("#12", "file #12"),
        ("PROJ-1", "file PROJ-1"),
        ("做应用.md", "file 做应用.md"),
        // Directories.
        (".", "directory"),
        ("docs", "directory"),
        ("docs/", "directory"),
        ("src", "directory"),
        // Files that are not.
        ("prd.md", "missing"),
        ("PRD.MD", "missing"),
        ("spec.markdown", "missing"),
        ("notes.txt", "missing"),
        ("docs/spec", "missing"),
        ("./spec2", "missing"),
        ("../spec2", "missing"),
        ("/etc/spec", "missing"),
        ("~/spec", "missing"),
        ("~", "missing"),
        ("..", "missing"),
        ("./my other spec.md", "missing"),
        ("/home/me/my spec.txt", "missing"),
        ("docs\\spec", "missing"),
        // Formats and sources of later.
        ("openapi.yaml", "file openapi.yaml"),
        ("tasks.json", "file tasks.json"),
        ("other.json", "missing"),
        ("api/openapi.yml", "missing"),
        ("spec.PDF", "not yet: a PDF file"),
        ("https://forge.example/o/r/issues/7", "not yet: the address of an issue"),
        ("HTTPS://tracker.example/browse/AB-7", "not yet: the address of an issue"),
        ("http://example.com/spec.md", "not yet: the address of a page"),
        ("ssh://forge.example/o/r", "not yet: the address of a repository"),
        ("git@forge.example:o/r.git", "not yet: the address of a repository"),
        ("#7", "not yet: an issue of this repository"),
        ("owner/repo#1", "not yet: an issue of a repository"),
        ("o-w.n/r_e.po#123", "not yet: an issue of a repository"),
        ("PROJ-12", "not yet: an issue of a tracker"),
        ("A1_B-2", "not yet: an issue of a tracker"),
        ("-", "not yet: standard input"),
        // Briefs.
        ("build a todo app", "brief build a todo app"),
        ("  build a todo app \n", "brief build a todo app"),
        ("fix #12", "brief fix #12"),
        ("implement PROJ-12 now", "brief implement PROJ-12 now"),
        ("create README.md", "brief create README.md"),
        ("write the help to docs/help.md", "brief write the help to docs/help.md"),
        ("do https://forge.example/o/r/issues/7", "brief do https://forge.example/o/r/issues/7"),
        ("line one\nline two", "brief line one\nline two"),
        ("./run.sh must exit 0", "brief ./run.sh must exit 0"),
        ("做一个待办应用", "brief 做一个待办应用"),
        ("--help me", "brief --help me"),
        // Neither.
        ("", "empty"),
        (" \t\n", "empty"),
        ("todo", "bare word"),
        ("prd", "bare word"),
        ("v1.2", "bare word"),
        ("lower-12", "bare word"),
        ("#", "bare word"),
        ("#x", "bare word"),
        ("a#1", "bare word"),
        ("P-", "bare word"),
        ("🐺", "bare word"),
    ] {
        assert_eq!(classified(argument), expected, "{argument:?}");
    }
}

#[test]
fn an_argument_that_cannot_be_a_path_is_not_looked_up() {
    let lookup = |path: &Path| panic!("{}", path.display());
    let long = "word ".repeat(1_000);
    for argument in ["two\nlines", "nul \0 inside", &long] {
        assert!(matches!(classify(argument, lookup), Ok(Argument::Brief(_))));
    }
}

#[test]
fn a_refusal_says_what_to_do() {
    for (argument, expected) in [
        ("docs/", "`docs/` is a directory; name a file in it, such as `docs/PRD.md`"),
        (
            "prd.md",
            "there is no file `prd.md`; check the name, or say in a sentence what is wanted",
        ),
        (
            "#7",
            "`#7` looks like an issue of this repository; this loki reads Markdown, JSON, \
             YAML and briefs, so save its text as a `.md` file",
        ),
        (
            "todo",
            "`todo` is neither a file nor a sentence; name a file, or say in a sentence what is \
             wanted",
        ),
    ] {
        assert_eq!(classify(argument, exists).unwrap_err().to_string(), expected);
    }
}
