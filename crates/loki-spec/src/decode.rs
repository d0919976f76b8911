//! Bytes of a spec become text, or the reason why not.

/// Reads `bytes` as the text of a spec.
///
/// Takes UTF-8 of at most [`SPEC_BYTES_MAX`] bytes. A byte order mark is dropped, line ends become
/// `\n`.
pub fn decode(bytes: &[u8]) -> Result<String, DecodeError> {
    if bytes.len() > SPEC_BYTES_MAX {
        return Err(DecodeError::TooLarge { bytes: bytes.len(), bytes_max: SPEC_BYTES_MAX });
    }
    if bytes.contains(&0) {
        return Err(DecodeError::Binary);
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|err| DecodeError::NotText { offset: err.valid_up_to() })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(DecodeError::Empty);
    }
    Ok(text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// Largest spec, in bytes.
pub const SPEC_BYTES_MAX: usize = 5 * 1024 * 1024;

/// Why bytes are not a spec.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// More than anyone would read.
    #[error("has {bytes} bytes; a spec has at most {bytes_max}")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// Holds NUL bytes, as programs, images and UTF-16 do.
    #[error("is a binary file; save the spec as UTF-8 text")]
    Binary,
    /// Not UTF-8.
    #[error("is not UTF-8 text from byte {offset} on; save the spec as UTF-8")]
    NotText {
        /// 0-based offset of the first bad byte.
        offset: usize,
    },
    /// Nothing but white space.
    #[error("is empty; write down what is wanted")]
    Empty,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_taken_with_one_kind_of_line_end_and_no_mark() {
        for (bytes, text) in [
            (&b"a\nb"[..], "a\nb"),
            (b"a\r\nb\r\n", "a\nb\n"),
            (b"a\rb", "a\nb"),
            (b"\xef\xbb\xbf# a", "# a"),
            ("größe 🐺".as_bytes(), "größe 🐺"),
        ] {
            assert_eq!(decode(bytes).as_deref(), Ok(text));
        }
    }

    #[test]
    fn what_is_not_text_is_refused_by_kind() {
        for (bytes, err) in [
            (&b""[..], DecodeError::Empty),
            (b" \t\r\n", DecodeError::Empty),
            (b"\xef\xbb\xbf \n", DecodeError::Empty),
            (b"abc\0def", DecodeError::Binary),
            (b"\xff\xfea\0b\0", DecodeError::Binary),
            (b"abc\xffdef", DecodeError::NotText { offset: 3 }),
            (b"gr\xf6\xdfe", DecodeError::NotText { offset: 2 }),
            (b"\xe2\x82", DecodeError::NotText { offset: 0 }),
        ] {
            assert_eq!(decode(bytes), Err(err), "{bytes:?}");
        }
    }

    #[test]
    fn the_largest_spec_is_taken_and_one_byte_more_is_not() {
        assert!(decode(&vec![b'a'; SPEC_BYTES_MAX]).is_ok());
        let bytes = SPEC_BYTES_MAX + 1;
        let err = DecodeError::TooLarge { bytes, bytes_max: SPEC_BYTES_MAX };
        assert_eq!(decode(&vec![b'a'; bytes]), Err(err));
    }
}
