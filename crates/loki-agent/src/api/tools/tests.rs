use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use loki_host::process::Cancel;
use serde_json::json;

use super::*;

const CONFINED: Confined =
    Confined { level: SandboxLevel::Standard, network: Network::OwnLoopback };

/// A working directory with something worth protecting beside it.
struct Setting {
    base: tempfile::TempDir,
    tools: Tools,
}

impl Setting {
    fn new() -> Setting {
        let base = tempfile::tempdir().unwrap();
        for directory in ["work/src", "work/.git/hooks", "outside", "state"] {
            fs::create_dir_all(base.path().join(directory)).unwrap();
        }
        fs::write(base.path().join("outside/precious"), "precious\n").unwrap();
        fs::write(base.path().join("state/journal"), "journal\n").unwrap();
        let state = base.path().join("state");
        let tools = Tools::new(&base.path().join("work"), Some(&state), CONFINED).unwrap();
        Setting { base, tools }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.base.path().join(path)
    }

    fn write(&self, path: &str, content: &str) -> &Setting {
        fs::write(self.path("work").join(path), content).unwrap();
        self
    }

    fn content(&self, path: &str) -> String {
        fs::read_to_string(self.path("work").join(path)).unwrap()
    }

    fn use_within(&mut self, tool: &str, arguments: Value, cancel: &Cancel, left: u64) -> Used {
        let arguments = arguments.as_object().cloned();
        let call = Call { id: "1".to_owned(), tool: tool.to_owned(), arguments };
        let total_at = Some(Instant::now() + Duration::from_secs(left));
        self.tools.use_tool(&call, &Watch { cancel, total_at, idle: None })
    }

    fn try_to(&mut self, tool: &str, arguments: Value) -> Used {
        self.use_within(tool, arguments, &Cancel::new().unwrap(), 60)
    }

    fn good(&mut self, tool: &str, arguments: Value) -> String {
        let used = self.try_to(tool, arguments);
        assert!(!used.is_failure, "{}", used.text);
        used.text
    }

    fn bad(&mut self, tool: &str, arguments: Value) -> String {
        let used = self.try_to(tool, arguments);
        assert!(used.is_failure && used.text.starts_with("error: "), "{}", used.text);
        used.text
    }
}

/// Goal: no tool but a command reaches anything outside, however the path is written.
#[test]
fn no_path_leads_out() {
    let mut setting = Setting::new();
    let outside = setting.path("outside");
    symlink(&outside, setting.path("work/link")).unwrap();
    symlink(outside.join("precious"), setting.path("work/file")).unwrap();
    symlink("../../outside", setting.path("work/src/up")).unwrap();
    symlink(outside.join("new"), setting.path("work/dangling")).unwrap();
    let absolute = outside.join("precious").display().to_string();
    let through = format!("{}/../outside/precious", setting.path("work").display());
    for path in [
        "../outside/precious",
        "src/../../outside/precious",
        "link/precious",
        "link/new",
        "file",
        "src/up/precious",
        "dangling",
        "/etc/passwd",
        &absolute,
        &through,
        ".git/hooks/pre-commit",
        "./.git/config",
        ".GIT/config",
        "",
        ".",
        "a\0b",
    ] {
        setting.bad("read", json!({"path": path}));
        setting.bad("write", json!({"path": path, "content": "x"}));
        setting.bad("edit", json!({"path": path, "old": "p", "new": "x"}));
        if !matches!(path, "file" | "dangling") {
            setting.bad("delete", json!({"path": path}));
        }
    }
    for path in ["../outside", "link", "src/up", "/", &outside.display().to_string(), ".git"] {
        setting.bad("search", json!({"pattern": ".", "path": path}));
    }
    let found = setting.good("search", json!({"pattern": "precious"}));
    assert!(found.starts_with("[0 found]"), "{found}");
    assert_eq!(fs::read_to_string(outside.join("precious")).unwrap(), "precious\n");
    assert_eq!(fs::read_dir(outside).unwrap().count(), 1);
    assert_eq!(fs::read_dir(setting.path("work/.git/hooks")).unwrap().count(), 0);
}

#[test]
fn a_link_itself_can_be_deleted() {
    let mut setting = Setting::new();
    symlink(setting.path("outside/precious"), setting.path("work/file")).unwrap();
    setting.good("delete", json!({"path": "file"}));
    assert!(setting.path("outside/precious").exists());
}

#[test]
fn a_path_may_be_absolute_when_it_is_inside() {
    let mut setting = Setting::new();
    let path = setting.path("work/new/a.txt").display().to_string();
    assert_eq!(
        setting.good("write", json!({"path": path, "content": "hi\n"})),
        "[wrote new/a.txt, 3 bytes]"
    );
    assert_eq!(setting.content("new/a.txt"), "hi\n");
}

#[test]
fn a_file_is_read_in_parts() {
    let mut setting = Setting::new();
    setting.write("a", "one\ntwo\nthree\n");
    assert_eq!(
        setting.good("read", json!({"path": "a"})),
        "[a, lines 1 to 3 of 3]\none\ntwo\nthree\n"
    );
    let part = json!({"path": "a", "from_line": 2, "lines": 1});
    assert_eq!(setting.good("read", part), "[a, lines 2 to 2 of 3]\ntwo\n");
    let beyond = json!({"path": "a", "from_line": 9});
    assert_eq!(setting.good("read", beyond), "[a has 3 lines; none from line 9]");
    assert!(setting.bad("read", json!({"path": "none"})).contains("there is no `none`"));
    setting.write("binary", "a\0b");
    assert!(setting.bad("read", json!({"path": "binary"})).contains("no text"));
}

