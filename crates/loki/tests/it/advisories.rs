//! Advisories are brought to this machine by a command, and looked up by the judge.

use std::fs;
use std::io::Write as _;

use loki_testkit::{ForgeScript, ForgeServer, TestRepo};
use serde_json::{Value, json};

use crate::support::*;

/// An advisory about all versions of a package below 2.
fn advisory(id: &str, ecosystem: &str, name: &str) -> (String, Value) {
    let events = json!([{"introduced": "0"}, {"fixed": "2.0.0"}]);
    let document = json!({
        "id": id,
        "summary": "credentials are sent to another host",
        "modified": "2026-03-04T05:06:07Z",
        "database_specific": {"severity": "HIGH"},
        "affected": [{
            "package": {"ecosystem": ecosystem, "name": name},
            "ranges": [{"type": "ECOSYSTEM", "events": events}],
        }],
    });
    (format!("{id}.json"), document)
}

fn zip(files: &[(String, Value)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut bytes);
    for (name, document) in files {
        let file = archive.new_file(name).compression_method(rawzip::CompressionMethod::DEFLATE);
        let (mut entry, config) = file.start().unwrap();
        let level = flate2::Compression::default();
        let encoder = flate2::write::DeflateEncoder::new(&mut entry, level);
        let mut writer = config.wrap(encoder);
        writer.write_all(document.to_string().as_bytes()).unwrap();
        let (encoder, descriptor) = writer.finish().unwrap();
        encoder.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    bytes
}

/// A server that has OSV's export of these ecosystems.
fn export(zips: &[(&str, Vec<u8>)]) -> ForgeServer {
    let script = zips.iter().fold(ForgeScript::new(), |script, (ecosystem, bytes)| {
        script.answer(&format!("/{ecosystem}/all.zip"), 200, &[], bytes)
    });
    ForgeServer::start(script)
}

/// A project that asks for one package of Python, in its working tree in a newer version.
fn upgrading() -> TestRepo {
    let repo = TestRepo::new().file("requirements.txt", "requests==1.0.0\n").commit("start");
    repo.write("requirements.txt", "requests==1.1.0\n");
    repo
}

const VERIFY: [&str; 3] = ["verify", "--only", "change,dependencies"];

#[test]
fn without_a_snapshot_the_status_says_what_to_type() {
    let repo = upgrading();
    let ran = loki(&repo).args(["advisories"]).run().expect_code(1);
    assert!(ran.stderr.contains("there is no snapshot of advisories in"), "{}", ran.stderr);
    assert!(ran.stderr.contains("try: loki advisories update"), "{}", ran.stderr);
    let json = loki(&repo).args(["advisories", "status", "--json"]).run().expect_code(1).json();
    assert_eq!(json["schema_version"], 1);
    assert_eq!((&json["ecosystems"], &json["fix"]), (&json!([]), &json!("loki advisories update")));
    let doctor = loki(&repo).args(["doctor"]).run().stdout;
    assert!(doctor.contains("added packages are not looked up"), "{doctor}");
    assert!(doctor.contains("fix: loki advisories update"), "{doctor}");
}

#[test]
fn an_upgrade_is_a_concern_until_advisories_were_brought_in_and_then_is_looked_up() {
    let repo = upgrading();
    let before = loki(&repo).args(VERIFY).run().expect_code(1);
    assert!(before.stdout.contains("CONCERNS"), "{}", before.stdout);
    assert!(before.stdout.contains("the first is `requests 1.1.0`"), "{}", before.stdout);
    assert!(before.stdout.contains("loki advisories update"), "{}", before.stdout);

    let server = export(&[
        (
            "PyPI",
            zip(&[advisory("GHSA-1", "PyPI", "Requests"), advisory("GHSA-2", "PyPI", "other")]),
        ),
        ("npm", zip(&[advisory("GHSA-3", "npm", "left-pad")])),
    ]);
    let base = server.base_url();
    let update = loki(&repo).args(["advisories", "update", "--from", &base]).run().expect_code(0);
    assert!(
        update.stdout.contains("PyPI             2 advisories about 2 packages"),
        "{}",
        update.stdout
    );
    let asked: Vec<String> = server.requests().into_iter().map(|request| request.path).collect();
    assert_eq!(asked, ["/PyPI/all.zip"], "nothing of what the repository does not use");

    let after = loki(&repo).args(VERIFY).run().expect_code(2);
    assert!(
        after.stdout.contains("`requests 1.1.0` has a known vulnerability: GHSA-1"),
        "{}",
        after.stdout
    );
    repo.write("requirements.txt", "requests==2.0.0\n");
    let fixed = loki(&repo).args(VERIFY).run().expect_code(0);
    assert!(fixed.stdout.contains("VERIFIED"), "{}", fixed.stdout);
}

#[test]
fn the_status_tells_where_the_snapshot_is_and_what_it_holds() {
    let repo = upgrading();
    let source = repo.stage("export");
    fs::create_dir_all(source.join("npm")).unwrap();
    for (name, document) in [advisory("GHSA-1", "PyPI", "requests"), advisory("GHSA-2", "npm", "a")]
    {
        fs::write(source.join("npm").join(name), document.to_string()).unwrap();
    }
    let from = source.to_str().unwrap();
    let args = ["advisories", "update", "--from", from, "--ecosystem", "pypi,npm"];
    let json = loki(&repo).args(args).args(["--json"]).run().expect_code(0).json();
    assert_eq!(json["updated"].as_array().unwrap().len(), 2, "{json}");
    let json = loki(&repo).args(["advisories", "--json"]).run().expect_code(0).json();
    assert_eq!(json["directory"], json!(repo.loki_home().join("advisories")));
    assert_eq!(json["fix"], Value::Null);
    let npm = &json["ecosystems"][0];
    assert_eq!((&npm["ecosystem"], &npm["advisories"]), (&json!("npm"), &json!(1)), "{json}");
    assert_eq!((&npm["packages"], &npm["modified"]), (&json!(1), &json!("2026-03-04T05:06:07Z")));
    assert_eq!(npm["source"], json!(from));
}

#[test]
fn files_of_an_export_can_be_named_as_they_are() {
    let repo = upgrading();
    let unpacked = repo.stage("unpacked");
    fs::create_dir_all(&unpacked).unwrap();
    let (name, document) = advisory("GHSA-1", "PyPI", "requests");
    fs::write(unpacked.join(name), document.to_string()).unwrap();
    let with = |args: &[&str]| loki(&repo).args(args).env("LOKI_ADVISORIES", &unpacked).run();
    let found = with(&VERIFY).expect_code(2);
    assert!(found.stdout.contains("GHSA-1"), "{}", found.stdout);
    let status = with(&["advisories"]).expect_code(0);
    assert!(
        status.stdout.contains("1 advisories, the newest of 2026-03-04; unpacked"),
        "{}",
        status.stdout
    );
    let zipped = repo.stage("all.zip");
    fs::write(&zipped, zip(&[advisory("GHSA-2", "PyPI", "requests")])).unwrap();
    let zipped = zipped.to_str().unwrap();
    loki(&repo).args(["advisories", "update", "--from", zipped]).run().expect_code(0);
    let found = loki(&repo).args(VERIFY).run().expect_code(2);
    assert!(found.stdout.contains("GHSA-2"), "{}", found.stdout);
}

#[test]
fn an_update_that_fails_leaves_the_old_snapshot_and_says_what_to_do() {
    let repo = upgrading();
    let whole = zip(&[advisory("GHSA-1", "PyPI", "requests")]);
    let server = export(&[("PyPI", whole.clone())]);
    let update = |from: &str| loki(&repo).args(["advisories", "update", "--from", from]).run();
    update(&server.base_url()).expect_code(0);
    let newer = [advisory("GHSA-9", "npm", "requests")];
    for (wrong, said) in [
        (export(&[]), "answered 404"),
        (export(&[("PyPI", whole[..whole.len() / 2].to_vec())]), "is no whole zip file"),
        (export(&[("PyPI", b"<html>".to_vec())]), "is no whole zip file"),
        (export(&[("PyPI", zip(&newer))]), "it holds no advisories of PyPI"),
    ] {
        let failed = update(&wrong.base_url()).expect_code(1);
        assert!(failed.stderr.contains(said), "{said}: {}", failed.stderr);
        assert!(failed.stderr.contains("try: "), "{}", failed.stderr);
        let found = loki(&repo).args(VERIFY).run().expect_code(2);
        assert!(found.stdout.contains("GHSA-1"), "{}", found.stdout);
    }
    let gone = server.base_url();
    drop(server);
    let failed = update(&gone).expect_code(1);
    assert!(failed.stderr.contains("can not be reached"), "{}", failed.stderr);
    loki(&repo).args(["advisories"]).run().expect_code(0);
}

#[test]
fn one_ecosystem_that_fails_does_not_keep_the_others_out() {
    let repo = upgrading();
    let server = export(&[("PyPI", zip(&[advisory("GHSA-1", "PyPI", "requests")]))]);
    let base = server.base_url();
    let args = ["advisories", "update", "--from", &base, "--ecosystem", "npm,PyPI", "--json"];
    let json = loki(&repo).args(args).run().expect_code(1).json();
    assert_eq!(json["updated"][0]["ecosystem"], "PyPI", "{json}");
    assert_eq!(json["failed"][0]["ecosystem"], "npm", "{json}");
    loki(&repo).args(VERIFY).run().expect_code(2);
}

#[test]
fn a_place_that_is_none_and_an_address_in_the_open_are_refused_before_anything_is_asked() {
    let repo = upgrading();
    let update = |from: &str| {
        loki(&repo).args(["advisories", "update", "--from", from]).run().expect_code(2).stderr
    };
    let said = update("nowhere");
    assert!(said.contains("there is no `nowhere`"), "{said}");
    let said = update("http://advisories.example.test/export");
    assert!(said.contains("http:// is for this machine only"), "{said}");
    let unknown = ["advisories", "update", "--ecosystem", "cobol"];
    let said = loki(&repo).args(unknown).run().expect_code(2).stderr;
    assert!(said.contains("it is none of npm, crates.io, PyPI"), "{said}");
}

#[test]
fn a_newer_snapshot_makes_a_kept_verdict_of_an_upgrade_stale() {
    let repo = upgrading();
    let bring = |ids: &[&str]| {
        let all: Vec<(String, Value)> = ids.iter().map(|id| advisory(id, "PyPI", id)).collect();
        let path = repo.stage("all.zip");
        fs::write(&path, zip(&all)).unwrap();
        let path = path.to_str().unwrap();
        loki(&repo).args(["advisories", "update", "--from", path]).run().expect_code(0);
    };
    bring(&["other"]);
    loki(&repo).args(VERIFY).run().expect_code(0);
    bring(&["other", "requests"]);
    let again = loki(&repo).args(VERIFY).run().expect_code(2);
    assert!(again.stdout.contains("known vulnerability: requests"), "{}", again.stdout);
}
