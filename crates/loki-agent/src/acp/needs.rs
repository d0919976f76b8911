//! What programs that speak the protocol can not do without.
//!
//! Table: by the name of the program, or of the script that it runs. Whatever is not in it gets what is
//! called as it is, and what services of models need.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::hold::{MODELS, Needs, Own, Through};
use crate::{claude, cline, codex, opencode};

const GEMINI: Needs = Needs {
    own: &[Own::Dir(".gemini"), Own::Named("GEMINI_CLI_HOME")],
    variables: &[&[
        "GEMINI_*",
        "GOOGLE_API_KEY",
        "GOOGLE_GEMINI_BASE_URL",
        "GOOGLE_CLOUD_*",
        "CODE_ASSIST_*",
    ]],
    services: &[Through {
        when: "GOOGLE_GENAI_USE_VERTEXAI",
        reads: &[".config/gcloud"],
        variables: &["GOOGLE_*", "CLOUDSDK_*"],
    }],
};
const GOOSE: Needs = Needs {
    own: &[
        Own::Below("XDG_CONFIG_HOME", ".config", "goose"),
        Own::Below("XDG_DATA_HOME", ".local/share", "goose"),
        Own::Below("XDG_STATE_HOME", ".local/state", "goose"),
    ],
    variables: &[&["GOOSE_*"], MODELS],
    services: &[],
};
const QWEN: Needs =
    Needs { own: &[Own::Dir(".qwen")], variables: &[&["QWEN_*"], MODELS], services: &[] };
const UNDECLARED: Needs = Needs { own: &[], variables: &[MODELS], services: &[] };

/// Codex makes a sandbox for each command, which it can not do in another one: every change would then
/// wait for a review. In loki's sandbox it works in this mode, without one of its own.
const CODEX_MODE: &str = "agent-full-access";

/// What is known of a program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) needs: &'static Needs,
    /// The mode to work in, where it is offered and nobody named one, when loki's sandbox holds it.
    pub(super) mode_held: Option<&'static str>,
}

const fn plain(needs: &'static Needs) -> Known {
    Known { needs, mode_held: None }
}

/// Without `.js` and the like.
const KNOWN: [(&str, Known); 9] = [
    ("claude-agent-acp", plain(&claude::NEEDS)),
    ("claude-code-acp", plain(&claude::NEEDS)),
    ("codex-acp", Known { needs: &codex::NEEDS, mode_held: Some(CODEX_MODE) }),
    ("cline", plain(&cline::NEEDS)),
    ("opencode", plain(&opencode::NEEDS)),
    ("gemini", plain(&GEMINI)),
    ("goose", plain(&GOOSE)),
    ("qwen", plain(&QWEN)),
    ("qwen-code", plain(&QWEN)),
];

/// Of the command `program args…`, whose script may be one of the words, or a package for `npx`.
pub(super) fn known(program: &OsStr, args: &[OsString]) -> Known {
    let named = |word: &OsStr| {
        let name = Path::new(word).file_stem()?.to_str()?;
        let name = name.split_once('@').map_or(name, |(name, _)| name);
        KNOWN.iter().find(|(known, _)| *known == name).map(|(_, known)| *known)
    };
    let mut words = [program].into_iter().chain(args.iter().map(OsString::as_os_str));
    words.find_map(named).unwrap_or(plain(&UNDECLARED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_is_known_by_its_program_or_by_the_script_that_it_is() {
        let own = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            known(&words[0], &words[1..]).needs.own.len()
        };
        assert_eq!(own("gemini --acp"), GEMINI.own.len());
        assert_eq!(own("/opt/bin/goose acp"), GOOSE.own.len());
        assert_eq!(own("npx @scope/codex-acp@1.2"), codex::NEEDS.own.len());
        assert_eq!(own("node /x/claude-agent-acp.js"), claude::NEEDS.own.len());
        assert_eq!(own("some-other-agent"), 0);
    }
}
