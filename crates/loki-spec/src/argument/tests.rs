use super::*;

/// What a small repository holds.
fn look(path: &Path) -> FileKind {
    match path.to_str() {
        Some(
            "PRD.md" | "docs/my spec.md" | "spec" | "notes.org" | "openapi.yaml" | "tasks.json",
        ) => FileKind::File,
        Some("README" | "../other/PRD.markdown" | "#12" | "PROJ-1" | "做应用.md" | "42") => {
            FileKind::File
        }
        Some("a/b#2" | "plan.pdf" | "Größe.md" | "github.com/acme/shop/issues/9") => {
            FileKind::File
        }
        Some("docs" | "docs/" | "." | "src" | "my docs" | "77") => FileKind::Directory,
        Some("changes/add-x" | ".kiro/specs/login") => FileKind::Directory,
        _ => FileKind::Missing,
    }
}

/// What an issue is taken for, in a few words.
fn named(issue: &IssueRef) -> String {
    match issue {
        IssueRef::Here { number } => format!("issue {number} of this repository"),
        IssueRef::GitHub { host: None, repository, number } => {
            format!("github {repository} {number}")
        }
        IssueRef::GitHub { host: Some(host), repository, number } => {
            format!("github at {host} {repository} {number}")
        }
        IssueRef::GitLab { host, project, number } => {
            format!("gitlab at {host} {project} {number}")
        }
        IssueRef::AzureDevOps { collection, project, number } => {
            let project = project.as_deref().unwrap_or("-");
            format!("azure at {collection} {project} {number}")
        }
        IssueRef::Jira { site: None, key } => format!("jira {key}"),
        IssueRef::Jira { site: Some(site), key } => format!("jira at {site} {key}"),
    }
}

/// What an argument is taken for, in a few words.
fn classified(argument: &str) -> String {
    match classify(argument, look) {
        Ok(Argument::File(path)) => format!("file {}", path.display()),
        Ok(Argument::Directory(path)) => format!("directory {}", path.display()),
        Ok(Argument::Issue(issue)) => named(&issue),
        Ok(Argument::Brief(text)) => format!("brief {text}"),
        Err(ClassifyError::Empty) => "empty".to_owned(),
        Err(ClassifyError::Missing { .. }) => "missing".to_owned(),
        Err(ClassifyError::NotYet { what, .. }) => format!("not yet: {what}"),
        Err(ClassifyError::NotAnIssue { .. }) => "no issue".to_owned(),
        Err(ClassifyError::PullRequest { number }) => format!("pull request {number}"),
        Err(ClassifyError::Credentials) => "credentials".to_owned(),
        Err(ClassifyError::BareWord { .. }) => "bare word".to_owned(),
    }
}

#[track_caller]
fn check(rows: &[(&str, &str)]) {
    for (argument, expected) in rows {
        assert_eq!(classified(argument), *expected, "{argument:?}");
    }
}

#[test]
fn what_is_there_wins() {
    check(&[
        ("PRD.md", "file PRD.md"),
        ("docs/my spec.md", "file docs/my spec.md"),
        ("spec", "file spec"),
        ("notes.org", "file notes.org"),
        ("README", "file README"),
        ("../other/PRD.markdown", "file ../other/PRD.markdown"),
        ("openapi.yaml", "file openapi.yaml"),
        ("tasks.json", "file tasks.json"),
        ("42", "file 42"),
        ("#12", "file #12"),
        ("PROJ-1", "file PROJ-1"),
        ("a/b#2", "file a/b#2"),
        ("github.com/acme/shop/issues/9", "file github.com/acme/shop/issues/9"),
        ("做应用.md", "file 做应用.md"),
        ("Größe.md", "file Größe.md"),
        ("plan.pdf", "not yet: a PDF file"),
        (".", "directory ."),
        ("docs", "directory docs"),
        ("docs/", "directory docs/"),
        ("my docs", "directory my docs"),
        ("77", "directory 77"),
        ("changes/add-x", "directory changes/add-x"),
        (".kiro/specs/login", "directory .kiro/specs/login"),
    ]);
}

