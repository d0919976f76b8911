//! Content goes in and comes out.

use proptest::prelude::*;

use super::*;
use crate::{AppendError, BLOB_BYTES_MAX, ReadError};

fn content() -> impl Strategy<Value = Vec<u8>> {
    let noise = proptest::collection::vec(any::<u8>(), 0..2_000);
    let runs = (any::<u8>(), 0_usize..200_000).prop_map(|(byte, len)| vec![byte; len]);
    prop_oneof![noise, runs]
}

#[test]
fn any_content_comes_back_and_is_kept_once() {
    let home = Home::new();
    let store = home.open();
    proptest!(ProptestConfig::with_cases(64), |(bytes in content())| {
        let digest = store.put_blob(&bytes).unwrap();
        let kept = blob_digests(&store).len();
        prop_assert_eq!(&digest, &Digest::of(&bytes));
        prop_assert_eq!(store.put_blob(&bytes).unwrap(), digest.clone());
        prop_assert_eq!(blob_digests(&store).len(), kept);
        prop_assert_eq!(store.get_blob(&digest).unwrap(), Some(bytes));
    });
}

#[test]
fn content_that_repeats_itself_is_kept_small() {
    let home = Home::new();
    let store = home.open();
    store.put_blob(&vec![b'a'; 1_000_000]).unwrap();
    let kept: i64 =
        store.conn().query_row("SELECT length(content) FROM blobs", [], |row| row.get(0)).unwrap();
    assert!(kept < 10_000, "{kept}");
}

#[test]
fn a_name_that_was_never_given_has_no_content() {
    let home = Home::new();
    assert_eq!(home.open().get_blob(&Digest::of(b"nothing")).unwrap(), None);
}

#[test]
fn a_blob_over_the_limit_is_refused() {
    let home = Home::new();
    let err = home.open().put_blob(&vec![0; BLOB_BYTES_MAX + 1]).unwrap_err();
    assert!(matches!(err, AppendError::TooBig { .. }), "{err}");
}

#[test]
fn content_that_is_not_what_its_name_says_is_damaged() {
    let home = Home::new();
    let digest = home.open().put_blob(&[b'a'; 1_000]).unwrap();
    for change in [
        "content = zeroblob(10)",
        "content = zeroblob(length(content))",
        "content = zeroblob(0)",
        "size = 999",
        "size = 1001",
        "size = -1",
        "size = 9223372036854775807",
        "encoding = 0",
        "encoding = 7",
    ] {
        let sql = home.sql();
        sql.execute_batch("DROP TRIGGER IF EXISTS blobs_are_not_changed").unwrap();
        sql.execute_batch(&format!("UPDATE blobs SET {change}")).unwrap();
        let err = home.open().get_blob(&digest).unwrap_err();
        assert!(matches!(err, ReadError::BlobDamaged { .. }), "{change}: {err}");
        sql.execute_batch("DELETE FROM blobs").unwrap();
        home.open().put_blob(&[b'a'; 1_000]).unwrap();
    }
}
