use std::fs;
use std::path::PathBuf;
use std::process::Command;

#[test]
fn a_folder_on_disk() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("zz");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).unwrap();
    let book = || {
        let done = Command::new(env!("CARGO_BIN_EXE_chordline")).arg("book").arg(&folder).output().unwrap();
        (done.status.code(), String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap())
    };
    fs::write(folder.join("z.txt"), "title: Z\nkey: G\n\n").unwrap();
    fs::write(folder.join("a.txt"), "key: Em\n\n[Em]la\n").unwrap();
    let (code, out, _) = book();
    assert_eq!((code, out.as_str()), (Some(0), "a.txt: - (Em)\nz.txt: Z (G)\n"));
    fs::write(folder.join("m.txt"), "key: C\n\n[X]\n").unwrap();
    let (code, out, error) = book();
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(error.contains("m.txt"));
}
