//! How Maven and Gradle are called, and what their words mean.

use crate::bench::{Command, Ran};
use crate::gates::Cx;
use crate::layout::{is_nested, join};

/// A build tool of the JVM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    /// Maven
    Maven,
    /// Gradle
    Gradle,
}

/// One build: the tool and the topmost directory with a file of it.
#[derive(Clone, Debug)]
pub(crate) struct Build {
    /// What builds it.
    pub(crate) tool: Tool,
    /// Where.
    pub(crate) dir: String,
    /// Every directory of it that has a build file of its own, itself included.
    pub(crate) modules: Vec<String>,
}

/// Files that make a directory a build of Gradle.
const GRADLE_FILES: &[&str] =
    &["settings.gradle", "settings.gradle.kts", "build.gradle", "build.gradle.kts"];

/// Files by which a build of Gradle brings its own start.
const GRADLE_WRAPPER: &[&str] =
    &["gradlew", "gradle/wrapper/gradle-wrapper.jar", "gradle/wrapper/gradle-wrapper.properties"];

/// Endings of files that these tools build.
pub(crate) const SOURCES: &[&str] =
    &[".java", ".kt", ".kts", ".groovy", ".scala", ".gradle", "pom.xml", "gradle.properties"];

/// How the tools say that something is not on this machine.
const ABSENT: &[&str] = &[
    "in offline mode",
    // Where it keeps what it downloads: there is none, and it can not be made.
    "Could not create local repository",
    "has not been downloaded from it before",
    "No cached version of",
    "Could not resolve dependencies",
    "could not be resolved",
    "UnknownHostException",
    "services.gradle.org",
    "JAVA_HOME",
    "invalid target release",
];

/// How they say that something does not compile.
const NOT_COMPILED: &[&str] =
    &["COMPILATION ERROR", "Compilation failure", "Compilation failed", "Compilation error"];

/// Every build of the repository; those of Maven first.
pub(crate) fn builds(cx: &Cx<'_>) -> Vec<Build> {
    let gradle: Vec<String> =
        GRADLE_FILES.iter().flat_map(|file| cx.layout.all_roots(file)).collect();
    let mut builds = topmost(Tool::Maven, cx.layout.all_roots("pom.xml"));
    for build in topmost(Tool::Gradle, gradle) {
        // A repository that has both is built by the first.
        if !builds.iter().any(|other| other.dir == build.dir) {
            builds.push(build);
        }
    }
    builds
}

fn topmost(tool: Tool, mut dirs: Vec<String>) -> Vec<Build> {
    dirs.sort();
    dirs.dedup();
    let tops = dirs.iter().filter(|dir| !is_nested(&dirs, dir));
    tops.map(|top| {
        let modules =
            dirs.iter().filter(|dir| *dir == top || crate::layout::is_under(dir, top)).cloned();
        Build { tool, dir: top.clone(), modules: modules.collect() }
    })
    .collect()
}

impl Build {
    /// What helps when the tool is missing.
    pub(crate) fn fix(&self) -> &'static str {
        match self.tool {
            Tool::Maven => "install Maven from https://maven.apache.org",
            Tool::Gradle => "install Gradle from https://gradle.org",
        }
    }

    /// The tool as people type it.
    pub(crate) fn called(&self) -> &'static str {
        match self.tool {
            Tool::Maven => "mvn",
            Tool::Gradle => "gradle",
        }
    }

    /// Calls `goal`. The tool is told to stay offline and to leave no process behind.
    ///
    /// Gradle is called through the repository's own start where the base has the same.
    pub(crate) fn command(&self, cx: &Cx<'_>, goal: &str) -> Command {
        match self.tool {
            Tool::Maven => Command::new("mvn", &self.dir).args([
                "--offline",
                "--batch-mode",
                "--no-transfer-progress",
                "--fail-at-end",
                "-Dstyle.color=never",
                goal,
            ]),
            Tool::Gradle => {
                let command = if self.has_old_wrapper(cx) {
                    Command::new("sh", &self.dir).args(["gradlew"])
                } else {
                    Command::new("gradle", &self.dir)
                };
                command.args([
                    "--offline",
                    "--no-daemon",
                    "--no-build-cache",
                    "--console=plain",
                    "--continue",
                    goal,
                ])
            }
        }
    }

    fn has_old_wrapper(&self, cx: &Cx<'_>) -> bool {
        let paths: Vec<String> = GRADLE_WRAPPER.iter().map(|file| join(&self.dir, file)).collect();
        let is_changed =
            |path: &String| cx.changes.map_or(true, |all| all.iter().any(|one| one.path == *path));
        cx.layout.has(&paths[0]) && !paths.iter().any(is_changed)
    }
}

/// Why a tool could not even begin: something is not on this machine. Nothing when it could.
pub(crate) fn absent(ran: &Ran) -> Option<&'static str> {
    let text = ran.text();
    (!ran.is_ok() && ABSENT.iter().any(|sign| text.contains(sign))).then_some(
        "something that it needs is not on this machine and none is downloaded while judging: run \
         the build once",
    )
}

/// Whether something does not compile.
pub(crate) fn is_uncompiled(text: &str) -> bool {
    NOT_COMPILED.iter().any(|sign| text.contains(sign))
}