#[test]
fn what_is_read_is_bounded() {
    let mut setting = Setting::new();
    setting.write("long", &format!("{}\n{}", "x".repeat(5000), "line\n".repeat(50_000)));
    let read = setting.good("read", json!({"path": "long", "lines": 100_000}));
    assert!(read.len() < 50 << 10, "{}", read.len());
    assert!(read.contains("[line cut]") && read.contains("of 50001]"), "{}", &read[..80]);
}

#[test]
fn a_search_gives_places_and_leaves_out_what_git_ignores() {
    let mut setting = Setting::new();
    setting.write("src/a.rs", "fn one() {}\nfn two() {}\n").write("b.txt", "fn three\n");
    setting
        .write(".gitignore", "target\n")
        .write("target", "fn four\n")
        .write(".hidden", "fn five\n");
    let found = setting.good("search", json!({"pattern": r"^fn \w+"}));
    assert_eq!(
        found,
        "[4 found]\n.hidden:1:fn five\nb.txt:1:fn three\nsrc/a.rs:1:fn one() {}\n\
         src/a.rs:2:fn two() {}\n"
    );
    let narrow = json!({"pattern": "fn", "glob": "**/*.rs", "path": "src"});
    assert!(setting.good("search", narrow).starts_with("[2 found]"));
    let names = setting.good("search", json!({"glob": "*.txt"}));
    assert_eq!(names, "[1 found]\nb.txt\n");
    assert!(setting.bad("search", json!({"pattern": "("})).contains("no regular expression"));
    assert!(setting.bad("search", json!({"pattern": "x", "path": "none"})).contains("no such"));
}

#[test]
fn hits_are_bounded() {
    let mut setting = Setting::new();
    setting.write("many", &"hit\n".repeat(1000));
    let found = setting.good("search", json!({"pattern": "hit"}));
    assert!(found.starts_with("[200 found, and there may be more"), "{}", &found[..60]);
}

#[test]
fn an_edit_needs_the_exact_text_once() {
    let mut setting = Setting::new();
    setting.write("a", "x = 1\ny = 1\n");
    setting.good("edit", json!({"path": "a", "old": "x = 1", "new": "x = 2"}));
    assert_eq!(setting.content("a"), "x = 2\ny = 1\n");
    let twice = setting.bad("edit", json!({"path": "a", "old": " = ", "new": "="}));
    assert!(twice.contains("2 times"), "{twice}");
    setting.good("edit", json!({"path": "a", "old": " = ", "new": "=", "all": true}));
    assert_eq!(setting.content("a"), "x=2\ny=1\n");
    assert!(setting.bad("edit", json!({"path": "a", "old": "z", "new": ""})).contains("not in"));
    assert!(setting.bad("edit", json!({"path": "a", "old": "", "new": "z"})).contains("empty"));
}

#[test]
fn a_command_works_in_the_directory_and_tells_how_it_ended() {
    let mut setting = Setting::new();
    let told = setting.good("run", json!({"command": "echo hi > made; cat made; echo oh >&2"}));
    assert!(told.starts_with("[exit code 0, "), "{told}");
    assert!(told.ends_with("[output]\nhi\n[errors]\noh\n"), "{told}");
    assert_eq!(setting.content("made"), "hi\n");
    assert!(setting.bad("run", json!({"command": "exit 3"})).contains("[exit code 3, "));
}

#[test]
fn a_commands_output_is_bounded_and_may_be_anything() {
    let mut setting = Setting::new();
    let told = setting.good("run", json!({"command": "yes | head -c 200000; printf '\\377end'"}));
    assert!(told.len() < 20_000 && told.contains("bytes dropped]"), "{}", told.len());
    assert!(told.contains("end"), "{}", &told[told.len() - 40..]);
}

#[test]
fn a_command_is_ended_with_all_it_started() {
    let mut setting = Setting::new();
    let command = "(sleep 600; touch late) & sleep 600";
    let started = Instant::now();
    let told = setting.bad("run", json!({"command": command, "seconds": 1}));
    assert!(told.contains("it took too long"), "{told}");
    assert!(started.elapsed() < Duration::from_secs(20));
    let cancel = Cancel::new().unwrap();
    cancel.pull();
    let used = setting.use_within("run", json!({"command": command}), &cancel, 60);
    assert!(used.text.contains("the call is over"), "{}", used.text);
    assert!(!setting.path("work/late").exists());
}

/// Goal: a command changes nothing outside and reads nothing that loki keeps, where this system can
/// hold it to that.
#[cfg(target_os = "linux")]
#[test]
fn a_command_can_not_reach_out_of_its_sandbox() {
    if !loki_host::sandbox::Means::here().files {
        return;
    }
    let mut setting = Setting::new();
    let (outside, state) = (setting.path("outside"), setting.path("state"));
    for command in [
        format!("echo x > {}/new", outside.display()),
        format!("echo x > {}/precious", outside.display()),
        format!("rm {}/precious", outside.display()),
        format!("ln -s {} l && echo x > l/new", outside.display()),
        format!("grep journal {}/journal", state.display()),
    ] {
        setting.bad("run", json!({"command": command}));
    }
    assert_eq!(fs::read_to_string(outside.join("precious")).unwrap(), "precious\n");
    assert_eq!(fs::read_dir(outside).unwrap().count(), 1);
}

#[test]
fn what_makes_no_sense_is_told_to_the_model() {
    let mut setting = Setting::new();
    assert!(setting.bad("teleport", json!({})).contains("no such tool"));
    assert!(setting.bad("read", json!({"file": "a"})).contains("missing field `path`"));
    assert!(setting.bad("read", json!({"path": 7})).contains("wrong arguments"));
    assert!(setting.bad("run", json!({"command": ["ls"]})).contains("wrong arguments"));
}
