//! Ids of conversations, as agents tell them.

/// Longest id that is believed.
const SESSION_CHARS_MAX: usize = 64;

/// Whether `id` can be given back to a program without being taken for something else.
pub(crate) fn is_session_id(id: &str) -> bool {
    let fits = (1..=SESSION_CHARS_MAX).contains(&id.len()) && !id.starts_with('-');
    fits && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_could_be_a_flag_or_a_path_is_not_believed() {
        for id in ["--dangerous", "a b", "", "é", "../x", &"x".repeat(65)] {
            assert!(!is_session_id(id), "{id}");
        }
        for id in ["01a216d3-f78f-7792-9e90-474d2a536a96", "1795333791364_VBJao_cli"] {
            assert!(is_session_id(id), "{id}");
        }
    }
}