#[test]
fn what_is_written_like_a_file_that_is_not_there_is_missing() {
    check(&[
        ("prd.md", "missing"),
        ("PRD.MD", "missing"),
        ("spec.markdown", "missing"),
        ("notes.txt", "missing"),
        ("other.json", "missing"),
        ("api/openapi.yml", "missing"),
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
        ("C:\\specs\\prd.md", "missing"),
        ("c:/specs/prd.md", "missing"),
        ("C:\\My Specs\\prd.md", "missing"),
        ("\\\\server\\share\\prd.md", "missing"),
        ("größe/anforderungen.md", "missing"),
        ("a/b/c#1", "missing"),
        ("a/b#0", "missing"),
        ("a/..#1", "missing"),
        ("spec.PDF", "not yet: a PDF file"),
        ("Cargo.toml", "not yet: a TOML file"),
        ("-", "not yet: standard input"),
    ]);
}

#[test]
fn an_issue_is_known_by_its_short_name() {
    check(&[
        ("7", "issue 7 of this repository"),
        ("#7", "issue 7 of this repository"),
        ("  #7 ", "issue 7 of this repository"),
        ("owner/repo#1", "github owner/repo 1"),
        ("a/b#1", "github a/b 1"),
        ("o-w.n/r_e.po#123", "github o-w.n/r_e.po 123"),
        ("PROJ-12", "jira PROJ-12"),
        ("AB2-17", "jira AB2-17"),
        ("A1_B-2", "jira A1_B-2"),
        ("0", "bare word"),
        ("#0", "bare word"),
        ("007", "bare word"),
        ("99999999999999999999999", "bare word"),
        ("PROJ-0", "bare word"),
        ("P-1", "bare word"),
        ("proj-12", "bare word"),
        ("2AB-17", "bare word"),
    ]);
}

#[test]
fn an_issue_of_github_is_known_by_its_address() {
    check(&[
        ("https://github.com/acme/shop/issues/42", "github at github.com acme/shop 42"),
        ("http://github.com/acme/shop/issues/42", "github at github.com acme/shop 42"),
        ("HTTPS://GitHub.COM/acme/Shop/issues/42", "github at github.com acme/Shop 42"),
        ("https://www.github.com/acme/shop/issues/42", "github at github.com acme/shop 42"),
        ("https://github.com./acme/shop/issues/42", "github at github.com acme/shop 42"),
        ("github.com/acme/shop/issues/42", "github at github.com acme/shop 42"),
        ("https://github.com/acme/shop/issues/42/", "github at github.com acme/shop 42"),
        (
            "https://github.com/acme/shop/issues/42#issuecomment-1",
            "github at github.com acme/shop 42",
        ),
        ("https://github.com/acme/shop/issues/42?a=b&c=d", "github at github.com acme/shop 42"),
        ("https://github.com:443/acme/shop/issues/42", "github at github.com acme/shop 42"),
        ("https://git.acme.example/a/b/issues/7", "github at git.acme.example a/b 7"),
        ("https://git.acme.example:8443/a/b/issues/7", "github at git.acme.example:8443 a/b 7"),
        ("https://127.0.0.1:8080/a/b/issues/7", "github at 127.0.0.1:8080 a/b 7"),
        ("https://größe.example/a/b/issues/7", "github at xn--gre-6ka8i.example a/b 7"),
        ("https://github.com/acme/shop/pull/43", "pull request 43"),
        ("https://github.com/acme/shop/pull/43/files", "pull request 43"),
        (
            "https://github.com/acme/shop/issues",
            "not yet: the address of an issue, of a tracker that it does not know",
        ),
        (
            "https://github.com/acme/shop/issues/x",
            "not yet: the address of an issue, of a tracker that it does not know",
        ),
        ("https://github.com/acme/shop", "not yet: the address of a page"),
        ("https://github.com/acme/shop/blob/main/prd.md", "not yet: the address of a page"),
        ("https://github.com/a%2Fb/c/issues/1", "not yet: the address of a page"),
        (
            "https://github.com/acme/../issues/1",
            "not yet: the address of an issue, of a tracker that it does not know",
        ),
    ]);
}

