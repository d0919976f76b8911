//! Maven, rspec and phpunit, where they are installed.

use crate::fixture::{Fixture, finds, judged, shown};

#[test]
fn examples_of_rspec_are_counted_and_named() {
    if !finds("rspec") {
        return;
    }
    let body = "RSpec.describe 'thing' do\n  it('good') { expect(1).to eq 1 }\n  it 'bad' do\n    expect(1).to eq 2\n  end\n  xit('later') {}\nend\n";
    let text = judged("tests", &[("a", "x\n")], &[("spec/a_spec.rb", body)]);
    assert!(text.starts_with("fail: 1 passed, 1 failed, 1 skipped"), "{text}");
    assert!(text.contains("tests/failed spec/a_spec.rb:4 `thing bad` failed"), "{text}");
    let broken = [("spec/a_spec.rb", body), ("spec/b_spec.rb", "raise 'x'\n")];
    let text = judged("tests", &[("a", "x\n")], &broken);
    assert!(text.starts_with("fail: 0 passed, 1 failed"), "{text}");
}

#[test]
fn tests_of_phpunit_are_counted_and_named() {
    if !finds("phpunit") {
        return;
    }
    let body = "<?php\nfinal class ATest extends PHPUnit\\Framework\\TestCase {\n  public function testGood(): void { $this->assertSame(1, 1); }\n  public function testBad(): void { $this->assertSame(1, 2); }\n  public function testLater(): void { $this->markTestSkipped('x'); }\n}\n";
    let base = [("composer.json", "{}\n")];
    let text = judged("tests", &base, &[("tests/ATest.php", body)]);
    assert!(text.starts_with("fail: 1 passed, 1 failed, 1 skipped"), "{text}");
    assert!(text.contains("tests/failed tests/ATest.php:4 `ATest::testBad` failed"), "{text}");
}

const POM: &str = "<project xmlns='http://maven.apache.org/POM/4.0.0'><modelVersion>4.0.0</modelVersion><groupId>g</groupId><artifactId>a</artifactId><version>1</version><properties><maven.compiler.source>17</maven.compiler.source><maven.compiler.target>17</maven.compiler.target></properties><dependencies><dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>4.13.2</version><scope>test</scope></dependency></dependencies></project>";

/// Where Debian keeps what Maven needs to run without a network.
const OFFLINE: &str = "/usr/share/maven-repo";

#[test]
fn tests_of_maven_are_counted_and_old_reports_are_not() {
    let surefire = format!("{OFFLINE}/org/apache/maven/plugins/maven-surefire-plugin");
    if !finds("mvn") || !std::path::Path::new(&surefire).exists() {
        return;
    }
    let settings = format!("-Dmaven.repo.local={OFFLINE}\n");
    let base = [("pom.xml", POM), (".mvn/maven.config", &*settings)];
    let body = "package x;\nimport org.junit.*;\npublic class ATest {\n  @Test public void good() {}\n  @Test public void bad() { Assert.assertEquals(1, 2); }\n  @Ignore @Test public void later() {}\n}\n";
    let forged = "<testsuite><testcase name='z'/></testsuite>";
    let files =
        [("src/test/java/x/ATest.java", body), ("target/surefire-reports/TEST-old.xml", forged)];
    let text = shown(&Fixture::new(&base).judge("tests", &files));
    assert!(text.starts_with("fail: 1 passed, 1 failed, 1 skipped"), "{text}");
    assert!(
        text.contains("tests/failed src/test/java/x/ATest.java:5 `x.ATest::bad` failed"),
        "{text}"
    );
}

#[test]
fn maven_without_what_it_needs_shows_nothing() {
    if !finds("mvn") {
        return;
    }
    let files = [("pom.xml", POM), (".mvn/maven.config", "-Dmaven.repo.local=nothing\n")];
    let text = shown(&Fixture::new(&files).judge("tests", &[("b", "x\n")]));
    assert!(
        text.starts_with("inconclusive: mvn test in the root: something that it needs"),
        "{text}"
    );
}