#[test]
fn an_issue_of_gitlab_is_known_by_its_address() {
    check(&[
        ("https://gitlab.com/acme/shop/-/issues/42", "gitlab at gitlab.com acme/shop 42"),
        (
            "https://gitlab.com/acme/web/shop/-/work_items/42",
            "gitlab at gitlab.com acme/web/shop 42",
        ),
        ("https://gitlab.com/acme/shop/issues/42", "gitlab at gitlab.com acme/shop 42"),
        ("gitlab.com/acme/shop/-/issues/42", "gitlab at gitlab.com acme/shop 42"),
        (
            "https://git.acme.example/a/b/c/d/-/issues/42#note_9",
            "gitlab at git.acme.example a/b/c/d 42",
        ),
        (
            "https://git.acme.example:8443/a/b/-/issues/42/designs",
            "gitlab at git.acme.example:8443 a/b 42",
        ),
        ("https://gitlab.acme.example/a/b/c/issues/42", "gitlab at gitlab.acme.example a/b/c 42"),
        ("https://gitlab.com/acme/shop/-/merge_requests/4", "pull request 4"),
        (
            "https://gitlab.com/acme/shop/-/issues",
            "not yet: the address of an issue, of a tracker that it does not know",
        ),
        (
            "https://gitlab.com/shop/-/issues/4",
            "not yet: the address of an issue, of a tracker that it does not know",
        ),
    ]);
}

#[test]
fn a_work_item_of_azure_devops_is_known_by_its_address() {
    check(&[
        (
            "https://dev.azure.com/acme/Shop/_workitems/edit/42",
            "azure at dev.azure.com/acme Shop 42",
        ),
        (
            "https://dev.azure.com/acme/My%20Shop/_workitems/edit/42/",
            "azure at dev.azure.com/acme My Shop 42",
        ),
        ("dev.azure.com/acme/Shop/_workitems/edit/42", "azure at dev.azure.com/acme Shop 42"),
        ("https://dev.azure.com/acme/_workitems/edit/42", "azure at dev.azure.com/acme - 42"),
        (
            "https://acme.visualstudio.com/Shop/_workitems/edit/42",
            "azure at acme.visualstudio.com Shop 42",
        ),
        ("https://acme.visualstudio.com/_workitems/edit/42", "azure at acme.visualstudio.com - 42"),
        (
            "https://acme.visualstudio.com/DefaultCollection/Shop/_workitems/edit/42",
            "azure at acme.visualstudio.com/DefaultCollection Shop 42",
        ),
        (
            "https://tfs.acme.example/tfs/Main/Shop/_workitems/edit/42",
            "azure at tfs.acme.example/tfs/Main Shop 42",
        ),
        (
            "https://dev.azure.com/acme/Shop/_boards/board/t/Web/Stories/?workitem=42",
            "azure at dev.azure.com/acme Shop 42",
        ),
        (
            "https://dev.azure.com/acme/Shop/_workitems/?id=42",
            "azure at dev.azure.com/acme Shop 42",
        ),
        ("https://acme@dev.azure.com/acme/Shop/_workitems/edit/42", "credentials"),
        ("https://dev.azure.com/acme/Shop/_git/web/pullrequest/4", "pull request 4"),
        ("https://dev.azure.com/acme/Shop/_workitems", "not yet: the address of a page"),
    ]);
}

#[test]
fn an_issue_of_jira_is_known_by_its_address() {
    check(&[
        ("https://acme.atlassian.net/browse/PROJ-456", "jira at acme.atlassian.net PROJ-456"),
        ("acme.atlassian.net/browse/AB2-17", "jira at acme.atlassian.net AB2-17"),
        ("https://acme.atlassian.net/browse/proj-456", "jira at acme.atlassian.net PROJ-456"),
        (
            "https://acme.atlassian.net/browse/PROJ-456?focusedCommentId=1",
            "jira at acme.atlassian.net PROJ-456",
        ),
        (
            "https://acme.atlassian.net/jira/software/projects/AB/boards/1?selectedIssue=AB-12",
            "jira at acme.atlassian.net AB-12",
        ),
        (
            "https://acme.atlassian.net/jira/software/c/projects/AB/issues/AB-12",
            "jira at acme.atlassian.net AB-12",
        ),
        ("https://jira.acme.example/browse/PROJ-456", "jira at jira.acme.example PROJ-456"),
        (
            "https://acme.example:8443/jira/browse/PROJ-456/",
            "jira at acme.example:8443/jira PROJ-456",
        ),
        ("https://jira.acme.example/projects/AB/issues/AB-12", "jira at jira.acme.example AB-12"),
        ("HTTPS://tracker.example/browse/AB-7", "jira at tracker.example AB-7"),
        ("https://jira.acme.example/browse/PROJ", "not yet: the address of a page"),
    ]);
}

#[test]
fn other_addresses_are_told_apart() {
    let issue = "not yet: the address of an issue, of a tracker that it does not know";
    check(&[
        ("https://codeberg.org/o/r/issues/7", issue),
        ("https://bitbucket.org/o/r/issues/7", issue),
        ("https://linear.app/acme/issue/AB-7/title", issue),
        ("http://example.com/spec.md", "not yet: the address of a page"),
        ("https://example.com/my%zzspec", "not yet: the address of a page"),
        ("https://", "not yet: an address that can not be read"),
        ("https://exa mple.com/a", "brief https://exa mple.com/a"),
        ("ssh://forge.example/o/r", "not yet: the address of a repository"),
        ("ssh://git@forge.example/o/r", "not yet: the address of a repository"),
        ("git@forge.example:o/r.git", "not yet: the address of a repository"),
        ("file:///tmp/prd.md", "not yet: the address of a file, which is named by its path"),
        ("https://me:s3cret@github.com/a/b/issues/1", "credentials"),
        ("https://s3cret@github.com/a/b/issues/1", "credentials"),
        ("https://s3cret@", "credentials"),
        ("ssh://git:s3cret@forge.example/o/r", "credentials"),
    ]);
}

#[test]
fn a_sentence_is_a_brief_and_a_word_is_not() {
    check(&[
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
        ("füge eine Größe hinzu", "brief füge eine Größe hinzu"),
        ("--help me", "brief --help me"),
        ("", "empty"),
        (" \t\n", "empty"),
        ("todo", "bare word"),
        ("prd", "bare word"),
        ("v1.2", "bare word"),
        ("größe", "bare word"),
        ("#", "bare word"),
        ("#x", "bare word"),
        ("a#1", "bare word"),
        ("P-", "bare word"),
        ("🐺", "bare word"),
    ]);
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
fn an_issue_that_is_asked_for_as_one_is_no_file() {
    assert_eq!(classify_issue("42"), Ok(IssueRef::Here { number: 42 }));
    assert_eq!(named(&classify_issue("PROJ-1").unwrap()), "jira PROJ-1");
    assert!(matches!(classify_issue("PRD.md"), Err(ClassifyError::NotAnIssue { .. })));
    assert_eq!(classify_issue(" "), Err(ClassifyError::Empty));
}

#[test]
fn a_refusal_says_what_to_do_and_repeats_no_secret() {
    for (argument, expected) in [
        (
            "prd.md",
            "there is no file `prd.md`; check the name, or say in a sentence what is wanted",
        ),
        (
            "https://example.com/x?token=s3cret#s3cret",
            "`https://example.com/x` looks like the address of a page; this loki reads files, \
             briefs, and issues of GitHub, GitLab, Azure DevOps and Jira, so save its text as a \
             `.md` file",
        ),
        (
            "https://github.com/a/b/pull/7",
            "this is pull request 7 and not an issue; `loki verify --pr 7` judges it",
        ),
        (
            "https://me:s3cret@h/a/b/issues/1",
            "the address holds a user or a password; leave them out, since tokens come from the \
             environment",
        ),
        (
            "todo",
            "`todo` is neither a file, an issue nor a sentence; name a file, or say in a sentence \
             what is wanted",
        ),
    ] {
        assert_eq!(classify(argument, look).unwrap_err().to_string(), expected);
    }
}
